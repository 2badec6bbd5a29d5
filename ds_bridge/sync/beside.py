"""Beside: a process that maps the next page while this one stores the last. Takes JSON, gives contents.

A process has one processor's worth of Python, so a load that waits for nobody is mapped by another. Where it
cannot start, or ends before its time, the pages are mapped here: it may cost time, never a dossier.
"""

from __future__ import annotations

import itertools
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Self

from ds_bridge.api.base import Raw
from ds_bridge.config import DemarcheSettings
from ds_bridge.log import get_logger
from ds_bridge.mapping.content import Content
from ds_bridge.store.encoding import EncodedJson
from ds_bridge.sync.ahead import wait_for
from ds_bridge.sync.stop import Stop
from ds_bridge.threads import make_thread

if TYPE_CHECKING:
    from ds_bridge.mapping.line import Line

_LOOK_SECONDS = 0.2

_log = get_logger("ds_bridge.sync")


class Beside:
    """Maps by the démarche's plan, made anew from its form. `start` it first, which takes it a second.

    `begin` from any thread, `collect` from one.
    """

    def __init__(self, demarche: DemarcheSettings, form: Raw) -> None:
        self._demarche, self._form = demarche, form
        self._last_ticket, self._last_done = 0, 0
        self._begun: queue.SimpleQueue[Sequence[EncodedJson] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[int, list[Content]] | None] = queue.SimpleQueue()
        self._kept: dict[int, list[Content]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.is_ready = False  # its plan is made
        self.is_over = False  # it takes no page any more

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        with self._lock:
            self.is_over = True
        self._begun.put(None)
        while self._thread is not None and self._thread.is_alive():
            # Nobody waits for what it is at, nor for its start.
            if self._process is not None:
                self._process.kill()
            self._thread.join(_LOOK_SECONDS)

    @property
    def is_started(self) -> bool:
        """Whether it is on its way, or was."""
        return self._thread is not None

    @property
    def waiting(self) -> int:
        """How many pages it was given and has not done."""
        return self._last_ticket - self._last_done

    def start(self) -> None:
        """Have it ready in a while, or over."""
        with self._lock:
            if self.is_started or self.is_over:
                return
            thread = make_thread(self._receive)
            try:
                thread.start()
            except RuntimeError as error:  # the system gives no more of them
                self.is_over = True
                _log.warning("no thread for the process that maps: pages are mapped here", detail=str(error))
            else:
                self._thread = thread

    def begin(self, raws: Sequence[EncodedJson]) -> int | None:
        """Have the dossiers of a page mapped, at once or after those before.

        Returns the ticket to collect it by; None when it is for the caller to map: until it is ready that is
        sooner done.
        """
        with self._lock:
            if self.is_over or not self.is_ready:
                return None
            self._last_ticket += 1
            self._begun.put(raws)
            return self._last_ticket

    def collect(self, ticket: int, stop: Stop) -> list[Content] | None:
        """What mapping made of each dossier, in order; None when they are for the caller to map after all.

        Raises InterruptedRunError when the end is asked for in the meantime.
        """
        while ticket not in self._kept:
            done = wait_for(self._done, stop)
            if done is None:
                self._done.put(None)  # for the next who asks: nothing comes any more
                break
            self._kept[done[0]] = done[1]
        return self._kept.pop(ticket, None)

    def _receive(self) -> None:
        """Contents come, in the order of the pages. In a thread of its own, from the start to the end."""
        code = None
        try:
            with self._start() as line:
                sender = make_thread(self._send, line)
                sender.start()
                try:
                    line.receive()  # that it is ready
                    self.is_ready = True
                    for ticket in itertools.count(1):
                        done = ticket, line.receive()
                        self._last_done = ticket  # before: whoever collects it may give the next one at once
                        self._done.put(done)
                        del done
                finally:
                    self._begun.put(None)
                    code = self._end()
                    sender.join()
        except Exception as error:  # noqa: BLE001 - told, and the pages are mapped by who collects them
            if not self.is_over:
                _log.warning(
                    "a process that maps ended early: its pages are mapped here",
                    reason=type(error).__name__,
                    exit_code=code,
                )
        finally:
            self.is_over = True
            self._done.put(None)
            self._end()

    def _send(self, line: Line) -> None:
        """Pages go, each as soon as the one before is read: whoever brings them waits for nothing."""
        try:
            while (raws := self._begun.get()) is not None:
                line.send(raws)
                del raws  # whoever stores them may be done with them first
        except Exception:  # noqa: BLE001 - nothing comes any more, and who receives tells so
            self._end()

    def _end(self) -> int | None:
        """End the process. Returns what it ended with: -9 when it was killed, for memory perhaps."""
        if self._process is None:
            return None
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(_LOOK_SECONDS)
        self._process.kill()
        return self._process.wait()

    def _start(self) -> Line:
        # Only where a load is large enough: it costs a quiet night twenty milliseconds.
        import socket

        from ds_bridge.mapping.line import Line
        from ds_bridge.mapping.worker import Task

        ours, theirs = socket.socketpair()
        with ExitStack() as stack:
            line = stack.enter_context(Line(ours))
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
                    [sys.executable, "-P", "-m", "ds_bridge.mapping.worker", str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(path or os.curdir for path in sys.path)},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    process_group=0,  # Ctrl-C is for us
                )
            line.send(Task(self._demarche.number, self._demarche.model, self._demarche.champs, self._form))
            stack.pop_all()
        _log.info("pages are mapped in a process of their own from now on", pid=self._process.pid)
        return line
