"""First load from a slow server: by one walk, then by two walks from both ends, with the same result."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.command import Done
from benchmarks.platform import run_platform
from benchmarks.stores import read_delay, read_load, read_summary, run_command, write_config
from benchmarks.table import Measure

LOAD = 5000
"""As many as were pulled from the real platform: every load has a page or two that only one walk asks for."""
CONTENT = (
    "SELECT number, state, modified_at, raw_fingerprint, document_fingerprint, deletion_kind FROM dossiers"
    " ORDER BY number"
)


def measure_parallel() -> Iterator[Measure]:
    """How many times faster two walks are."""
    count, delay = read_load(LOAD), read_delay()
    with run_platform(count, delay=delay) as platform:
        one, two = _pull_both(platform, count)
    name = f"first load of {count}, {delay:g} s a page"
    details = {"one_processor": one.processor, "two_processor": two.processor, "two_seconds": two.seconds}
    speed_up = one.seconds / two.seconds
    yield Measure(f"{name}: two walkers", speed_up, "x", target=">= 1.8", details=details)


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
    # The default pace: this many pages need fewer requests than a minute allows.
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
