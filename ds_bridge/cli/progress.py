"""Progress of a long run: count, rate and time on a terminal's stderr, a line a démarche; not in a pipe."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol


class Counted(Protocol):
    """What progress is shown of: a name and how many so far."""

    @property
    def name(self) -> str: ...

    @property
    def seen(self) -> int: ...


@contextmanager
def show_progress(*, quiet: bool = False, what: str = "dossiers") -> Iterator[Callable[[Counted], None]]:
    """A function to call, from any thread, with the counts after every page."""
    if quiet or not sys.stderr.isatty():
        yield _stay_silent
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    tasks: dict[str, tuple[TaskID, float]] = {}
    lock = threading.Lock()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:

        def show(counted: Counted) -> None:
            with lock:
                if counted.name not in tasks:
                    tasks[counted.name] = (bar.add_task(counted.name, total=None), time.monotonic())
                task, started = tasks[counted.name]
            seconds = time.monotonic() - started
            rate = f", {counted.seen / seconds:.0f} a second" if seconds >= 1 else ""
            bar.update(task, description=f"{counted.name}: {counted.seen} {what}{rate}")

        yield show


def _stay_silent(counted: Counted) -> None:
    del counted
