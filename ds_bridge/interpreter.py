"""The interpreter of a process of ours: what suits one that starts often, and may run for long."""

from __future__ import annotations

import gc

# At Python's usual pace (700, 10, 10) a start, which makes a hundred thousand objects to stay, takes a
# twentieth longer. Ten times as rarely as here, the circles that each request leaves (httpx, tenacity: 60 KB)
# make a run grow by 15 MiB.
_COLLECTED_EVERY = (5_000, 20, 20)


def collect_rarely() -> None:
    """Look for circles of objects more rarely than Python does by itself."""
    gc.set_threshold(*_COLLECTED_EVERY)


def leave_circles() -> None:
    """Look for none any more, at the end of the process: what is there goes with it.

    Python would take all modules and classes apart, half a second of it after a run.
    """
    gc.freeze()
