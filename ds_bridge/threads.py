"""Threads: how a thread of ours is made. It never outlives the process, and its log lines name the run."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Any


def make_thread(work: Callable[..., None], *arguments: Any, name: str | None = None) -> threading.Thread:
    """A thread that does `work(*arguments)` in the context of whoever makes it. Not started."""
    context = contextvars.copy_context()
    return threading.Thread(target=context.run, args=(work, *arguments), name=name, daemon=True)
