"""The interpreter of a process of ours: what suits one that starts often, and may run for long."""

from __future__ import annotations

import gc
import os
import sys

# A start makes a hundred thousand objects that stay: among them no circles need be looked for.
_STARTING = (50_000, 20, 20)
# At the pace of a start, what each request leaves in circles (httpx, tenacity: 60 KB) makes a run grow by
# 15 MiB.
_RUNNING = (5_000, 20, 20)


def start_quickly() -> None:
    """Before anything is loaded: look for circles of objects rarely, leave out what is never used."""
    gc.set_threshold(*_STARTING)
    # httpx's own command line, which brings click, rich and pygments where they are there. httpx does without
    # when it cannot be imported, and None says so.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    # Plugins of pydantic are looked for among all that is installed, and see every value: none is wanted.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def run_long() -> None:
    """Once most is loaded: look for circles in what comes from here on, and often enough for a long run.

    Nothing in a process that did not `start_quickly`: it is not ours.
    """
    if gc.get_threshold() == _STARTING:
        gc.freeze()
        gc.set_threshold(*_RUNNING)


def leave_circles() -> None:
    """Look for none any more, at the end of the process: what is there goes with it.

    Python would take all modules and classes apart, half a second of it after a run.
    """
    gc.freeze()
