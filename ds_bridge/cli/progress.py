"""Progress of a long run on a terminal: a line for each démarche, with count, rate and time."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from ds_bridge.log import show_line

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Counted(Protocol):
    """What progress shows: a name and a count."""

    @property
    def name(self) -> str: ...

    @property
    def seen(self) -> int: ...


@contextmanager
def show_progress(
    *, quiet: bool = False, what: str = "dossiers", first: str = "asking the platform"
) -> Iterator[Callable[[Counted], None]]:
    """A function to call, from any thread, with the counts after every page.

    `first` is shown until something is counted. While the display is shown, stderr belongs to it: lines
    written there appear above the display.
    """
    if quiet or not sys.stderr.isatty():
        yield _stay_silent
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Lines(bar, what, first).show


class _Lines:
    """The lines of the display, one for each counted name."""

    def __init__(self, bar: Progress, what: str, first: str) -> None:
        self._bar, self._what = bar, what
        self._waiting: TaskID | None = bar.add_task(f"{first}…", total=None)
        self._tasks: dict[str, tuple[TaskID, float]] = {}
        self._lock = threading.Lock()

    def show(self, counted: Counted) -> None:
        """Update the line of this name."""
        with self._lock:
            if self._waiting is not None:
                self._bar.remove_task(self._waiting)
                self._waiting = None
            if counted.name not in self._tasks:
                task = self._bar.add_task(show_line(counted.name), total=None)
                self._tasks[counted.name] = (task, time.monotonic())
            task, started = self._tasks[counted.name]
        name = show_line(counted.name)
        seconds = time.monotonic() - started
        rate = f", {counted.seen / seconds:.0f} a second" if seconds >= 1 else ""
        self._bar.update(task, description=f"{name}: {counted.seen} {self._what}{rate}")


def _stay_silent(counted: Counted) -> None:
    del counted
