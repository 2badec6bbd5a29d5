"""Stores that a process of `ds-bridge sync` filled. Each is pulled once, for the first benchmark that
asks."""

from __future__ import annotations

import atexit
import functools
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks.command import Done, run_python
from benchmarks.platform import CRA, run_platform

SIZES = (2_000, 20_000, 100_000)
NAME = "cra"


@dataclass(frozen=True)
class Pulled:
    """A folder with a configuration and its store, and the cost of the first pull, with its memory."""

    folder: Path
    first: Done


def list_sizes() -> tuple[int, ...]:
    """The sizes of stores, scaled so that the largest has BENCH_DOSSIERS dossiers."""
    most = int(os.environ.get("BENCH_DOSSIERS", SIZES[-1]))
    return tuple(max(500, size * min(most, SIZES[-1]) // SIZES[-1]) for size in SIZES)


def read_load(usual: int) -> int:
    """How many dossiers are pulled from a slow server: BENCH_LOAD, or what is usual for the benchmark."""
    return int(os.environ.get("BENCH_LOAD", usual))


def read_delay() -> float:
    """The seconds that a slow server needs for a page: BENCH_DELAY, by default 1."""
    return float(os.environ.get("BENCH_DELAY", "1"))


@functools.cache
def pull_store(count: int) -> Pulled:
    """A SQLite store of `count` dossiers, kept until the benchmarks end."""
    kept = tempfile.TemporaryDirectory(prefix="ds-bridge-benchmark-")
    atexit.register(kept.cleanup)
    folder = Path(kept.name)
    with run_platform(count) as platform:
        write_config(folder, platform)
        return Pulled(folder, pull_all(folder, count, watch=True))


def pull_all(folder: Path, count: int, *, watch: bool = False) -> Done:
    """The first pull, into the store that the folder's configuration names."""
    done = run_command(folder, "sync", "--json", watch=watch)
    summary = read_summary(done)
    if summary["created"] != count:
        raise SystemExit(f"pulled {summary['created']} of {count}: {summary['error']}")
    return done


def run_command(folder: Path, *arguments: str, watch: bool = False) -> Done:
    """Run `ds-bridge …` in the folder of its configuration; see `run_python`."""
    return run_python("-m", "ds_bridge", *arguments, folder=folder, watch=watch)


def read_summary(done: Done) -> dict[str, int | str | None]:
    """The summary that `sync --json` printed for its one démarche."""
    [summary] = orjson.loads(done.output)
    return summary


def write_config(folder: Path, platform: str, store: str = "sqlite:///store.db") -> None:
    """A configuration with the CRA model, and a limit of requests that is never reached."""
    config = folder / "ds-bridge.toml"
    config.touch(0o600)
    config.write_text(f"""
[api]
url = "{platform}"
token = "benchmark"
requests_per_minute = 10000

[store]
url = "{store}"

[demarches.{NAME}]
number = {CRA}
model = "ds_bridge.cra:CompteRendu"
""")
