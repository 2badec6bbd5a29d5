"""Progress of a long run: count, rate and time on a terminal's stderr; nothing in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ds_bridge.sync import Summary


@contextmanager
def show_progress(name: str) -> Iterator[Callable[[Summary], None]]:
    """A function to call with the summary after every page."""
    if not sys.stderr.isatty():
        yield _stay_silent
        return
    from rich.console import Console

    console = Console(stderr=True)
    started = time.monotonic()
    with console.status(f"{name}: asking for the form") as status:

        def show(summary: Summary) -> None:
            seconds = time.monotonic() - started
            rate = summary.seen / seconds if seconds else 0.0
            minutes, rest = divmod(int(seconds), 60)
            status.update(f"{name}: {summary.seen} dossiers, {rate:.0f} a second, {minutes}:{rest:02}")

        yield show


def _stay_silent(summary: Summary) -> None:
    del summary
