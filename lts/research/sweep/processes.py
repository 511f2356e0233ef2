"""Processes: the job is written once into a folder, bars as memory-mapped arrays that all of them share; tasks carry codes only."""

from __future__ import annotations

import pickle
import shutil
import signal
import tempfile
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.data.bars import Bars
from lts.errors import LtsError, ParameterError
from lts.research.sweep.bench import Bench
from lts.research.sweep.engines import Pool

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lts.research.sweep.bench import Job
    from lts.research.sweep.left import Part

ARRAYS = ("time", "matrix", "volume")


class Processes(Pool):
    """Fresh processes of this Python; each prepares the market once."""

    def __init__(self, job: Job, workers: int) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="lts-sweep-"))
        try:
            write(job, self._folder)
            pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin, (str(self._folder),))
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        super().__init__(pool, _run, workers)

    def finished(self) -> list[tuple[int, Part]]:
        """Return the parts that are there; waits for one.

        Raises
        ------
        LtsError
            A process died.
        """
        try:
            return super().finished()
        except BrokenProcessPool as error:
            raise LtsError(
                "sweep, engine='processes': a worker ended by itself; it must be able to import the script that asked for it, and "
                "have memory. Put the call under `if __name__ == '__main__':` in a file, or take engine='threads'."
            ) from error

    def close(self) -> None:
        """Let the workers go, and remove what was written for them."""
        super().close()
        shutil.rmtree(self._folder, ignore_errors=True)


def write(job: Job, folder: Path) -> None:
    """Write a job into a folder; of bars the arrays as files of their own.

    Raises
    ------
    ParameterError
        The strategy or the objective cannot be handed to another process.
    """
    with (folder / "job").open("wb") as file:
        try:
            _Writer(file, folder).dump(job)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise ParameterError(
                f"sweep, engine='processes': the job of {job.space.cls.__name__} cannot be handed to other processes ({error}); "
                "class and objective must be importable from a module. Move them into one, or take engine='threads'."
            ) from error


def read(folder: Path) -> Job:
    """Return the job of a folder; the arrays of its bars are shared with all who read it."""
    with (folder / "job").open("rb") as file:
        found: Job = _Reader(file, folder).load()
    return found


class _Writer(pickle.Pickler):
    """Writes bars aside."""

    def __init__(self, file: Any, folder: Path) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._folder, self._known = folder, dict[int, tuple[Any, ...]]()

    def persistent_id(self, obj: Any) -> Any:
        """Return what stands for bars."""
        if not isinstance(obj, Bars):
            return None
        if id(obj) not in self._known:
            place = len(self._known)
            arrays: tuple[Any, ...] = (obj.time, obj.points.matrix, obj.volume)
            for name, array in zip(ARRAYS, arrays, strict=True):
                np.save(self._folder / f"{place}.{name}.npy", array)
            self._known[id(obj)] = (place, obj.instrument, obj.timeframe, obj.notes, obj.origin)
        return self._known[id(obj)]


class _Reader(pickle.Unpickler):
    """Reads what `_Writer` wrote; the folder is this program's own."""

    def __init__(self, file: Any, folder: Path) -> None:
        super().__init__(file)
        self._folder, self._known = folder, dict[int, Bars]()

    def persistent_load(self, pid: Any) -> Any:
        """Return the bars."""
        place, instrument, timeframe, notes, origin = pid
        if place not in self._known:
            time, matrix, volume = (np.load(self._folder / f"{place}.{name}.npy", mmap_mode="r") for name in ARRAYS)
            self._known[place] = Bars.from_points(instrument, timeframe, time, matrix, volume, notes, origin=origin)
        return self._known[place]


_here: dict[str, Any] = {}  # of a worker: the folder, then the bench


def _begin(folder: str) -> None:
    """Prepare a worker: Ctrl-C is the coordinator's business; what can fail is left to the first chunk, which can say so."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _here["folder"] = folder


def _run(codes: NDArray[np.int32]) -> Part:
    if "bench" not in _here:
        _here["bench"] = Bench(read(Path(_here["folder"])))
    bench: Bench = _here["bench"]
    return bench.run(codes)
