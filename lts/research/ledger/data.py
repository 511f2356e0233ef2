"""Which bars: the identity under which trials are counted."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from lts.data.bars import Bars

    What: TypeAlias = "Bars | Sequence[Bars] | str | Data"

SMALL = 20_000  # bars; SHA-256 of so many takes half a millisecond
BLOCK = 4_096  # words a quick key adds up at once


class Data(NamedTuple):
    """Bars, or those of a portfolio, from the first that trades on; of a fingerprint that came as text nothing else is known."""

    fingerprint: str
    since: int | None = None  # ns UTC, where trading began after the first bar
    instrument: str = ""
    timeframe: str = ""
    bars: int = 0
    first: int = 0  # ns UTC, the first open
    last: int = 0  # ns UTC, the last close
    quick: bytes | None = None  # see `quick_key`


def data_of(
    bars: Bars | Sequence[Bars] | str | Data, since: int | None = None, known: Callable[[bytes], str] | None = None
) -> Data:
    """Return the identity of bars; text is a fingerprint.

    Parameters
    ----------
    since : int or None
        The first stamp that trades, ns UTC; None, or the first open itself: all do.
    known : callable or None
        Finds the fingerprint of a quick key, empty where there is none.
    """
    if isinstance(bars, Data):
        return bars
    if isinstance(bars, str):
        return Data(bars, since)
    every = each_of(bars)
    names, found = [b.instrument.name for b in every], [fingerprint_of(b, known) for b in every]
    one = found[0] if len(found) == 1 else hashlib.sha256("|".join(found).encode()).hexdigest()
    first, last = min(int(b.time[0]) for b in every), max(int(b.time[-1]) for b in every) + every[0].duration
    quick = every[0].kept.get("quick") if len(every) == 1 else None
    size = sum(map(len, every))
    return Data(one, None if since == first else since, "+".join(names), every[0].timeframe, size, first, last, quick)


def each_of(bars: Bars | Sequence[Bars]) -> list[Bars]:
    """Return bars, or those of a portfolio, as a list."""
    return [bars] if hasattr(bars, "points") else list(bars)  # type: ignore[list-item]


def fingerprint_of(bars: Bars, known: Callable[[bytes], str] | None = None) -> str:
    """Return `bars.fingerprint`, from the ledger where it knows the same bars: SHA-256 of a million takes 26 ms, a quick key 3."""
    kept = bars.kept
    if "fingerprint" not in kept and len(bars) > SMALL and known is not None:
        if "ledger" not in kept:
            kept["quick"] = quick_key(bars)
            kept["ledger"] = known(kept["quick"]) or bars.fingerprint
        found: str = kept["ledger"]  # apart from the fingerprint: what a saved result says of its data is never looked up
        return found
    return bars.fingerprint


def quick_key(bars: Bars) -> bytes:
    """Return 16 bytes that equal bars share; others too, but not by chance in practice.

    Each block of 64-bit words is weighted with odd random numbers and added up modulo 2**64, so that a change of one word always
    changes it. It is a road to the fingerprint and nothing else: no enemy chooses the bars, and where it is not known (a nan of
    other bits) the fingerprint is worked out.
    """
    head = f"{bars.instrument.name}|{bars.instrument.precision}|{bars.timeframe}|{len(bars)}"
    hashed = hashlib.blake2b(head.encode(), digest_size=16)
    for part in (bars.time, bars.points.matrix, _volume(bars)):
        hashed.update(_sums(part))
    return hashed.digest()


def _volume(bars: Bars) -> NDArray[np.float64]:
    """Return the volumes, none where there are none; a run has looked at that already."""
    kept: NDArray[np.float64] | None = bars.kept.get("volumes")
    return kept if kept is not None else bars.volume[:0] if np.isnan(bars.volume).all() else bars.volume


def _sums(array: NDArray[np.generic]) -> bytes:
    raw = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    whole = len(raw) // 8 // BLOCK * BLOCK * 8
    blocks = raw[:whole].view(np.uint64).reshape(-1, BLOCK)
    sums: NDArray[np.uint64] = np.einsum("ij,j->i", blocks, _weights())
    return sums.tobytes() + raw[whole:].tobytes()


@cache
def _weights() -> NDArray[np.uint64]:
    return np.random.default_rng(2014).integers(0, 1 << 63, BLOCK, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
