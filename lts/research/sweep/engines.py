"""Who runs the chunks: this thread, threads, processes, or a cluster (`lts.research.sweep.cluster`); the same bytes from each.

A crew is given chunks of codes one by one and gives back their parts in the order of finishing. Chunks run in compiled code that
holds no lock, so threads scale.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, Protocol

from lts.errors import ParameterError, near_miss
from lts.sim.loop import _cores

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from lts.research.sweep.bench import Bench
    from lts.research.sweep.left import Part

    Codes = NDArray[np.int32]

ENGINES = ("threads", "processes", "dask")


class Crew(Protocol):
    """Workers of one kind."""

    room: int  # chunks that may be given ahead of their answers

    def give(self, key: int, codes: Codes) -> None:
        """Have a chunk run."""

    def finished(self) -> list[tuple[int, Part]]:
        """Return the parts that have been finished since; waits for one."""

    def stop(self) -> None:
        """Run nothing more than what has begun; `finished` then gives what that left, and at the end nothing."""

    def close(self) -> None:
        """Let the workers go."""


def count_of(workers: Any, engine: Any) -> int:
    """Return how many workers are meant; refuse what is no number of them.

    Raises
    ------
    ParameterError
    """
    if engine not in ENGINES:
        raise ParameterError(
            f"sweep, engine: was {engine!r}; it must be one of {', '.join(ENGINES)}.{near_miss(str(engine), ENGINES)}"
        )
    if workers is None:
        return _cores()
    if isinstance(workers, int) and not isinstance(workers, bool) and workers >= 1:
        return workers
    if engine == "dask" and not isinstance(workers, int | float):
        return _cores()  # a client or an address: it knows its own workers
    hint = " Clients and addresses need engine='dask'." if engine != "dask" and not isinstance(workers, int | float) else ""
    raise ParameterError(f"sweep, workers: was {workers!r}; it must be None or a whole number of at least 1.{hint}")


class Alone:
    """The caller's own thread, for one worker: nothing lies between it and Ctrl-C."""

    room = 1

    def __init__(self, bench: Bench) -> None:
        self._bench, self._given = bench, list[Any]()

    def give(self, key: int, codes: Codes) -> None:
        """Have a chunk run."""
        self._given.append((key, codes))

    def finished(self) -> list[tuple[int, Part]]:
        """Run the next chunk."""
        found = [(key, self._bench.run(codes)) for key, codes in self._given[:1]]
        self._given = self._given[1:]
        return found

    def stop(self) -> None:
        """Forget what was given."""
        self._given.clear()

    def close(self) -> None:
        """Nobody is to be let go."""


class Pool:
    """Threads or processes behind `concurrent.futures`."""

    def __init__(self, executor: Any, work: Callable[[Codes], Part], workers: int) -> None:
        self._executor, self._work = executor, work
        self._keys: dict[Future[Part], int] = {}
        self.room = 2 * workers

    def give(self, key: int, codes: Codes) -> None:
        """Have a chunk run."""
        self._keys[self._executor.submit(self._work, codes)] = key

    def finished(self) -> list[tuple[int, Part]]:
        """Return the parts that are there; waits for one."""
        done, _ = wait(self._keys, return_when=FIRST_COMPLETED)
        return [(self._keys.pop(future), future.result()) for future in sorted(done, key=self._keys.__getitem__)]

    def stop(self) -> None:
        """Take back what has not begun."""
        for future in [future for future in self._keys if future.cancel()]:
            del self._keys[future]

    def close(self) -> None:
        """Let the workers go."""
        self._executor.shutdown(cancel_futures=True)


class Threads(Pool):
    """Threads of this process, all at one bench."""

    def __init__(self, bench: Bench, workers: int) -> None:
        self._ended = False
        super().__init__(ThreadPoolExecutor(workers, "lts-sweep"), self._run, workers)
        self._bench = bench

    def _run(self, codes: Codes) -> Part:
        return self._bench.run(codes, stopped=lambda: self._ended)

    def stop(self) -> None:
        """Take back what has not begun, and end what has at the next set."""
        self._ended = True
        super().stop()


def crew(job: Any, bench: Bench, engine: str, workers: Any) -> Crew:
    """Return the workers of a sweep."""
    if engine == "dask":
        from lts.research.sweep.cluster import Cluster

        return Cluster(job, workers)
    wanted = count_of(workers, engine)
    if engine == "processes":
        from lts.research.sweep.processes import Processes

        return Processes(job, wanted)
    return Alone(bench) if wanted == 1 else Threads(bench, wanted)
