"""First load from a server that thinks: one walk, then two from both ends, into the same store."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.command import Done
from benchmarks.machine import measure_processors
from benchmarks.platform import run_platform
from benchmarks.stores import list_sizes, read_delay, read_summary, run_command, write_config
from benchmarks.table import Measure

ROUNDS = 3
CONTENT = (
    "SELECT number, state, modified_at, raw_fingerprint, document_fingerprint, deletion_kind FROM dossiers"
    " ORDER BY number"
)


def measure_parallel() -> Iterator[Measure]:
    """The speed-up, and what one walk and two use of the processor: what cannot be done at the same time.

    In turn, the quickest of each: what else the machine did is in the others.
    """
    count, delay = list_sizes()[1], read_delay()
    with run_platform(count, delay=delay) as platform:
        pairs = [_pull_both(platform, count) for _ in range(ROUNDS)]
    one, two = (min(pulls, key=lambda done: done.seconds) for pulls in zip(*pairs, strict=True))
    name = f"first load of {count}, {delay:g} s a page"
    yield Measure("this machine: two processes at once, beside one", measure_processors(), "x")
    details = {"one_processor": one.processor, "two_processor": two.processor}
    details |= {f"round_{place}": one.seconds / two.seconds for place, (one, two) in enumerate(pairs, 1)}
    yield Measure(f"{name}, two walkers", two.seconds, "s", one.seconds, details=details)
    yield Measure(f"{name}: speed-up", one.seconds / two.seconds, "x", target=">= 1.8")


def _pull_both(platform: str, count: int) -> tuple[Done, Done]:
    """By one walk, then by two, from both ends, into the same store."""
    with tempfile.TemporaryDirectory() as folder:
        one = _pull(platform, Path(folder) / "one", count)
        two = _pull(platform, Path(folder) / "two", count, "--parallel", "ends")
        if _read(Path(folder) / "one") != _read(Path(folder) / "two"):
            raise SystemExit("the two stores are not the same")
    return one, two


def _pull(platform: str, folder: Path, count: int, *options: str) -> Done:
    folder.mkdir()
    write_config(folder, platform)
    # The pace is the factory's: so many pages are under a minute's worth of requests.
    config = folder / "ds-bridge.toml"
    config.write_text(config.read_text().replace("requests_per_minute = 10000\n", ""))
    done = run_command(folder, "sync", "--json", *options)
    summary = read_summary(done)
    if summary["created"] != count:
        raise SystemExit(f"pulled {summary['created']} of {count}: {summary['error']}")
    return done


def _read(folder: Path) -> list[tuple[object, ...]]:
    database = sqlite3.connect(folder / "store.db")
    try:
        return database.execute(CONTENT).fetchall()
    finally:
        database.close()
