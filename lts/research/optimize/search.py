"""The search itself: Optuna is asked for sets, new ones are run, and it is told what they gave."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from lts.errors import ParameterError
from lts.research.optimize.study import library
from lts.research.sweep.progress import Progress
from lts.research.sweep.ranking import first_best

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from lts.research.sweep.table import Sweep

IDLE = 50  # batches in a row without a new set: the ranges are exhausted


class Search:
    """A study, the sets that it has run, and what they gave."""

    def __init__(self, study: Any, choices: dict[str, Any], where: Any, objective: str) -> None:
        self.study, self.choices, self.where, self.by = study, choices, where, objective
        self.known: dict[tuple[Any, ...], float] = {}
        self.rows: list[dict[str, Any]] = []
        self.stopped = False  # by Ctrl-C
        for trial in study.get_trials(deepcopy=False):
            row = trial.user_attrs.get("row")
            if row is not None:
                self._keep({name: np.nan if value is None else value for name, value in row.items()})

    def _keep(self, row: dict[str, Any]) -> None:
        self.known[tuple(row[name] for name in self.choices)] = row[self.by]
        self.rows.append(row)

    def go(self, run: Callable[[list[dict[str, Any]]], Sweep], n: int, batch: int, bars: int, tell: Any) -> None:
        """Go on until so many different sets were run, nothing new comes, or Ctrl-C."""
        began, idle, before = perf_counter(), 0, len(self.rows)
        try:
            while len(self.rows) < n and idle < IDLE:
                fresh = self._ask(min(batch, n - len(self.rows)))
                idle = 0 if fresh else idle + 1
                if fresh:
                    found = run([dict(trial.params) for trial in fresh])
                    self._tell(fresh, found.table)
                    done, seconds = len(self.rows) - before, max(perf_counter() - began, 1e-9)
                    tell(Progress(done, n - before, seconds, bars, self.by, *self._best()))
                    if found.stopped:
                        raise KeyboardInterrupt  # noqa: TRY301  (the sweep heard it)
        except KeyboardInterrupt:
            self.drop()
            if not self.rows:
                raise
            self.stopped = True

    def _best(self) -> tuple[float, int]:
        scores = np.array([row[self.by] for row in self.rows], float)
        place = first_best(scores, self.by)
        return (np.nan, -1) if place is None else (float(scores[place]), place)

    def _ask(self, count: int) -> list[Any]:
        """Return trials with sets that have not been run; others are answered at once."""
        fresh: list[Any] = []
        asked: set[tuple[Any, ...]] = set()
        for _ in range(count):
            trial = self.study.ask(self.choices)
            key = tuple(trial.params[name] for name in self.choices)
            if self.where is not None and not self._meant(dict(trial.params)):
                self._answer(trial, np.nan)
            elif key in self.known:
                self._answer(trial, self.known[key])
            elif key in asked:
                self._answer(trial, np.nan)
            else:
                asked.add(key)
                fresh.append(trial)
        return fresh

    def _meant(self, values: dict[str, Any]) -> bool:
        try:
            return bool(self.where(values))
        except Exception as error:
            self.drop()
            raise ParameterError(
                f"optimize, where: raised {type(error).__name__}: {error} for {values}; it must answer for every set."
            ) from error

    def _tell(self, fresh: list[Any], table: pd.DataFrame) -> None:
        """Keep what sets gave and tell it; Ctrl-C inside the batch leaves rows out."""
        for place, trial in enumerate(fresh):
            if place not in table.index:
                raise KeyboardInterrupt
            given = {"trial": trial.number, **trial.params}
            found: dict[str, Any] = {str(name): value for name, value in table.loc[place].items() if name not in given}
            row = given | {name: value.item() if hasattr(value, "item") else value for name, value in found.items()}
            trial.set_user_attr("row", {name: None if value != value else value for name, value in row.items()})  # noqa: PLR0124  (nan)
            self._keep(row)
            self._answer(trial, float(row[self.by]))

    def _answer(self, trial: Any, value: float) -> None:
        """Tell a value; a set without one has failed."""
        if np.isfinite(value):
            self.study.tell(trial, value)
        else:
            self.study.tell(trial, state=library().trial.TrialState.FAIL)

    def drop(self) -> None:
        """Take back what was asked for and never told, so that a continued study does not wait for it."""
        states = library().trial.TrialState
        for trial in self.study.get_trials(deepcopy=False, states=(states.RUNNING,)):
            self.study.tell(trial.number, state=states.FAIL)

    def table(self) -> pd.DataFrame:
        """Return one row a different set, in the order of running."""
        import pandas as pd

        if not self.rows:
            why = " where= kept none of those that were proposed." if self.where is not None else ""
            raise ParameterError(f"optimize: no set was run; at least one must be.{why}")
        return pd.DataFrame(self.rows)
