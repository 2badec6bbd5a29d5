"""The service over HTTP: links a second and the slowest hundredth, by wrk, beside a service that does
nothing.

Links are checked against the form, as in real use, and each request writes a line in a log.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

import httpx

from benchmarks.table import Measure
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.web.keys import make_key

CONNECTIONS = (8, 32)
ROUNDS = 3
ROUND_SECONDS = 4
PLACE = "/v1/demarches/cra/prefill"
CONFIG = """
[api]
url = "{url}"
[web]
keys = [{key}]
requests_per_minute = 1_000_000
[demarches.cra]
number = 82349
path = "a1dac784-b6a0-4733-82c9-2c5c660797cf"
[demarches.cra.champs]
nom = "Q2hhbXAtMzU2NjQ5MQ"
prenom = "Q2hhbXAtMzU2NjUyMA"
identifiant = "Q2hhbXAtMzU2NjUyMw"
structure_nom = "Q2hhbXAtMzU2NjUyMQ"
structure_identifiant = "Q2hhbXAtMzU2NjUyMg"
"""
BODY = {
    "identity": {
        "nom": "NOËL",
        "prenom": "Zoé",
        "identifiant": 4211,
        "structure_nom": "Mairie d’Évry & Cie",
        "structure_identifiant": 87,
    }
}
SCRIPT = """
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer {key}"
wrk.headers["Content-Type"] = "application/json"
wrk.body = [==[{body}]==]
done = function(summary, latency)
  local errors = summary.errors
  local bad = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  local a_second = summary.requests / summary.duration * 1e6
  io.write(string.format("\\n%f %f %d\\n", a_second, latency:percentile(99) / 1e3, bad))
end
"""


@dataclass(frozen=True)
class Load:
    """What wrk saw of one server with so many connections: medians over the rounds."""

    a_second: float
    p99: float


def measure_service() -> Iterator[Measure]:
    """Both servers run all the time and are asked in turn; each is one process, and wrk is a third."""
    if shutil.which("wrk") is None:
        print("service: not measured, wrk is not installed (apt install wrk)", file=sys.stderr)
        return
    key, line = make_key("bench")
    with tempfile.TemporaryDirectory() as name, SandboxServer(dossiers=1) as sandbox:
        folder = Path(name)
        (folder / "ds-bridge.toml").write_text(CONFIG.format(url=sandbox.url, key=line))
        (folder / "post.lua").write_text(SCRIPT.format(key=key, body=json.dumps(BODY)))
        with start_process(folder, "ds_bridge", "serve", "--port", "0", "--log-format", "json") as ours:
            (folder / "answer.json").write_bytes(_ask_checked(ours, key))
            with start_process(folder, "benchmarks.bare_service", "answer.json") as bare:
                for connections in CONNECTIONS:
                    loads = [
                        (_load(folder, ours, connections), _load(folder, bare, connections))
                        for _ in range(ROUNDS)
                    ]
                    mine, base = (_settle(column) for column in zip(*loads, strict=True))
                    what = f"service, {connections} connections"
                    yield Measure(f"{what}: links", mine.a_second, "/s", base.a_second)
                    yield Measure(f"{what}: p99", mine.p99, "ms", base.p99)


@contextmanager
def start_process(folder: Path, module: str, *arguments: str) -> Iterator[str]:
    """Start a process of ours. Gives it and the address that it prints on stderr; a file keeps the rest of
    its log."""
    log = folder / f"{module}.log"
    path = os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"XDG_CACHE_HOME": str(folder), "PYTHONPATH": path}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments], cwd=folder, env=environment, stderr=out
        )
    try:
        yield _wait_for_url(process, log)
    finally:
        process.terminate()
        process.wait(30)


def _wait_for_url(process: subprocess.Popen[bytes], log: Path) -> str:
    while process.poll() is None:
        for line in log.read_text().splitlines():
            if '"url"' in line:
                return str(json.loads(line)["url"])
        time.sleep(0.05)
    raise RuntimeError(f"it did not start: {log.read_text()}")


def _ask_checked(url: str, key: str) -> bytes:
    """The answer once the service has the form: without a warning that nothing was checked."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}) as client:
        answer = client.post(PLACE, json=BODY).raise_for_status()
    if answer.json()["warnings"]:
        raise RuntimeError(f"the form was not there: {answer.json()['warnings']}")
    return answer.content


def _load(folder: Path, url: str, connections: int) -> Load:
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{ROUND_SECONDS}s", "-s", "post.lua", url + PLACE],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    a_second, p99, bad = map(float, done.stdout.splitlines()[-1].split())
    if bad:
        raise RuntimeError(f"{bad:.0f} requests went wrong at {url}")
    return Load(a_second, p99)


def _settle(loads: tuple[Load, ...]) -> Load:
    return Load(*(statistics.median(column) for column in zip(*map(astuple, loads), strict=True)))
