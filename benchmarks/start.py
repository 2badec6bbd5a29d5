"""Start: whole processes, against an interpreter that does nothing."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.table import Measure

RUNS = 10
CONFIG = '[demarches.cra]\nnumber = 82349\npath = "a1dac784-b6a0-4733-82c9-2c5c660797cf"\n'


def measure_start() -> Iterator[Measure]:
    """The median of ten starts of `--help` and of `prefill link`."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "ds-bridge.toml").write_text(CONFIG)
        bare = _median(folder, "-c", "pass")
        helped = _median(folder, "-m", "ds_bridge", "--help")
        linked = _median(folder, "-m", "ds_bridge", "prefill", "link", "cra", "--offline", "--nom", "NOËL")
    yield Measure("start of --help", helped, "ms", bare, "<= 250 ms")
    yield Measure("start of prefill link", linked, "ms", bare, "<= 350 ms")


def _median(folder: str, *arguments: str) -> float:
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run([sys.executable, *arguments], cwd=folder, check=True, capture_output=True)
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)
