"""A cluster of `distributed` (Dask): machines, or processes of this one. What a worker that dies had in hand, others run again.

Decision: the job reaches the workers as a plug-in of theirs, not as scattered data. The scheduler hands a plug-in to every worker,
also to one that joins later or starts again after a crash; scattered data would be lost with the workers that hold them.
"""

from __future__ import annotations

import os
import signal
import uuid
from threading import Lock
from typing import TYPE_CHECKING, Any

from lts.errors import LtsError, ParameterError
from lts.research.sweep.bench import Bench

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lts.research.sweep.bench import Job
    from lts.research.sweep.left import Part

MOST_RETRIES = 5  # of one chunk, after errors that were none of the strategy's
_jobs: dict[str, bytes] = {}  # of a worker: jobs by name, as they came
_benches: dict[str, Bench] = {}
_lock = Lock()


class Cluster:
    """The workers of a scheduler."""

    def __init__(self, job: Job, workers: Any) -> None:
        try:
            import cloudpickle
            import distributed
        except ImportError as error:
            raise ParameterError(
                "sweep, engine='dask': the package distributed is not installed; it must be. Run `pip install lts[cluster]`, or "
                "take engine='processes'."
            ) from error
        self._library: Any = distributed
        self._client, self._own = _client(distributed, workers)
        self._lasting = isinstance(workers, str | distributed.Client)  # the cluster outlives this sweep
        self._keys: dict[Any, tuple[int, NDArray[np.int32], int]] = {}
        self._name, self._ended = f"lts-sweep-{uuid.uuid4().hex}", False
        try:
            self._client.register_plugin(
                _plugin(distributed, self._name, cloudpickle.dumps(job), deaf=not self._lasting), name=self._name
            )
            self.room = 2 * max(1, sum(self._client.nthreads().values()))
        except BaseException:
            self.close()
            raise

    def give(self, key: int, codes: NDArray[np.int32], tries: int = 0) -> None:
        """Have a chunk run."""
        future = self._client.submit(
            run_chunk, self._name, codes, key=f"{self._name}-{key}-{tries}", retries=MOST_RETRIES, pure=False
        )
        self._keys[future] = key, codes, tries

    def finished(self) -> list[tuple[int, Part]]:
        """Return the parts that are there; waits for one.

        Raises
        ------
        LtsError
            The cluster lost a chunk again and again.
        """
        while self._keys:
            done = self._library.wait(list(self._keys), return_when="FIRST_COMPLETED").done
            found: list[tuple[int, Part]] = []
            for future in sorted(done, key=lambda future: self._keys[future][0]):
                key, codes, tries = self._keys.pop(future)
                if future.status == "finished":
                    found.append((key, future.result()))
                else:
                    self._again(future, key, codes, tries)
            if found:
                return found
        return []

    def _again(self, future: Any, key: int, codes: NDArray[np.int32], tries: int) -> None:
        """Give a chunk that was lost to others; what a strategy raises is no loss, it stands in its row."""
        if self._ended:
            return
        if tries >= MOST_RETRIES:
            raise LtsError(
                f"sweep, engine='dask': a chunk of {len(codes)} sets was lost {tries + 1} times; workers must stay. Look at "
                f"their logs. The last word was: {future.exception() if future.status == 'error' else future.status}"
            )
        self.give(key, codes, tries + 1)

    def stop(self) -> None:
        """Take back what has not finished."""
        self._ended = True
        self._client.cancel(list(self._keys))
        self._keys.clear()

    def close(self) -> None:
        """Let the workers go, or forget the job where they are another's."""
        self._keys.clear()
        if self._lasting:
            self._client.unregister_worker_plugin(self._name)
        if self._own:
            self._client.close()


def _client(library: Any, workers: Any) -> tuple[Any, bool]:
    """Return (client, whether it is ours to close)."""
    if isinstance(workers, library.Client):
        return workers, False
    if workers is None or isinstance(workers, int):
        from lts.research.sweep.engines import count_of

        # A client that makes its own cluster closes it too. Its page takes any free port of this machine.
        return library.Client(n_workers=count_of(workers, "dask"), threads_per_worker=1, dashboard_address="127.0.0.1:0"), True
    if isinstance(workers, str):
        try:
            return library.Client(workers, timeout="10s"), True
        except (OSError, ValueError) as error:
            raise ParameterError(
                f"sweep, workers: no scheduler answers at {workers!r} ({error}); it must be its address."
            ) from error
    raise ParameterError(
        f"sweep, workers: was {workers!r}; with engine='dask' it must be None, a whole number, a scheduler's address or a "
        "distributed.Client."
    )


def _plugin(library: Any, name: str, job: bytes, *, deaf: bool) -> Any:
    """Return the plug-in that keeps a job at each worker."""

    class Kept(library.WorkerPlugin):  # type: ignore[misc]  # made here, for the library is an extra
        """Keeps a job."""

        def setup(self, worker: Any) -> None:
            """Keep it."""
            del worker
            keep(name, job, deaf=deaf)

        def teardown(self, worker: Any) -> None:
            """Forget it."""
            del worker
            forget(name)

    return Kept()


def keep(name: str, job: bytes, *, deaf: bool) -> None:
    """Keep a job at this worker; `deaf`: a Ctrl-C at the terminal is for the coordinator that started it, not for this process."""
    _jobs[name] = job
    if deaf:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def forget(name: str) -> None:
    """Forget a job."""
    _jobs.pop(name, None)
    _benches.pop(name, None)


def run_chunk(name: str, codes: NDArray[np.int32]) -> Part:
    """Run a chunk at this worker; the first one prepares the market."""
    import cloudpickle

    with _lock:
        if name not in _benches:
            if name not in _jobs:
                raise LtsError(f"worker {os.getpid()}: has no job {name!r} yet; the scheduler must send it first.")
            _benches[name] = Bench(cloudpickle.loads(_jobs[name]))
        bench = _benches[name]
    return bench.run(codes)
