"""The interpreter of a process of ours: what suits one that reads a million small objects a minute."""

from __future__ import annotations

import gc

# A dossier is a few hundred small objects in no circle. Looking for circles among them at Python's usual pace
# (700, 10, 10) takes a fifth of a pull.
_COLLECTED_EVERY = (50_000, 20, 20)


def collect_rarely() -> None:
    """Look for circles of objects as often as a dossier has them: hardly ever."""
    gc.set_threshold(*_COLLECTED_EVERY)
