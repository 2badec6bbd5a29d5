"""Stop: how a run learns that it should end. Set by a signal handler, looked at between two pages."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from ds_bridge.errors import InterruptedRunError


class Stop:
    """A request to end after the page in hand. Also the run's `sleep`, so that no wait outlives it."""

    def __init__(self) -> None:
        self._requested = False
        self._signal = signal.SIGINT
        # Held until the end is asked for; whoever gets it passes it on. Not an Event: a signal handler may
        # run inside Event.wait or inside another handler's Event.set, and would wait for itself for ever.
        self._gate = threading.Lock()
        self._gate.acquire()

    def request(self, signal_number: signal.Signals = signal.SIGINT) -> None:
        """Ask for the end. The first request counts."""
        if self._requested:
            return
        self._signal, self._requested = signal_number, True
        with suppress(RuntimeError):  # another thread opened it in the same moment
            self._gate.release()

    def check(self) -> None:
        """Raise InterruptedRunError when the end was asked for."""
        if self._requested:
            raise InterruptedRunError(
                f"stopped by {self._signal.name} after a whole page; run the same command again to go on",
                signal_number=self._signal,
            )

    def sleep(self, seconds: float) -> None:
        """Wait, or raise InterruptedRunError as soon as the end is asked for."""
        if self._gate.acquire(timeout=max(seconds, 0)):
            self._gate.release()
        self.check()

    def wait(self) -> None:
        """Block until the end is asked for."""
        with self._gate:
            pass

    @contextmanager
    def on_signals(self) -> Iterator[Stop]:
        """Let SIGTERM and Ctrl-C request the end; a second one ends at once. Main thread only."""

        def handle(number: int, frame: FrameType | None) -> None:
            del frame
            if self._requested:
                raise KeyboardInterrupt
            self.request(signal.Signals(number))

        previous = {each: signal.signal(each, handle) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield self
        finally:
            for each, handler in previous.items():
                signal.signal(each, handler)
