"""Quiet night: the requests of `ds-bridge sync` when nothing changed, and its processor time beside its
start."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from benchmarks.command import Done, run_python
from benchmarks.platform import run_platform
from benchmarks.stores import list_sizes, pull_store, read_summary, run_command, write_config
from benchmarks.table import Measure

RUNS = 5
STARTED = "import ds_bridge.cli.app, ds_bridge.cli.sync, ds_bridge.sync, ds_bridge.cra"


def measure_night() -> Iterator[Measure]:
    """Measure on the largest store."""
    *_, count = list_sizes()
    folder = pull_store(count).folder
    with run_platform(count) as platform:
        write_config(folder, platform)
        nights = [run_command(folder, "sync", "--json") for _ in range(RUNS)]
    starts = [run_python("-c", STARTED) for _ in range(RUNS)]
    name = f"quiet night, {count} in the store"
    yield Measure(f"{name}: requests", max(map(_count_requests, nights)), "", target="<= 4")
    processor = statistics.median(night.processor for night in nights)
    yield Measure(f"{name}: processor", processor, "s", statistics.median(s.processor for s in starts))


def _count_requests(night: Done) -> int:
    """Raises SystemExit when the night was not a quiet one."""
    summary = read_summary(night)
    if summary["outcome"] != "complete" or summary["created"] or summary["updated"]:
        raise SystemExit(f"not a quiet night: {summary}")
    return int(summary["requests"] or 0)
