"""Memory: the peak of `ds-bridge sync` must not grow with the démarche."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.command import run_python
from benchmarks.platform import run_platform
from benchmarks.stores import list_sizes, pull_store
from benchmarks.table import Measure

MOST, GROWTH = 200, 20


def measure_memory() -> Iterator[Measure]:
    """Peaks of first pulls: the smallest beside a bare loop over its pages, the others beside the
    smallest."""
    fewest, *others = list_sizes()
    with tempfile.TemporaryDirectory() as folder, run_platform(fewest) as platform:
        where = str(Path(folder) / "bare.db")
        bare = run_python("-m", "benchmarks.bare", platform, where, watch=True).peak
    smallest = pull_store(fewest).first.peak
    yield Measure(f"memory: pull of {fewest}", smallest, "MiB", bare, f"< {MOST} MiB")
    for count in others:
        peak = pull_store(count).first.peak
        target = f"< {MOST} MiB, < +{GROWTH} MiB"
        yield Measure(f"memory: pull of {count}", peak, "MiB", smallest, target)
