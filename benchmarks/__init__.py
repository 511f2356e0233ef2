"""Benchmarks: LTS beside its peers on the same bars, in one run. `make bench` is `python -m benchmarks`; it writes RESULTS.md."""
