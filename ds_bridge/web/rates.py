"""Rates: how often a key may ask. So many in any 60 seconds, counted in this process alone by `limits`."""

from __future__ import annotations

import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class RateLimiter:
    """`per_minute` requests in any minute for each name, all at once when the name wants."""

    def __init__(self, per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(per_minute)
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def take(self, name: str) -> float:
        """0 when the request may go on, else in how many seconds the next one may."""
        if self._window.hit(self._limit, name):
            return 0.0
        # Never 0: the minute may end between the two questions.
        return max(0.001, self._window.get_window_stats(self._limit, name).reset_time - time.time())
