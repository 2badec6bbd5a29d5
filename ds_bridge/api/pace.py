"""Pace: how often we may ask. Shared by every thread that uses one token.

The platform counts 400 requests a minute per token and answers 429 above. A sliding minute keeps us below
that, wherever its own minutes begin. After a 429 nobody sends before the time that it names.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

WINDOW_SECONDS = 60.0


class Pace:
    """At most `requests` in any window (by default, a minute). `wait` blocks until the next one may leave."""

    def __init__(
        self,
        requests: int,
        *,
        window_seconds: float = WINDOW_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limit = requests
        self._window = window_seconds
        self._clock = clock
        self._sleep = sleep
        self._sent: deque[float] = deque()
        self._closed_until = 0.0
        self._lock = threading.Lock()

    def wait(self) -> float:
        """Take a place in the minute; returns the seconds waited."""
        waited = 0.0
        while (delay := self._take_place()) > 0:
            self._sleep(delay)
            waited += delay
        return waited

    def close_for(self, seconds: float) -> None:
        """The platform asked us to stay away: nobody sends for this many seconds."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + seconds)

    def _take_place(self) -> float:
        with self._lock:
            now = self._clock()
            if now < self._closed_until:
                return self._closed_until - now
            # One comparison decides both who leaves the window and who waits, so that rounding cannot
            # make a place free for the one and taken for the other.
            while self._sent and self._sent[0] + self._window <= now:
                self._sent.popleft()
            if len(self._sent) >= self._limit:
                return self._sent[0] + self._window - now
            self._sent.append(now)
            return 0.0
