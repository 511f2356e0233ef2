"""Stamps: texts, integers, dates and clocks of a source become int64 nanoseconds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lts.errors import BarsError, ParameterError, near_miss

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    Int64 = NDArray[np.int64]
    Bool = NDArray[np.bool_]

UNITS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
_DAY_MS = 86_400_000
_LOWEST, _HIGHEST = (int(np.datetime64(day, "ns").astype(np.int64)) for day in ("1900-01-02", "2199-12-30"))

_SECONDS = r"(?:(?P=colon)(?P<S>\d{2})(?P<f>[.,]\d+|\d{3}|)|)"
_CLOCK = rf"(?P<gap>[T ]+|)(?P<H>\d{{1,2}})(?P<colon>:?)(?P<M>\d{{2}}){_SECONDS}(?P<half>\s?[AaPp][Mm]|)"
_ZONE = r"(?P<zone>\s*(?:Z|(?:UTC|GMT)?\s*[+-]\d{2}:?\d{2}|UTC|GMT)|)"
_YEAR_FIRST = re.compile(rf"(?P<y>\d{{4}})(?P<s>[-./]?)\d{{2}}(?P=s)\d{{2}}(?:{_CLOCK}{_ZONE}|)")
_YEAR_LAST = re.compile(rf"(?P<a>\d{{1,2}})(?P<s>[-./])(?P<b>\d{{1,2}})(?P=s)(?P<y>\d{{4}})(?:{_CLOCK}{_ZONE}|)")
_JUST_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?")


class Stamps(NamedTuple):
    """Stamps as numbers."""

    time: Int64  # [n] nanoseconds, of the file's clock or UTC; arbitrary where unreadable
    zoned: bool  # UTC already
    unreadable: Bool  # [n]


def read_stamps(
    series: pl.Series, dates: pl.Series | None, *, unit: str | None, date: str | None, layout: str | None, text: bool, where: str
) -> Stamps:
    """Return a column of stamps as nanoseconds.

    Parameters
    ----------
    series : polars Series, no nulls
        Stamps, or times of day.
    dates : polars Series or None
        Days, where the source has them in a column of their own.
    unit : str or None
        "s", "ms", "us", "ns" for integers since 1970, "ms_of_day" for milliseconds since midnight.
    date : str or None
        The day of a file that has times of day only.
    layout : str or None
        Format in strftime's letters.
    text : bool
        From a text file: 20120201 is a date there.

    Raises
    ------
    BarsError
        Numbers of no stated unit, a day that is missing, texts of two readings.
    """
    import polars as pl

    if unit is not None and unit not in (*UNITS, "ms_of_day"):
        raise ParameterError(
            f"unit: was {unit!r}; it must be one of {', '.join(UNITS)}, ms_of_day.{near_miss(unit, (*UNITS, 'ms_of_day'))}"
        )
    if series.dtype.is_integer() or series.dtype.is_float():
        return _numbers(series, dates, unit, date, layout, text, where)
    if dates is not None or date is not None:
        series = _joined(series, dates, date)
    if isinstance(series.dtype, pl.Datetime):
        return _datetimes(series)
    if series.dtype == pl.Date:
        return _datetimes(series.cast(pl.Datetime("us")))
    if series.dtype == pl.String:
        return _texts(series.str.strip_chars(), layout, where)
    if series.dtype == pl.Time:
        raise BarsError(f"{where}, {series.name}: holds times of day; stamps need a day. Pass date='2014-05-05'.")
    raise BarsError(f"{where}, {series.name}: holds {series.dtype}; stamps must be times, texts or integers.")


def _datetimes(series: pl.Series) -> Stamps:
    dtype: Any = series.dtype
    raw = series.to_physical().fill_null(0).to_numpy().astype(np.int64)
    factor = UNITS[dtype.time_unit]
    outside = (raw < _LOWEST // factor) | (raw > _HIGHEST // factor)
    return Stamps(np.where(outside, 0, raw) * factor, dtype.time_zone is not None, outside)


def _numbers(
    series: pl.Series, dates: pl.Series | None, unit: str | None, date: str | None, layout: str | None, text: bool, where: str
) -> Stamps:
    import polars as pl

    values = series.to_numpy()
    whole = np.isfinite(values) & (np.rint(np.where(np.isfinite(values), values, 0)) == values)
    if unit is None and dates is None and text and whole.all():
        length = len(str(int(values.max())))
        form = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}.get(length)
        if form is not None and str(int(values.min()))[:2] in ("19", "20", "21"):
            return _texts(series.cast(pl.Int64).cast(pl.String), layout or form, where)
    if unit == "ms_of_day" or (unit is None and date is not None):
        return _of_day(values, whole, date, where, series.name)
    if unit is None:
        raise BarsError(
            f"{where}, {series.name}: holds numbers ({values[0]!s} first) of no stated unit; stamps must say what they count. "
            "Pass unit='s', 'ms', 'us' or 'ns' (since 1970), or date='2014-05-05' for milliseconds since midnight."
        )
    factor = UNITS[unit]
    outside = ~np.isfinite(values) | (values < _LOWEST / factor) | (values > _HIGHEST / factor)
    usable = np.where(outside, 0, values)
    if series.dtype.is_float():
        micro = np.rint(usable * (factor / 1_000)).astype(np.int64) if factor >= 1_000 else usable.astype(np.int64) // 1_000
        return Stamps(micro * 1_000, False, outside)
    return Stamps(usable.astype(np.int64) * factor, False, outside)


def _of_day(values: NDArray[Any], whole: Bool, date: str | None, where: str, name: str) -> Stamps:
    if date is None:
        raise BarsError(f"{where}, {name}: holds milliseconds since midnight and no day is known. Pass date='2014-05-05'.")
    inside = whole & (values >= 0) & (values < _DAY_MS)
    start = int(np.datetime64(date, "ns").astype(np.int64))
    return Stamps(start + np.where(inside, values, 0).astype(np.int64) * UNITS["ms"], False, ~inside)


def _joined(series: pl.Series, dates: pl.Series | None, date: str | None) -> pl.Series:
    """Return days and times of day as one text, or the stamps as they are when they have a day already."""
    import polars as pl

    clock = series.cast(pl.String) if series.dtype == pl.Time else series
    if clock.dtype != pl.String or not _JUST_CLOCK.fullmatch(str(clock[0]).strip()):
        return series
    if dates is None:
        return (f"{date} " + clock.str.strip_chars()).alias(series.name)
    return (dates.cast(pl.String).str.strip_chars() + " " + clock.str.strip_chars()).alias(series.name)


def _texts(series: pl.Series, layout: str | None, where: str) -> Stamps:
    import polars as pl

    form, zone = (layout, "%z" in layout) if layout is not None else _format(series, where)
    texts = series
    if zone:  # one spelling of the zone: +0100
        texts = texts.str.replace(r"\s*(?:UTC|GMT)?\s*([+-]\d{2}):?(\d{2})$", "${1}${2}").str.replace(r"\s*(?:Z|UTC|GMT)$", "+0000")
    if layout is None:
        texts = texts.str.replace(r",(\d+)", ".${1}")
    try:
        parsed = texts.str.to_datetime(form, time_unit="us", strict=False, time_zone="UTC" if zone else None)
    except pl.exceptions.PolarsError:
        try:
            parsed = texts.str.to_date(form, strict=False).cast(pl.Datetime("us"))
        except pl.exceptions.PolarsError as error:
            raise ParameterError(
                f"{where}, layout stamp: {form!r} is no format of stamps ({str(error).splitlines()[0]})."
            ) from error
    missing = parsed.is_null().to_numpy()
    found = _datetimes(parsed)
    return Stamps(found.time, zone, found.unreadable | missing)


def _format(series: pl.Series, where: str) -> tuple[str, bool]:
    """Return the format of texts, and whether they end in a zone; the first text that is a time decides."""
    for value in series.head(100).to_list():
        if match := _YEAR_FIRST.fullmatch(value):
            s = match["s"]
            return f"%Y{s}%m{s}%d" + _clock(match), bool(match["zone"])
        if match := _YEAR_LAST.fullmatch(value):
            s = match["s"]
            days = ("%d", "%m") if _day_first(series, s, where) else ("%m", "%d")
            return s.join((*days, "%Y")) + _clock(match), bool(match["zone"])
    raise BarsError(
        f"{where}, row 0: stamp {series[0]!r} is in no known form; stamps must be like 2014-05-06 13:00 or 06.05.2014 13:00. "
        "State the form with layout={'stamp': '%d %b %Y %H:%M'}."
    )


def _clock(match: re.Match[str]) -> str:
    if match["H"] is None:
        return ""
    colon, half = match["colon"], bool(match["half"])
    seconds = "" if match["S"] is None else f"{colon}%S" + ("%.f" if colon else ("%3f" if match["f"] else ""))
    spaced = " %p" if half and match["half"][0] == " " else "%p"
    return f"{match['gap']}{'%I' if half else '%H'}{colon}%M{seconds}{spaced if half else ''}" + ("%z" if match["zone"] else "")


def _day_first(series: pl.Series, separator: str, where: str) -> bool:
    """Return whether the day comes before the month; dots say so by themselves, the others only by a number above 12."""
    import polars as pl

    if separator == ".":
        return True
    parts = series.str.extract_groups(r"^(\d{1,2})[-/](\d{1,2})[-/]")
    first, second = (int(parts.struct.field(name).cast(pl.Int64).max() or 0) for name in ("1", "2"))  # type: ignore[arg-type]
    if (first > 12) == (second > 12):
        raise BarsError(
            f"{where}, row 0: stamp {series[0]!r} may be day first or month first, and no row tells; the order must be known. "
            "State it with layout={'stamp': '%d/%m/%Y %H:%M'} or '%m/%d/...'."
        )
    return first > 12
