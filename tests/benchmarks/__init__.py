"""Benchmarks: every figure of ours beside its floor, taken in turns in the same run. `python -m tests.benchmarks`."""
