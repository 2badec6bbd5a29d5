"""Whole processes: how long one took, its processor time and the most memory it ever held."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

_LOOK_SECONDS = 0.01
_PEAK = re.compile(rb"^VmHWM:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class Done:
    """What a process cost: seconds on the clock, seconds of processor, MiB at its peak. And what it said."""

    seconds: float
    processor: float
    peak: float
    output: bytes


def run_python(*arguments: str, folder: Path | None = None) -> Done:
    """Run this interpreter with these arguments, in `folder`. A failure ends the benchmark."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen([sys.executable, *arguments], cwd=folder, stdout=output)
        peak = 0
        # Not getrusage's maximum: a child's starts from what its parent held.
        while True:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            found = _PEAK.search(Path(f"/proc/{process.pid}/status").read_bytes())
            peak = int(found[1]) if found else peak  # nothing is left of it once it has ended
            time.sleep(_LOOK_SECONDS)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(arguments)}: exit code {process.returncode}")
        output.seek(0)
        return Done(seconds, usage.ru_utime + usage.ru_stime, peak / 1024, output.read())
