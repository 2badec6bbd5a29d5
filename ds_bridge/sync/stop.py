"""Stop: tells a run that it should end. A signal handler sets it; the run looks at it between two pages."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from ds_bridge.errors import InterruptedRunError


class Stop:
    """A request to end after the current page. It is also the run's `sleep`, so that a wait ends too.

    `after` says what the run ends after, where that is not a page.
    """

    def __init__(self, after: str = "a whole page") -> None:
        self._after = after
        self._requested = False
        self._at_once: str | None = None
        self._signal = signal.SIGINT
        # The lock is held until the end is asked for; a thread that gets the lock releases it for the next.
        # Not an Event: a signal handler may run inside Event.wait or inside another handler's Event.set, and
        # would then wait for itself for ever.
        self._gate = threading.Lock()
        self._gate.acquire()

    def request(self, signal_number: signal.Signals = signal.SIGINT) -> None:
        """Ask the run to end. The first request counts."""
        if self._requested:
            return
        self._signal, self._requested = signal_number, True
        with suppress(RuntimeError):  # another thread released it in the same moment
            self._gate.release()

    def check(self) -> None:
        """Raise InterruptedRunError when the run was asked to end."""
        if self._requested:
            why = self._at_once or f"after {self._after}; run the same command again to go on"
            raise InterruptedRunError(f"stopped by {self._signal.name} {why}", signal_number=self._signal)

    def sleep(self, seconds: float) -> None:
        """Wait, or raise InterruptedRunError as soon as the run is asked to end."""
        if self._gate.acquire(timeout=max(seconds, 0)):
            self._gate.release()
        self.check()

    def wait(self) -> None:
        """Block until the run is asked to end."""
        with self._gate:
            pass

    @contextmanager
    def at_once(self, why: str) -> Iterator[None]:
        """Nothing is changed yet: a signal ends the run at any point, while it reads or asks a question."""
        self._at_once = why
        try:
            self.check()
            yield
        finally:
            self._at_once = None

    @contextmanager
    def on_signals(self) -> Iterator[Stop]:
        """SIGTERM and Ctrl-C ask for the end; a second signal ends the process at once. Main thread only."""

        def handle(number: int, frame: FrameType | None) -> None:
            del frame
            if self._requested:
                raise KeyboardInterrupt
            self.request(signal.Signals(number))
            if self._at_once is not None:
                self.check()

        previous = {each: signal.signal(each, handle) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield self
        finally:
            for each, handler in previous.items():
                signal.signal(each, handler)
