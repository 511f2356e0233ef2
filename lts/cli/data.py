"""`lts data check` and `lts data resample`: bars in a file, looked at and put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lts.cli.show import as_json, say
from lts.errors import ParameterError

if TYPE_CHECKING:
    from pathlib import Path

    from lts.data.bars import Bars


def read(path: Path, instrument: str, timeframe: str, side: str | None, spread: str | None, tz: str | None) -> Bars:
    """Return the bars of a file; what the options say is what `lts.read_bars` is told."""
    from lts.data.read import read_bars

    return read_bars(path, instrument=instrument, timeframe=timeframe, side=side, spread=_spread(spread), tz=tz)


def check(bars: Bars, *, wants_json: bool) -> None:
    """Write what is known about the bars' quality."""
    if wants_json:
        as_json(bars.quality.as_dict())
    else:
        print(bars.quality)


def resample(bars: Bars, timeframe: str, out: Path) -> None:
    """Write the bars of a longer time frame to a parquet or CSV file, by its ending.

    Raises
    ------
    ParameterError
        An ending that is neither.
    """
    if out.suffix not in {".parquet", ".csv"}:
        raise ParameterError(f"{out}: ends in {out.suffix!r}; it must end in .parquet or .csv.")
    frame = bars.resample(timeframe).to_pandas()
    if out.suffix == ".csv":
        frame.to_csv(out)
    else:
        frame.to_parquet(out)
    say(f"{len(frame):,} {timeframe} bars written to {out}")


def _spread(text: str | None) -> str | float | None:
    """Return a number of pips, or the name of a profile or column."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return text
