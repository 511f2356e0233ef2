"""What a result was made of, in plain JSON values: enough to make it again and to say what has changed since.

A recipe holds

strategies
    One a sleeve: `class` ("module:Name"), `parameters`, `repr`, `code` (digest, `lts.research.code`), `factor` (of its units).
data
    One a sleeve: bars, as below. `detail` holds the finer bars by instrument.
rates
    None, or `sources` (pair to bars, currency to number), `mode`, `markup`, `max_age` (ns).
costs, costs_stated, account, intrabar, stale_open, close_at_end, trade_from, seed
    What `run` was told; `trade_from` as ISO text with nanoseconds. Dated swap rates are `times` (ns UTC) and `values`.
versions, command
    Of lts, Python, numpy, numba, llvmlite, pandas, the machine; the words of the command line, where there was one.
outcome
    `equity`, `fills`, `trades`, `orders`: digests (BLAKE2b) of the numbers themselves; their counts; the final balance.

Bars are `instrument`, `terms` (its fields), `timeframe`, `bars` (count), `first`, `last`, `fingerprint`, `origin`
(`lts.data.origin`; None: kept beside the recipe), `notes`, `columns` (a digest each) and `blocks` (a digest for each `size` rows,
so that a change can be placed).
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import asdict, fields
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

from lts._version import __version__
from lts.research.code import code_digest
from lts.sim.checks import real
from lts.sim.dated import Dated
from lts.sim.rates import RatesSettings
from lts.words import MICRO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lts.data.bars import Bars
    from lts.research.result import Result
    from lts.research.setup import Setup
    from lts.sim.costs import AnnualSwap, Costs, PointsSwap
    from lts.strategies.base import Strategy

PACKAGES = ("numpy", "numba", "llvmlite", "pandas")
BLOCKS = 64  # at most so many digests place a change of the data
COLUMNS = ("bid_open", "bid_high", "bid_low", "bid_close", "ask_open", "ask_high", "ask_low", "ask_close")


def recipe(result: Result, command: Sequence[str] | None = None) -> dict[str, Any]:
    """Return what a result was made of; every value is one that JSON has, nan excluded.

    Parameters
    ----------
    command : sequence of str or None
        The words of the command line that asked for the run.
    """
    again, stated = result._again, result._stated_costs  # noqa: SLF001  (the two rooms are one house)
    return {
        "strategies": [_strategy(s, f) for s, f in zip(result.strategies, result.factors, strict=True)],
        **about_market(result.setup, again, stated=stated),
        "versions": versions(),
        "command": None if command is None else list(command),
        "outcome": outcome(result),
    }


def about_market(setup: Setup, again: Mapping[str, Any], *, stated: bool) -> dict[str, Any]:
    """Return what a market was made of: bars, costs, account, rules."""
    options, detail = setup.options, again["detail"]
    finer = detail if isinstance(detail, Mapping) else {} if detail is None else {detail.instrument.name: detail}
    return {
        "data": [about_bars(bars) for bars in setup.bars],
        "detail": {name: about_bars(bars) for name, bars in finer.items()},
        "rates": _rates(again["rates"]),
        "costs": _costs(options.costs),
        "costs_stated": stated,
        "account": {name: _number(value) for name, value in asdict(options.account).items()},
        "intrabar": options.intrabar,
        "stale_open": options.stale_open,
        "close_at_end": options.close_at_end,
        "trade_from": None if options.trade_from is None else iso(options.trade_from),
        "seed": _number(options.costs.slippage_seed),
    }


def about_bars(bars: Bars) -> dict[str, Any]:
    """Return what identifies bars, and what tells how they have changed."""
    size = block_size(len(bars))
    return {
        "instrument": bars.instrument.name,
        "terms": {name: _number(value) for name, value in asdict(bars.instrument).items()},
        "timeframe": bars.timeframe,
        "bars": len(bars),
        "first": iso(int(bars.time[0])) if len(bars) else None,
        "last": iso(int(bars.time[-1])) if len(bars) else None,
        "fingerprint": bars.fingerprint,
        "origin": bars.origin,
        "notes": list(bars.notes),
        "columns": columns(bars),
        "blocks": {"size": size, "digests": blocks(bars, size)},
    }


def columns(bars: Bars) -> dict[str, str]:
    """Return a digest of each column: time, the eight prices in points, volume."""
    prices = dict(zip(COLUMNS, bars.points.matrix, strict=True))
    return {"time": _digest(bars.time), **{n: _digest(p) for n, p in prices.items()}, "volume": _digest(_one_nan(bars.volume))}


def block_size(rows: int) -> int:
    """Return how many rows a block has: at least 64, at most `BLOCKS` blocks."""
    return max(64, -(-rows // BLOCKS))


def blocks(bars: Bars, size: int) -> list[str]:
    """Return a digest for each block of `size` rows."""
    volume, matrix = _one_nan(bars.volume), bars.points.matrix
    return [
        _digest(bars.time[a : a + size], matrix[:, a : a + size], volume[a : a + size], size=8) for a in range(0, len(bars), size)
    ]


def outcome(result: Result) -> dict[str, Any]:
    """Return digests of equity and of each log, how many rows they have, and the final balance."""
    digests = {name: _digest(*log.values(), names=tuple(log)) for name, log in result.logs.items()}
    counts = {name: len(next(iter(log.values()))) for name, log in result.logs.items()}
    return {
        "equity": _digest(result.equity_micro),
        **digests,
        "counts": {"closes": len(result.equity_micro), **counts},
        "final_balance": result.final_micro / MICRO,
    }


def versions() -> dict[str, str]:
    """Return the versions of what computes, and the machine's kind."""
    found = {"lts": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "unknown"
    return {**found, "machine": f"{platform.system()} {platform.machine()}"}


def iso(stamp: int) -> str:
    """Return ns UTC as ISO text, exact to the nanosecond."""
    return f"{np.datetime64(stamp, 'ns')}Z"


def stamp_of(text: str) -> int:
    """Return ns UTC of a text that `iso` wrote."""
    return int(np.datetime64(text.removesuffix("Z"), "ns").astype(np.int64))


def _strategy(strategy: Strategy, factor: float) -> dict[str, Any]:
    return {
        **about_class(type(strategy)),
        "parameters": {name: _number(value) for name, value in strategy.values.items()},
        "repr": repr(strategy),
        "factor": factor,
    }


def about_class(cls: type[Strategy]) -> dict[str, Any]:
    """Return where a strategy's class is, and a digest of its code."""
    return {"class": f"{cls.__module__}:{cls.__qualname__}", "code": code_digest(cls)}


def _rates(rates: RatesSettings | Mapping[str, Any] | None) -> dict[str, Any] | None:
    if rates is None:
        return None
    settings = rates if isinstance(rates, RatesSettings) else RatesSettings(rates)
    sources = {name: _source(source) for name, source in settings.sources.items()}
    return {"sources": sources, "mode": settings.mode, "markup": _number(settings.markup), "max_age": settings.max_age}


def _source(source: Any) -> Any:
    """Return what is said about a source of rates; bars of somebody else's making are only named, and cannot be had again."""
    return about_bars(source) if hasattr(source, "fingerprint") else _number(source) if real(source) is not None else repr(source)


def _costs(costs: Costs) -> dict[str, Any]:
    stated = {field.name: getattr(costs, field.name) for field in fields(costs)}
    swap = stated.pop("swap")
    by_name = isinstance(swap, Mapping)
    models = {name: _swap(model) for name, model in swap.items()} if by_name else None if swap is None else _swap(swap)
    nights = [int(n) for n in stated.pop("nights")]
    return {**{name: _number(value) for name, value in stated.items()}, "nights": nights, "swap": models}


def _swap(model: AnnualSwap | PointsSwap) -> dict[str, Any]:
    return {"kind": type(model).__name__, **{field.name: _dated(getattr(model, field.name)) for field in fields(model)}}


def _dated(value: Any) -> Any:
    if isinstance(value, Dated):
        return {"times": [int(t) for t in value.times], "values": [float(v) for v in value.values]}
    return _number(value)


def _number(value: Any) -> Any:
    """Return numpy's scalars as Python's."""
    return value.item() if isinstance(value, np.generic) else value


def _one_nan(volume: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isnan(volume), np.nan, volume)


def _digest(*arrays: NDArray[Any], names: tuple[str, ...] = (), size: int = 16) -> str:
    """Return a digest of arrays' bytes, in one order on every machine."""
    hashed = hashlib.blake2b("|".join(names).encode(), digest_size=size)
    for array in arrays:
        hashed.update(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).data)
    return hashed.hexdigest()
