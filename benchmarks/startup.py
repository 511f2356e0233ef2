"""How long a process takes until LTS answers: best of five, in milliseconds, with what it is allowed."""

from __future__ import annotations

import subprocess
import sys
import time

CASES = (
    ("python -c pass", ("-c", "pass"), None),
    ("import lts", ("-c", "import lts"), 150),
    ("lts --help", ("-m", "lts", "--help"), 300),
    ("lts version", ("-m", "lts", "version"), None),
)


def best_of_five(words: tuple[str, ...]) -> float:
    """Return milliseconds of the fastest of five processes."""
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - start)
    return min(taken) * 1e3


if __name__ == "__main__":
    for name, words, allowed in CASES:
        print(f"{name:16} {best_of_five(words):6.0f} ms" + (f"  (allowed {allowed})" if allowed else ""))
