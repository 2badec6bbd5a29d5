"""Rates: how often a key may ask. A bucket for each, that fills steadily and never above a minute's worth.

Counted in this process alone. Called from the event loop only, hence no lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable

_MINUTE = 60.0


class RateLimiter:
    """`per_minute` requests a minute for each name, that many at once after a rest."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = float(per_minute)
        self._a_second = per_minute / _MINUTE
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, name: str) -> float:
        """0 when the request may go on, else in how many seconds the next one may."""
        now = self._clock()
        left, seen_at = self._buckets.get(name, (self._limit, now))
        left = min(self._limit, left + (now - seen_at) * self._a_second)
        if left < 1:
            self._buckets[name] = (left, now)
            return (1 - left) / self._a_second
        self._buckets[name] = (left - 1, now)
        return 0.0
