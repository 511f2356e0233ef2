"""Results on disk: a folder of parquet tables and one JSON file, no pickle."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lts._version import __version__
from lts.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd

    from lts.research.result import Result

SCHEMA = 1
TABLES = ("trades", "fills", "orders")


@dataclass(frozen=True)
class SavedResult:
    """A result read back: the same tables and numbers; it can no longer be run again or traced, for its bars are not in it."""

    stats: pd.Series[float]
    trades: pd.DataFrame
    fills: pd.DataFrame
    orders: pd.DataFrame
    equity: pd.Series[float]
    balance: pd.Series[float]
    notes: tuple[str, ...]
    recipe: dict[str, Any]

    def __repr__(self) -> str:
        return f"SavedResult({', '.join(self.recipe['strategies'])}: {len(self.trades)} trades, saved by lts {self.recipe['lts']})"


def recipe(result: Result) -> dict[str, Any]:
    """Return what the result was made of: strategies, data, costs, account, options, versions."""
    options = result.setup.options
    return {
        "schema": SCHEMA,
        "lts": __version__,
        "strategies": [repr(s) for s in result.strategies],
        "data": [
            {"instrument": b.instrument.name, "timeframe": b.timeframe, "bars": len(b), "fingerprint": b.fingerprint}
            for b in result.setup.bars
        ],
        "costs": {name: value if _plain(value) else repr(value) for name, value in _fields(options.costs).items()},
        "account": asdict(options.account),
        "intrabar": options.intrabar,
        "stale_open": options.stale_open,
        "close_at_end": options.close_at_end,
        "trade_from": options.trade_from,
    }


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__} if is_dataclass(value) else {}


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool | type(None) | tuple)


def save(result: Result, folder: str | Path) -> Path:
    """Write trades, fills, orders, equity and balance as parquet, and stats, notes and recipe as `result.json`; return the folder.

    Raises
    ------
    ParameterError
        The path is a file, or a folder that holds something other than a result.
    """
    path = Path(folder)
    if path.is_file() or (path.is_dir() and any(path.iterdir()) and not (path / "result.json").exists()):
        raise ParameterError(f"save {str(path)!r}: is there already and holds no result; choose a new or empty folder.")
    path.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        getattr(result, name).to_parquet(path / f"{name}.parquet")
    curves = result.equity.to_frame()
    curves["balance"] = result.balance
    curves.to_parquet(path / "equity.parquet")
    about = {**recipe(result), "stats": dict(result.stats.items()), "notes": list(result.notes)}
    text = json.dumps(about, indent=2, default=float)
    temporary = path / "result.json.part"
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path / "result.json")  # last and at once: a folder with this file is complete
    return path


def load_result(folder: str | Path) -> SavedResult:
    """Read a saved result.

    Raises
    ------
    ParameterError
        There is no complete result in the folder, or a newer LTS wrote it.
    """
    import pandas as pd

    path = Path(folder)
    try:
        about = json.loads((path / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ParameterError(f"load_result {str(path)!r}: {error}; it must be a folder written by result.save(...).") from error
    if about.get("schema") != SCHEMA:
        raise ParameterError(f"load_result {str(path)!r}: has schema {about.get('schema')!r}; this lts reads {SCHEMA}. Update lts.")
    tables = {name: pd.read_parquet(path / f"{name}.parquet") for name in TABLES}
    curves = pd.read_parquet(path / "equity.parquet")
    stats = pd.Series({name: float("nan") if v is None else v for name, v in about.pop("stats").items()}, dtype=float, name="value")
    notes = tuple(about.pop("notes"))
    return SavedResult(stats=stats, equity=curves["equity"], balance=curves["balance"], notes=notes, recipe=about, **tables)
