"""The interpreter of a process of ours: what suits one that reads a million small objects a minute."""

from __future__ import annotations

import gc
import sys
from contextlib import suppress

# A dossier is a few hundred small objects in no circle. Looking for circles among them at Python's usual pace
# (700, 10, 10) takes a fifth of a pull.
_COLLECTED_EVERY = (50_000, 20, 20)
_M_ARENA_MAX = -8  # malloc.h of glibc


def collect_rarely() -> None:
    """Look for circles of objects as often as a dossier has them: hardly ever."""
    gc.set_threshold(*_COLLECTED_EVERY)


def share_heap() -> None:
    """Have every thread to come take its memory from one heap: glibc's.

    It gives each thread a heap of its own, and what a page leaves in one is of no use to the next page, which
    another thread reads: memory grows for hours. Another C library is left as it is.
    """
    if sys.platform == "linux":
        with suppress(ImportError, AttributeError, OSError):  # a Python without it, another C library
            import ctypes

            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
