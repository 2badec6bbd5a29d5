"""Rates: limits how often a key may ask: so many times in any 60 seconds, counted in this process by
`limits`."""

from __future__ import annotations

import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class RateLimiter:
    """Allows each name `per_minute` requests in any minute. They may come all at once."""

    def __init__(self, per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(per_minute)
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def take(self, name: str) -> float:
        """Gives 0 when the request may go on, else the seconds to wait."""
        if self._window.hit(self._limit, name):
            return 0.0
        # Never 0: the minute may end between the two questions.
        return max(0.001, self._window.get_window_stats(self._limit, name).reset_time - time.time())
