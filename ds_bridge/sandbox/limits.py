"""Limits: limits requests, counted in windows of the server's clock.

GraphQL: 400 a minute for each raw `Authorization` header; requests without this header are not counted,
because nothing tells their senders apart. New drafts of the prefill API: 15 in 15 seconds for each address.
"""

from __future__ import annotations

import threading

from starlette.responses import Response

PLATFORM_LIMIT = 400
MINUTE = 60
DRAFTS_LIMIT = 15
DRAFTS_WINDOW = 15
_MESSAGE = "Calme toi : trop de requêtes.\nToo many requests: take a breather and try again soon.\n"


class WindowLimit:
    """At most `most` requests of each sender in a window of so many seconds.

    `most` may be changed while the sandbox runs; None: no limit.
    """

    def __init__(self, most: int | None, window_seconds: int) -> None:
        self.most = most
        self._window_seconds = window_seconds
        self._lock = threading.Lock()
        self._window = 0
        self._counts: dict[str, int] = {}

    def refuse(self, sender: str | None, now: float) -> Response | None:
        """Count a request made at `now` (epoch seconds). Gives the 429 when it is one too many."""
        if sender is None or self.most is None:
            return None
        window = int(now // self._window_seconds)
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, {}
            count = self._counts[sender] = self._counts.get(sender, 0) + 1
        if count <= self.most:
            return None
        return throttle_response((window + 1) * self._window_seconds)

    def reset(self) -> None:
        """Forget what was counted."""
        with self._lock:
            self._counts = {}


class RateLimit(WindowLimit):
    """The limit of GraphQL. `per_minute` may be changed while the sandbox runs; None: no limit."""

    def __init__(self, per_minute: int | None = PLATFORM_LIMIT) -> None:
        super().__init__(per_minute, MINUTE)

    @property
    def per_minute(self) -> int | None:
        return self.most

    @per_minute.setter
    def per_minute(self, most: int | None) -> None:
        self.most = most


def throttle_response(reset: int, retry_after: int | None = None) -> Response:
    """The platform's 429: a text without a type, and when to come back. `retry_after`: use that header
    instead."""
    headers = {"RateLimit-Remaining": "0", "RateLimit-Reset": str(reset)}
    if retry_after is not None:
        headers = {"Retry-After": str(retry_after)}
    return Response(_MESSAGE, 429, headers)
