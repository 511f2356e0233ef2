"""`lts data import` and `lts data sample`: bars put into the catalogue."""

from __future__ import annotations

import glob
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lts.cli.data import Reading, faults, keep, read, require_one_end
from lts.cli.exits import UsageError
from lts.cli.show import as_json, say, table
from lts.errors import BarsError, LtsError, near_miss

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lts.data.bars import Bars
    from lts.data.catalog import Catalog

SAMPLES = (
    ("eurusd_h1", "EUR_USD", "H1", "hours of 2017, a broker's asks, bids 1 pip below; needs the package gym-anytrading"),
    ("ecb", "any pair, as GBP_JPY", "D1", "reference rates of the European Central Bank since 1999, one price a day"),
    ("synthetic", "any pair", "any", "generated, by --n and --seed; needs --out or --into"),
)
_COUNTS = ("rows", "bars", "new", "identical", "kept", "replaced")


class Outcome(NamedTuple):
    """What became of a file: counts and warnings, or why it was not imported."""

    file: str
    said: dict[str, Any]
    error: LtsError | None = None


def import_files(words: Sequence[str], how: Reading, into: Path | None, on_conflict: str, *, wants_json: bool) -> None:
    """Read files and put their bars into the catalogue; files that cannot be read are told at the end, the others are in.

    Raises
    ------
    LtsError
        Of one file alone its own error; of several a BarsError that names each that failed.
    """
    from lts.data.catalog import Catalog
    from lts.data.catalog_add import check_conflict
    from lts.data.faultlog import policies
    from lts.data.timeframes import duration
    from lts.instruments import instrument

    check_conflict(on_conflict)
    policies(faults(how.on_fault), {})
    instrument(how.instrument)
    duration(how.timeframe)
    catalog = Catalog(into)
    began = time.perf_counter()
    done = [_one(catalog, word, how, on_conflict) for word in _watched(_expanded(words))]
    _report(done, catalog, time.perf_counter() - began, wants_json=wants_json)
    failed = [outcome for outcome in done if outcome.error is not None]
    if failed:
        _fail(failed, len(done))


def _one(catalog: Catalog, file: str, how: Reading, on_conflict: str) -> Outcome:
    try:
        bars = read(Path(file), how)
        added = catalog.add(bars, on_conflict)
    except LtsError as error:
        return Outcome(file, {"error": str(error)}, error)
    quality = bars.quality.as_dict()
    told = {"rows": quality["source_rows"], "bars": len(bars), **added._asdict()}
    touched = {fault: touch["count"] for fault, touch in quality["faults"].items()}
    return Outcome(file, {**told, "faults": touched, "warnings": quality["warnings"], "notes": list(bars.notes)})


def _expanded(words: Sequence[str]) -> list[str]:
    """Return the files, each once; a pattern that no shell has expanded is expanded, a name that fits nothing stays."""
    found: dict[str, None] = {}
    for word in words:
        is_pattern = glob.has_magic(word) and not Path(word).exists()
        files = sorted(glob.glob(word, recursive=True)) if is_pattern else []  # noqa: PTH207  (Path.glob takes no absolute pattern)
        found.update(dict.fromkeys(files or [word]))
    return list(found)


def _watched(files: Sequence[str]) -> Iterator[str]:
    """Go through the files, with a bar for the person at the terminal where there is one."""
    if len(files) < 2 or not sys.stderr.isatty():
        yield from files
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(files, "import", console=Console(stderr=True), transient=True)


def _report(done: Sequence[Outcome], catalog: Catalog, seconds: float, *, wants_json: bool) -> None:
    """Write a row a file on stdout, and on stderr warnings and how long it took."""
    good = [outcome for outcome in done if outcome.error is None]
    if wants_json:
        as_json({"folder": str(catalog.folder), "files": [{"file": outcome.file, **outcome.said} for outcome in done]})
    elif good:
        table([("file", *_COUNTS), *((o.file, *(f"{o.said[name]:,}" for name in _COUNTS)) for o in good)])
    for outcome in good:
        for warning in outcome.said["warnings"]:
            say(f"{outcome.file}: {warning}")
    rows = sum(outcome.said["rows"] for outcome in good)
    if rows:
        files = f"{len(good)} files" if len(good) > 1 else "1 file"
        say(f"{rows:,} rows of {files} into {catalog.folder} in {seconds:.1f} s, {rows / seconds:,.0f} rows/s")


def _fail(failed: Sequence[Outcome], of: int) -> None:
    first = failed[0].error
    if of == 1 and first is not None:
        raise first
    lines = "\n".join(f"  {outcome.error}" for outcome in failed)
    rest = "no other was there" if len(failed) == of else "the others are in the catalogue"
    raise BarsError(f"import: {len(failed)} of {of} files were not imported, {rest}:\n{lines}")


class Wish(NamedTuple):
    """What the options say about a sample."""

    instrument: str
    timeframe: str
    spread: float | None
    n: int
    seed: int


def sample(name: str | None, wish: Wish, out: Path | None, into: Path | None, *, wants_json: bool) -> None:
    """List the samples, or write one to a file or into the catalogue.

    Raises
    ------
    UsageError
        An unknown name, two places to write to, or generated bars without one.
    """
    if name is None:
        if wants_json:
            as_json([dict(zip(("name", "instrument", "timeframe", "about"), row, strict=True)) for row in SAMPLES])
        else:
            table([("name", "instrument", "timeframe", "what it is"), *SAMPLES])
        return
    known = [row[0] for row in SAMPLES]
    if name not in known:
        raise UsageError(f"sample: {name!r} is none; it must be one of {', '.join(known)}.{near_miss(name, known)}")
    if name == "synthetic" and out is None and into is None:
        raise UsageError(
            "sample synthetic: had no place to go to; generated bars must not lie among real ones. Pass --out or --into."
        )
    require_one_end(out, into)
    keep(_take(name, wish), out, into, wants_json=wants_json)


def _take(name: str, wish: Wish) -> Bars:
    from lts.data import samples
    from lts.data.synthetic import synthetic_bars

    if name == "synthetic":
        return synthetic_bars(wish.instrument, wish.timeframe, wish.n, wish.seed, spread_pips=wish.spread)
    if name == "ecb":
        return samples.ecb(wish.instrument, wish.spread)
    return samples.eurusd_h1() if wish.spread is None else samples.eurusd_h1(wish.spread)
