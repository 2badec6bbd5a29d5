"""Pull: a first load into SQLite, mapping included, against a bare loop that only keeps raw JSON."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.bare import pull_bare
from benchmarks.platform import CRA, run_platform
from benchmarks.table import Measure
from ds_bridge.api.client import Client
from ds_bridge.config import ApiSettings, DemarcheSettings
from ds_bridge.store import Store
from ds_bridge.sync import sync_demarche

DOSSIERS = int(os.environ.get("BENCH_DOSSIERS", "20000"))
DELAY = 0.2
DEMARCHE = DemarcheSettings(number=CRA, model="ds_bridge.cra:CompteRendu")


def measure_pull() -> Iterator[Measure]:
    """The whole pull, and how much of the server's time it hides."""
    with tempfile.TemporaryDirectory() as folder, run_platform(DOSSIERS) as url:
        bare = _time(lambda: pull_bare(url, Path(folder) / "bare.db"))
        ours = _time(lambda: pull(url, Path(folder) / "ours.db"))
    yield Measure(f"pull {DOSSIERS} into SQLite", ours, "s", bare, "ratio <= 2.5")
    with tempfile.TemporaryDirectory() as folder, run_platform(DOSSIERS, delay=DELAY) as url:
        slow = _time(lambda: pull(url, Path(folder) / "slow.db"))
    yield Measure(
        f"same, {DELAY:g} s of server time a page", slow, "s", DOSSIERS / 100 * DELAY, "ratio <= 1.1"
    )


def pull(url: str, file: Path) -> None:
    """What `ds-bridge sync` does."""
    settings = ApiSettings(url=url, requests_per_minute=10_000)
    with Client(settings, token="x") as client, Store.open(f"sqlite:///{file}") as store:
        summary = sync_demarche("cra", DEMARCHE, client, store)
    if summary.created != DOSSIERS:
        raise SystemExit(f"pulled {summary.created} of {DOSSIERS}: {summary.error}")


def _time(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
