"""Results read back from their folders; what is damaged is said, never guessed."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lts.errors import ParameterError, ResultError

if TYPE_CHECKING:
    import pandas as pd

    from lts.data.bars import Bars

SCHEMA = 2  # of result.json, see lts.research.saved
TABLES = ("trades", "fills", "orders")


@dataclass(frozen=True)
class SavedResult:
    """A result read back: the same tables and numbers. `lts.rerun` makes the whole result again."""

    stats: pd.Series[float]
    reasons: dict[str, str]
    trades: pd.DataFrame
    fills: pd.DataFrame
    orders: pd.DataFrame
    equity: pd.Series[float]
    balance: pd.Series[float]
    notes: tuple[str, ...]
    recipe: dict[str, Any]

    def __repr__(self) -> str:
        rules = ", ".join(strategy["repr"] for strategy in self.recipe["strategies"])
        return f"SavedResult({rules}: {len(self.trades)} trades, saved by lts {self.recipe['versions']['lts']})"


def kept_bars(folder: Path, entry: dict[str, Any]) -> Bars:
    """Return bars that were kept beside a result; `entry` is what the recipe says about them.

    Raises
    ------
    OSError, pyarrow.ArrowInvalid
        The file is gone or damaged.
    """
    import numpy as np
    import pyarrow.parquet as pq

    from lts.data.bars import PRICES, Bars
    from lts.instruments import Instrument

    table = pq.read_table(folder / "bars" / f"{entry['fingerprint']}.parquet")
    matrix = np.stack([table[name].to_numpy() for name in PRICES])
    pair, notes = Instrument(**entry["terms"]), tuple(entry["notes"])
    return Bars.from_points(pair, entry["timeframe"], table["time"].to_numpy(), matrix, table["volume"].to_numpy(), notes)


def read_about(folder: str | Path) -> dict[str, Any]:
    """Return result.json of a folder.

    Raises
    ------
    ParameterError
        There is none.
    ResultError
        It is damaged, or of another schema.
    """
    path = Path(folder).expanduser() / "result.json"
    where = f"load_result {str(folder)!r}"
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ParameterError(
            f"{where}: has no result.json; it must be a folder written by result.save(...). The folder of a kept one is "
            "lts.results().find(id)."
        ) from error
    except (OSError, ValueError) as error:
        raise ResultError(f"{where}: result.json is damaged ({error}); it must be whole. Save the result again.") from error
    schema = about.get("schema") if isinstance(about, dict) else None
    if schema != SCHEMA:
        newer = isinstance(schema, int) and schema > SCHEMA
        cure = "Update lts." if newer else "Run it again and save that."
        raise ResultError(f"{where}: has schema {schema!r}; this lts reads {SCHEMA}. {cure}")
    kinds = {"recipe": dict, "stats": dict, "reasons": dict, "notes": list}
    wrong = [name for name, kind in kinds.items() if not isinstance(about.get(name), kind)]
    if wrong:
        raise ResultError(f"{where}: result.json has no right {', '.join(wrong)}; it must be whole. Save the result again.")
    found: dict[str, Any] = about
    return found


def load_result(folder: str | Path) -> SavedResult:
    """Read a saved result.

    Raises
    ------
    ParameterError
        There is no result in the folder.
    ResultError
        The result is damaged or incomplete, or a newer LTS wrote it.
    """
    import pandas as pd

    path = Path(folder).expanduser()
    about = read_about(path)
    tables = {name: read_table(path, name) for name in TABLES}
    curves = read_table(path, "equity")
    stats = pd.Series({name: math.nan if v is None else v for name, v in about["stats"].items()}, dtype=float, name="value")
    return SavedResult(
        stats=stats, reasons=about["reasons"], equity=curves["equity"], balance=curves["balance"], notes=tuple(about["notes"]),
        recipe=about["recipe"], **tables,
    )  # fmt: skip


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Return a table of a saved result: "trades", "fills", "orders" or "equity".

    Raises
    ------
    ResultError
        Its file is missing or damaged.
    """
    import pandas as pd

    try:
        return pd.read_parquet(folder / f"{name}.parquet")
    except (OSError, ValueError) as error:  # pyarrow's errors are of both kinds
        raise ResultError(
            f"load_result {str(folder)!r}: {name}.parquet cannot be read ({error}); the result must be whole. Save it again."
        ) from error
