"""Others: ds-bridge beside the clients that people use today, on the same server and dossiers, in one run.

Each client is a process of its own (`clients`). First come the first pulls, then 1 % of the dossiers change,
then every client pulls again. The server counts requests and bytes.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from benchmarks.foreign import DNUM, FOLDER, SIMPY, Package, UnavailableError, run_command
from benchmarks.platform import order, read_counters, run_platform
from benchmarks.table import Measure

DOSSIERS = min(2000, int(os.environ.get("BENCH_DOSSIERS", "2000")))
REHEARSAL = 100
CHANGED = 0.01
PYTHON = (sys.executable, "-m")
DNUM_PROGRAM = ("node", str(Path(__file__).parent / "clients" / "dnum.cjs"))
NOTES = """\
"dossiers": different ones that came; "changed": those that came with their new content.
ds-bridge keeps, maps and follows deletions; the stand-in keeps raw JSON; the others only fetch.
@dnum-mi, one call: its calls for a list give a page of 100 and no cursor.
demarches-simpy: champs as label and text, no rows; it has no filter, so a night is a first pull.
The server answers at once. Each request to the real platform waits for the network and for it as well, and it
allows 400 a minute: two thousand take five minutes at least.
"""


@dataclass(frozen=True)
class Pull:
    """What a pull cost and gave: distinct dossiers, and those with their new content."""

    requests: int
    bytes: int
    seconds: float
    dossiers: int
    changed: int

    def compare(self, base: Pull) -> dict[str, float]:
        """The costs, with their ratios to those of `base`."""
        return {
            "requests": self.requests / base.requests,
            "bytes": self.bytes / base.bytes,
            "seconds": self.seconds / base.seconds,
        }


@dataclass(frozen=True)
class Contestant:
    """A client and how it is run. `package`: what must be installed first."""

    name: str
    command: tuple[str, ...]
    package: Package | None = None

    def pull(self, url: str, folder: str, phase: str, last: str) -> Pull:
        """One pull. Raises UnavailableError."""
        order(url)
        environment = dict(os.environ)
        if self.package is SIMPY:
            environment["PYTHONPATH"] = str((FOLDER / SIMPY.trace).parent)
        if self.package is DNUM:
            # The package's name has two parts, its scope and its own.
            environment["NODE_PATH"] = str((FOLDER / DNUM.trace).parent.parent)
        printed = run_command(*self.command, url, folder, phase, last, environment=environment)
        got = orjson.loads(printed.splitlines()[-1])
        if got.pop("error", None):
            raise UnavailableError("its run ended early")
        counted = read_counters(url)
        return Pull(requests=counted["requests"], bytes=counted["bytes"], **got)


BASELINE = Contestant("predecessor (stand-in)", (*PYTHON, "benchmarks.clients.predecessor"))
CONTESTANTS = (
    BASELINE,
    Contestant("ds-bridge", (*PYTHON, "benchmarks.clients.bridge")),
    Contestant("@dnum-mi, one call", (*DNUM_PROGRAM, "page"), DNUM),
    Contestant("@dnum-mi, numbers then each", (*DNUM_PROGRAM, "each"), DNUM),
    Contestant("demarches-simpy", (*PYTHON, "benchmarks.clients.simpy"), SIMPY),
)


def measure_others() -> Iterator[Measure]:
    """A first pull and a night of every client that can be installed."""
    with run_platform(REHEARSAL) as url, tempfile.TemporaryDirectory() as folder:
        ready = [each for each in CONTESTANTS if _rehearse(each, url)]
        last = order(url, count=DOSSIERS)["last"]
        first = {each.name: each.pull(url, folder, "first", last) for each in ready}
        changed = order(url, change=CHANGED)["changed"]
        night = {each.name: each.pull(url, folder, "night", last) for each in ready}
    _print_pulls(f"first pull of {DOSSIERS}", first)
    _print_pulls(f"night, {changed} changed", night)
    print(NOTES)
    for phase, pulls in (("first pull", first), ("night", night)):
        base = pulls[BASELINE.name]
        for name, pull in pulls.items():
            details = asdict(pull) | {"of": DOSSIERS, "ratios": pull.compare(base)}
            yield Measure(f"{phase}: {name}", pull.seconds, "s", base.seconds, details=details)


def _rehearse(contestant: Contestant, url: str) -> bool:
    """Whether the client works. The server also renders its answers now, so that this is not measured."""
    last = order(url, count=REHEARSAL)["last"]
    try:
        if contestant.package:
            contestant.package.fetch()
        with tempfile.TemporaryDirectory() as folder:
            contestant.pull(url, folder, "first", last)
            order(url, change=CHANGED)
            contestant.pull(url, folder, "night", last)
    except UnavailableError as error:
        print(f"left out: {contestant.name}: {error}", file=sys.stderr)
        return False
    return True


def _print_pulls(title: str, pulls: dict[str, Pull]) -> None:
    """One line for each client: costs with their ratios to the predecessor's, then what came."""
    print(f"{title:28} {'requests':>16} {'MB':>16} {'seconds':>16} {'dossiers':>9} {'changed':>8}")
    for name, pull in pulls.items():
        ratios = pull.compare(pulls[BASELINE.name])
        costs = (
            f"{pull.requests} (× {ratios['requests']:.3g})",
            f"{pull.bytes / 1e6:.2f} (× {ratios['bytes']:.2f})",
            f"{pull.seconds:.2f} (× {ratios['seconds']:.2f})",
        )
        print(f"{name:28} {' '.join(f'{cost:>16}' for cost in costs)} {pull.dossiers:9} {pull.changed:8}")
    print()
