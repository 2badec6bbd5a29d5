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
# The kernel walks through all of a process to tell its share of memory: not at every look.
_SHARE_SECONDS = 0.2
_PEAK = re.compile(rb"^VmHWM:\s+(\d+) kB", re.MULTILINE)
_SHARE = re.compile(rb"^Pss:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class Done:
    """What a process cost: seconds on the clock, seconds of processor, MiB at its peak. And what it said.

    With those it started: the processor of all, the memory of all at a time, what they share counted once.
    The peak is 0 where nobody watched it.
    """

    seconds: float
    processor: float
    peak: float
    output: bytes


def run_python(*arguments: str, folder: Path | None = None, watch: bool = False) -> Done:
    """Run this interpreter with these arguments, in `folder`. A failure ends the benchmark.

    `watch` its memory: that takes a tenth of a processor, which who is timed may be in need of.
    """
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen([sys.executable, *arguments], cwd=folder, stdout=output)
        peak = _watch(process.pid) if watch else 0
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(arguments)}: exit code {process.returncode}")
        output.seek(0)
        return Done(seconds, usage.ru_utime + usage.ru_stime, peak / 1024, output.read())


def _watch(pid: int) -> int:
    """The most memory that it and its children held, in KiB, once it has ended."""
    family = _Family(pid)
    # Not getrusage's maximum: a child's starts from what its parent held.
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        family.look()
        time.sleep(_LOOK_SECONDS)
    return family.peak


class _Family:
    """A process and those it started: the most memory they ever held together, in KiB."""

    def __init__(self, pid: int) -> None:
        self._pid, self._next_share = pid, 0.0
        self.peak = 0

    def look(self) -> None:
        """While it is alone its own record says it exactly; of several, what they hold at this moment."""
        # Each thread has the processes that it started.
        threads = Path(f"/proc/{self._pid}/task").glob("*")
        others = [
            each for thread in threads for each in _read(self._pid, f"task/{thread.name}/children").split()
        ]
        if not others:
            self.peak = max(self.peak, _find(_PEAK, self._pid, "status"))
        elif time.perf_counter() >= self._next_share:
            self._next_share = time.perf_counter() + _SHARE_SECONDS
            pids = (self._pid, *map(int, others))
            self.peak = max(self.peak, sum(_find(_SHARE, pid, "smaps_rollup") for pid in pids))


def _find(pattern: re.Pattern[bytes], pid: int, name: str) -> int:
    found = pattern.search(_read(pid, name))
    return int(found[1]) if found else 0


def _read(pid: int, name: str) -> bytes:
    """A file about a process; nothing once it has ended."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
