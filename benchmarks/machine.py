"""The machine: how much two processes get done at the same time, beside one. 2 where each has a processor.

Many a virtual one is half of a real one, and then two busy processes do little more than one: what a second
process or a second walk can give ends there.
"""

from __future__ import annotations

import subprocess
import sys
import time

# What a pull does all day: JSON into objects, and objects thrown away.
WORK = """
import orjson
text = orjson.dumps([{"id": str(number), "label": "x" * 20} for number in range(20_000)])
for _ in range(100):
    orjson.loads(text)
"""


def measure_processors() -> float:
    """The work of two processes at once over that of one in the same time."""
    alone = min(_run(1) for _ in range(3))
    return 2 * alone / min(_run(2) for _ in range(3))


def _run(processes: int) -> float:
    started = time.perf_counter()
    running = [subprocess.Popen([sys.executable, "-c", WORK]) for _ in range(processes)]
    for each in running:
        if each.wait():
            raise SystemExit(f"the work of benchmarks/machine.py: exit code {each.returncode}")
    return time.perf_counter() - started
