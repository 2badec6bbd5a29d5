"""Quiet night: `ds-bridge sync` when nothing changed. Our time is the process's less the server's."""

from __future__ import annotations

import datetime as dt
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks.command import Done, run_python
from benchmarks.platform import CRA, FIRST_MOMENT, SECONDS_APART, run_platform
from benchmarks.postgresql import run_postgresql
from benchmarks.stores import list_sizes, pull_all, pull_store, read_summary, run_command, write_config
from benchmarks.table import Measure
from ds_bridge.api.queries import load

RUNS = 7
STARTED = """
from ds_bridge.interpreter import leave_circles, start_quickly
start_quickly()
import ds_bridge.cli.app, ds_bridge.cli.sync, ds_bridge.sync, ds_bridge.cra, {modules}
leave_circles()
"""
QUESTIONS = ("demarche_form", "dossiers_page", "deleted_dossiers_page", "pending_deleted_dossiers_page")


def measure_night() -> Iterator[Measure]:
    """The largest store in SQLite; in PostgreSQL a smaller one, since pulling it is what takes long."""
    _, fewer, most = list_sizes()
    folder = pull_store(most).folder
    with run_platform(most) as platform:
        write_config(folder, platform)
        yield from _measure("SQLite", "sqlalchemy.dialects.sqlite, sqlite3", folder, platform, most)
    with run_postgresql() as store, tempfile.TemporaryDirectory() as name, run_platform(fewer) as platform:
        if store is not None:
            write_config(Path(name), platform, store)
            pull_all(Path(name), fewer)
            modules = "sqlalchemy.dialects.postgresql, psycopg"
            yield from _measure("PostgreSQL", modules, Path(name), platform, fewer)


def _measure(where: str, modules: str, folder: Path, platform: str, count: int) -> Iterator[Measure]:
    """Medians, each beside what starting alone takes: the interpreter and the imports."""
    name = f"quiet night, {count} in {where}"
    starts, nights = [], []
    for _ in range(RUNS):  # in turn: a machine is not as quick at every moment
        starts.append(run_python("-c", STARTED.format(modules=modules)))
        nights.append(run_command(folder, "sync", "--json"))
    server = statistics.median(_ask(platform, count) for _ in range(RUNS))
    requests = max(_count_requests(night) for night in nights)
    yield Measure(f"{name}: requests", requests, "", len(QUESTIONS), "<= 4")
    seconds = statistics.median(night.seconds for night in nights) - server
    yield Measure(f"{name}: our time", seconds, "s", statistics.median(s.seconds for s in starts), "< 1 s")
    processor = statistics.median(night.processor for night in nights)
    yield Measure(f"{name}: processor", processor, "s", statistics.median(s.processor for s in starts))


def _count_requests(night: Done) -> int:
    """Raises SystemExit when the night was not a quiet one."""
    summary = read_summary(night)
    if summary["outcome"] != "complete" or summary["created"] or summary["updated"]:
        raise SystemExit(f"not a quiet night: {summary}")
    return int(summary["requests"] or 0)


def _ask(platform: str, count: int) -> float:
    """The seconds that the server takes for a night's questions, asked bare."""
    last = FIRST_MOMENT + dt.timedelta(seconds=SECONDS_APART * (count - 1))
    variables = {"number": CRA, "first": 100, "updatedSince": (last - dt.timedelta(minutes=10)).isoformat()}
    with httpx.Client() as http:
        started = time.perf_counter()
        for question in QUESTIONS:
            query = load(question)
            body = {"query": query.text, "operationName": query.operation, "variables": variables}
            http.post(f"{platform}/api/v2/graphql", json=body).raise_for_status()
        return time.perf_counter() - started
