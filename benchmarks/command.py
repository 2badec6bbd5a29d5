"""Runs whole processes and measures their time, their processor time and their peak of memory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

_WATCH_SECONDS, _LOOK_SECONDS = 0.01, 0.05
_PEAK = re.compile(rb"^VmHWM:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class Done:
    """What a process cost (seconds on the clock, seconds of processor, MiB at its peak), and its output.

    `main_thread`: seconds of processor of the thread that began the process, up to a twentieth of a second
    before its end. The peak is 0 when it was not watched.
    """

    seconds: float
    processor: float
    main_thread: float
    peak: float
    output: bytes


def run_python(*arguments: str, folder: Path | None = None, watch: bool = False) -> Done:
    """Run this interpreter with these arguments, in `folder`. A failure ends the benchmark.

    `watch` its memory: this takes a tenth of a processor, which a timed process may need.
    """
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen([sys.executable, *arguments], cwd=folder, stdout=output)
        peak, main_thread = _follow(process.pid, watch=watch)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(arguments)}: exit code {process.returncode}")
        output.seek(0)
        return Done(seconds, usage.ru_utime + usage.ru_stime, main_thread, peak / 1024, output.read())


def _follow(pid: int, *, watch: bool) -> tuple[int, float]:
    """The peak of its memory in KiB (when watched) and its main thread's processor, after its end."""
    peak, main_thread = 0, 0.0
    while _is_running(pid):
        if watch:
            # Not getrusage's maximum: for a child it begins with the memory of its parent.
            found = _PEAK.search(Path(f"/proc/{pid}/status").read_bytes())
            peak = max(peak, int(found[1]) if found else 0)
        main_thread = int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0]) / 1e9
        time.sleep(_WATCH_SECONDS if watch else _LOOK_SECONDS)
    return peak, main_thread


def _is_running(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
