"""Pull: a first load by `ds-bridge sync`, mapping included, beside a bare loop that only keeps raw JSON."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.command import run_python
from benchmarks.platform import run_platform
from benchmarks.postgresql import run_postgresql
from benchmarks.stores import list_sizes, pull_all, pull_store, write_config
from benchmarks.table import Measure

PAGE = 100
DELAY = 0.2


def measure_pull() -> Iterator[Measure]:
    """Whole processes, their start included: into SQLite, into PostgreSQL, and from a server that thinks."""
    count = list_sizes()[1]
    with run_platform(count) as platform:
        yield _beside(count, "SQLite", pull_store(count).first.seconds, _pull_bare(platform, "bare.db"))
        with run_postgresql() as store:
            if store:
                ours = _pull(platform, count, store)
                bare = _pull_bare(platform, store.replace("postgresql+psycopg:", "postgresql:"))
                yield _beside(count, "PostgreSQL", ours, bare)
    with run_platform(count, delay=DELAY) as platform:
        slow = _pull(platform, count, "sqlite:///store.db")
    thinking = -(-count // PAGE) * DELAY
    yield Measure(f"same, {DELAY:g} s of server time a page", slow, "s", thinking, "ratio <= 1.1")


def _beside(count: int, where: str, ours: float, bare: float) -> Measure:
    return Measure(f"pull {count} into {where}", ours, "s", bare, "ratio <= 2.5")


def _pull(platform: str, count: int, store: str) -> float:
    with tempfile.TemporaryDirectory() as name:
        write_config(Path(name), platform, store)
        return pull_all(Path(name), count).seconds


def _pull_bare(platform: str, store: str) -> float:
    with tempfile.TemporaryDirectory() as name:
        where = store if "://" in store else str(Path(name) / store)
        return run_python("-m", "benchmarks.bare", platform, where).seconds
