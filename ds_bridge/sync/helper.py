"""Helper: a process that maps the next page while this one stores the last. Takes pages, gives contents.

A process has one processor's worth of Python, so a load that waits for nobody is mapped by another. It starts
with the first dossiers that a night does not have, and where it cannot, or ends before its time, the pages
are mapped here: it may cost time, never a dossier.
"""

from __future__ import annotations

import contextvars
import os
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import orjson

from ds_bridge.api.base import Raw
from ds_bridge.api.pages import Page
from ds_bridge.config import DemarcheSettings
from ds_bridge.errors import BadDataError
from ds_bridge.log import get_logger
from ds_bridge.mapping.content import Content
from ds_bridge.sync.ahead import wait_for
from ds_bridge.sync.stop import Stop

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

DOSSIERS_ALONE = 500
"""What its start would cost more than it gives."""

Contents: TypeAlias = list[Content | BadDataError]

_log = get_logger("ds_bridge.sync")


class Helper:
    """Maps by the démarche's plan, made anew from its form. `begin` from any thread, `collect` from one."""

    def __init__(self, demarche: DemarcheSettings, form: Raw, *, allowed: bool = True) -> None:
        self._demarche, self._form = demarche, form
        self._passed, self._last_ticket = 0, 0
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection[Any, Any] | None = None
        self._receiver: threading.Thread | None = None
        self._arrived: queue.SimpleQueue[tuple[int, Contents] | None] = queue.SimpleQueue()
        self._came: dict[int, Contents] = {}
        self._lock = threading.Lock()
        self._is_over = not (allowed and can_help())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._is_over = True
        # First of all: whoever sends it a page waits no more.
        self._end()
        with self._lock:
            self._end()  # it may have been started in the meantime
            if self._line is not None and self._receiver is not None:
                self._receiver.join()
                self._line.close()

    def begin(self, page: Page) -> int | None:
        """Have a page mapped. Returns the ticket to collect it by; None when it is for the caller to map."""
        with self._lock:
            self._passed += len(page.nodes)
            if self._is_over or self._passed <= DOSSIERS_ALONE:
                return None
            try:
                line = self._line or self._start()
                self._last_ticket += 1
                line.send((self._last_ticket, orjson.dumps(page.nodes)))
            except (OSError, orjson.JSONEncodeError) as error:
                self._give_up(type(error).__name__)
                return None
            return self._last_ticket

    def collect(self, ticket: int, stop: Stop) -> Contents | None:
        """What became of a page; None when it is for the caller to map after all.

        Raises InterruptedRunError when the end is asked for in the meantime.
        """
        while ticket not in self._came:
            arrived = wait_for(self._arrived, stop)
            if arrived is None:
                self._arrived.put(None)  # for the next who asks: nothing comes any more
                break
            came, contents = arrived
            self._came[came] = contents
        return self._came.pop(ticket, None)

    def _receive(self, line: Connection[Any, Any]) -> None:
        """In a thread: it never waits for us to take what it gives, so that neither waits for the other."""
        try:
            while True:
                self._arrived.put(line.recv())
        except Exception as error:  # noqa: BLE001 - told, and the pages are mapped here
            self._give_up(type(error).__name__)
            self._arrived.put(None)

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _start(self) -> Connection[Any, Any]:
        # Only where a load is large enough: it costs a quiet night twenty milliseconds.
        from multiprocessing import Pipe

        from ds_bridge.mapping.worker import Task

        line, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
                [sys.executable, "-P", "-m", "ds_bridge.mapping.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path or os.curdir for path in sys.path)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self._line = line
        # Log lines of the thread name the run as ours do.
        context = contextvars.copy_context()
        self._receiver = threading.Thread(target=context.run, args=(self._receive, line), daemon=True)
        self._receiver.start()
        line.send(Task(self._demarche.number, self._demarche.model, self._demarche.champs, self._form))
        _log.info("pages are mapped in a process of their own from now on", pid=self._process.pid)
        return line

    def _give_up(self, reason: str) -> None:
        if not self._is_over:
            _log.warning("the process that maps ended early: pages are mapped here again", reason=reason)
        self._is_over = True


def can_help() -> bool:
    """Whether this system can give a second process a processor."""
    return os.name == "posix" and bool(sys.executable) and _count_processors() > 1


def _count_processors() -> int:
    with suppress(AttributeError):  # not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
