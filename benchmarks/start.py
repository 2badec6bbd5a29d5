"""Start: whole processes beside an interpreter that does nothing. For information: no target."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.table import Measure
from ds_bridge.sandbox.server import SandboxServer

RUNS = 15
CONFIG = """
[demarches.cra]
number = 82349
path = "a1dac784-b6a0-4733-82c9-2c5c660797cf"
[demarches.cra.champs]
nom = "Q2hhbXAtMzU2NjQ5MQ"
"""
LINK = ("-m", "ds_bridge", "prefill", "link", "cra", "--nom", "NOËL")
LIBRARY = "from ds_bridge import Identity, build_link; build_link('https://x.fr', 'p', Identity(nom='NOËL'))"


def measure_start() -> Iterator[Measure]:
    """The medians of the times."""
    with tempfile.TemporaryDirectory() as folder, SandboxServer(dossiers=1) as server:
        (Path(folder) / "ds-bridge.toml").write_text(f'[api]\nurl = "{server.url}"\n{CONFIG}')
        _run(folder, *LINK)  # the form is in the cache from here on
        starts = {
            "bare": ("-c", "pass"),
            "start of --help": ("-m", "ds_bridge", "--help"),
            "start of prefill link --offline": (*LINK, "--offline"),
            "start of prefill link, form at hand": LINK,
            "start of build_link in a program": ("-c", LIBRARY),
        }
        times = {name: _median(folder, *arguments) for name, arguments in starts.items()}
    bare = times.pop("bare")
    for name, taken in times.items():
        yield Measure(name, taken, "ms", bare)


def _median(folder: str, *arguments: str) -> float:
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        _run(folder, *arguments)
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def _run(folder: str, *arguments: str) -> None:
    environment = os.environ | {"XDG_CACHE_HOME": folder}
    subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, check=True, capture_output=True)
