"""Crew: the processes that map beside a run, one for each walk. Takes pages, gives what collects them.

They start behind the first dossiers, which an ordinary night has no more of, or when they are told to.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from typing import Self, TypeAlias

from ds_bridge.api.base import Raw
from ds_bridge.config import DemarcheSettings
from ds_bridge.mapping.content import Content
from ds_bridge.store.encoding import EncodedJson
from ds_bridge.sync.beside import Beside
from ds_bridge.sync.stop import Stop

DOSSIERS_ALONE = 500
"""What their start would cost more than it gives."""

Collect: TypeAlias = Callable[[Stop], list[Content] | None]
"""What mapping made of each dossier of a page, in order; None when they are for the caller to map after all.

Raises InterruptedRunError when the end is asked for in the meantime.
"""


class Crew:
    """At most `size` processes, and no more than there are processors. `begin` from any thread."""

    def __init__(self, demarche: DemarcheSettings, form: Raw, *, size: int = 1) -> None:
        self._members = [Beside(demarche, form) for _ in range(min(size, count_useful()))]
        self._lock = threading.Lock()
        self._passed = 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        for each in self._members:
            self._stack.enter_context(each)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.close()

    def start(self) -> None:
        """Have all of them ready in a while, for a load that will have them busy."""
        with self._lock:
            for each in self._members:
                each.start()

    def begin(self, raws: Sequence[EncodedJson]) -> Collect | None:
        """Have the dossiers of a page mapped by whoever has the least to do.

        Another process starts when all before it are busy. None when they are for the caller to map.
        """
        with self._lock:
            self._passed += len(raws)
            if self._passed <= DOSSIERS_ALONE:
                return None
            able = [each for each in self._members if not each.is_over]
            if all(each.is_ready and each.waiting for each in able if each.is_started):
                self._start_another(able)
            ready = [each for each in able if each.is_ready]
            if not ready:
                return None
            member = min(ready, key=lambda each: each.waiting)
            ticket = member.begin(raws)
        return None if ticket is None else partial(member.collect, ticket)

    def _start_another(self, able: Sequence[Beside]) -> None:
        another = next((each for each in able if not each.is_started), None)
        if another is not None:
            another.start()


def count_useful() -> int:
    """How many processes are of use: one a processor, for the run itself waits most of the time.

    None where there is but one processor, or where our own interpreter cannot be started.
    """
    is_python = bool(sys.executable) and not getattr(sys, "frozen", False)  # else it would start the program
    processors = _count_processors()
    return processors if os.name == "posix" and is_python and processors > 1 else 0


def _count_processors() -> int:
    with suppress(AttributeError):  # not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
