"""Runs after the first find the memory that earlier ones let go; each in a process of its own, for the C library remembers."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

CODE = """
import resource
import numpy as np
import lts

points = np.full((8, 300_000), 110_000, np.int32)
bars = lts.Bars.from_points("EUR_USD", "M1", np.arange(300_000) * 60_000_000_000, points)
rule = lts.strategies.SmaCross()
for given in (bars[:1_000], bars, bars):
    lts.run(rule, given)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    lts.run(rule, bars)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="how other C libraries keep memory is theirs")
def test_a_long_run_takes_no_pages_from_the_system_that_the_one_before_it_gave_back():
    found = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert int(found.stdout) < 500  # equity alone is 586 pages a run
