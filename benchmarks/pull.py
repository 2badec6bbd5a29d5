"""Pull: a first load by `ds-bridge sync` from a server that needs a second for each page, like the platform.

It is compared with the server's own time, in the quickest of three rounds, because the machine's other work
slows the others. Then comes the processor time for each dossier: of the thread that maps and stores, and of
the whole process. For information, the same from a server that answers at once, beside a bare loop that only
keeps raw JSON.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.command import Done, run_python
from benchmarks.platform import read_counters, run_platform
from benchmarks.stores import pull_all, read_delay, read_load, write_config
from benchmarks.table import Measure

LOAD = 3000
ROUNDS = 3


def measure_pull() -> Iterator[Measure]:
    """Whole processes, their start included."""
    count, delay = read_load(LOAD), read_delay()
    with run_platform(count, delay=delay) as platform:
        rounds = [_pull_timed(platform, count) for _ in range(ROUNDS)]
    done, answering = min(rounds, key=lambda one: one[0].seconds / one[1])
    name = f"pull {count}, {delay:g} s a page"
    yield Measure(f"{name}, beside the server's time", done.seconds, "s", answering, "ratio <= 1.06")
    yield Measure(
        f"{name}: mapping thread, a dossier", 1000 * done.main_thread / count, "ms", target="<= 2 ms"
    )
    yield Measure(f"{name}: processor a dossier", 1000 * done.processor / count, "ms")


def measure_instant() -> Iterator[Measure]:
    """Both in turn; the fastest time of each counts, because the machine's other work slows the others."""
    count = read_load(LOAD)
    with run_platform(count) as platform:
        pairs = [(_pull(platform, count).seconds, _pull_bare(platform)) for _ in range(ROUNDS)]
    ours, theirs = (min(times) for times in zip(*pairs, strict=True))
    yield Measure(f"pull {count} from an instant server, for information", ours, "s", theirs)


def _pull_timed(platform: str, count: int) -> tuple[Done, float]:
    """A pull, and the seconds that the server took for its answers."""
    before = read_counters(platform)["seconds"]
    done = _pull(platform, count)
    return done, read_counters(platform)["seconds"] - before


def _pull(platform: str, count: int) -> Done:
    with tempfile.TemporaryDirectory() as name:
        write_config(Path(name), platform)
        return pull_all(Path(name), count)


def _pull_bare(platform: str) -> float:
    with tempfile.TemporaryDirectory() as name:
        return run_python("-m", "benchmarks.bare", platform, str(Path(name) / "bare.db")).seconds
