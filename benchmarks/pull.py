"""Pull: a first load by `ds-bridge sync`, mapping included, beside a bare loop that only keeps raw JSON.

And from a server that thinks, beside that server's own time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.command import run_python
from benchmarks.platform import read_counters, run_platform
from benchmarks.postgresql import run_postgresql
from benchmarks.stores import list_sizes, pull_all, read_delay, write_config
from benchmarks.table import Measure

ROUNDS = 3


def measure_pull() -> Iterator[Measure]:
    """Whole processes, their start included: into SQLite, into PostgreSQL."""
    count = list_sizes()[1]
    with run_platform(count) as platform:
        yield _compare(platform, count, "SQLite", "sqlite:///store.db", "bare.db")
        with run_postgresql() as store, run_postgresql() as bare:
            if store and bare:
                plain = bare.replace("postgresql+psycopg:", "postgresql:")
                yield _compare(platform, count, "PostgreSQL", store, plain, rounds=1)


def measure_latency() -> Iterator[Measure]:
    """From a server that thinks, beside the time that the server itself took."""
    count, delay = list_sizes()[1], read_delay()
    with run_platform(count, delay=delay) as platform:
        ours = _pull(platform, count, "sqlite:///store.db")
        answering = read_counters(platform)["seconds"]
    name = f"pull {count}, {delay:g} s a page, beside the server"
    yield Measure(name, ours, "s", answering, "ratio <= 1.1")


def _compare(platform: str, count: int, where: str, store: str, bare: str, rounds: int = ROUNDS) -> Measure:
    """In turn, the quickest of each: what else the machine did is in the others."""
    pairs = [(_pull(platform, count, store), _pull_bare(platform, bare)) for _ in range(rounds)]
    ours, theirs = (min(times) for times in zip(*pairs, strict=True))
    return Measure(f"pull {count} into {where}", ours, "s", theirs, "ratio <= 2.5")


def _pull(platform: str, count: int, store: str) -> float:
    with tempfile.TemporaryDirectory() as name:
        write_config(Path(name), platform, store)
        return pull_all(Path(name), count).seconds


def _pull_bare(platform: str, store: str) -> float:
    with tempfile.TemporaryDirectory() as name:
        where = store if "://" in store else str(Path(name) / store)
        return run_python("-m", "benchmarks.bare", platform, where).seconds
