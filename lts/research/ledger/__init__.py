"""The trial ledger: every set of parameters ever run on some bars, so that the number of trials is counted, not remembered.

One SQLite file, `LTS_HOME`/ledger.sqlite. `lts.run` and `lts.run_portfolio` write one set, a sweep all of its own. `LTS_LEDGER=off`
in the environment, or the configuration key `ledger`, keeps none; `with lts.ledger.paused():` none for a while. A run never fails
for the ledger and never waits long for it: what is wrong is said once, as a `LedgerWarning`.

Decision: what a trial is. A set is new if its bars (fingerprint, first bar that trades), the code of its strategy (bytecode of all
that its methods reach) or its parameters are new. Costs, account and the assumed path are no new trial: they make a result more
or less true, they do not choose between rules. The first Sharpe ratio of a set stays. Other spans of the same history are other
bars, for nothing in the bytes tells a new idea from an old one that is looked at again; so search on one span, and keep it.

Notes
-----
Bytecode differs between versions of Python, so a set that is run by two of them counts twice.
"""

from __future__ import annotations

from lts.research.ledger.data import Data
from lts.research.ledger.reading import Seen, Tried, seen, table, table_rows, trials, tried
from lts.research.ledger.store import aside, clear, path
from lts.research.ledger.switch import paused
from lts.research.ledger.trials import Trials
from lts.research.ledger.writing import flush, note, record

__all__ = [
    "Data", "Seen", "Trials", "Tried", "aside", "clear", "flush", "note", "path", "paused", "record", "seen", "table", "table_rows",
    "trials", "tried",
]  # fmt: skip
