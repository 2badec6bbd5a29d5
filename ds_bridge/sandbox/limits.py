"""The limit on requests: counted per raw `Authorization` header, a minute of the server's clock at a time.

Requests without the header are not counted, since nothing tells them apart.
"""

from __future__ import annotations

import threading

from starlette.responses import PlainTextResponse, Response

WINDOW_SECONDS = 60
PLATFORM_LIMIT = 400
_MESSAGE = "Calme toi : trop de requêtes.\nToo many requests: take a breather and try again soon.\n"


class RateLimit:
    """`per_minute` may be changed while the sandbox runs; None: no limit."""

    def __init__(self, per_minute: int | None = PLATFORM_LIMIT) -> None:
        self.per_minute = per_minute
        self._lock = threading.Lock()
        self._window = 0
        self._counts: dict[str, int] = {}

    def refuse(self, authorization: str | None, now: float) -> Response | None:
        """Count a request made at `now` (epoch seconds); the 429 when it is one too many."""
        if authorization is None or self.per_minute is None:
            return None
        window = int(now // WINDOW_SECONDS)
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, {}
            count = self._counts[authorization] = self._counts.get(authorization, 0) + 1
        if count <= self.per_minute:
            return None
        return throttle_response((window + 1) * WINDOW_SECONDS)

    def reset(self) -> None:
        """Forget what was counted."""
        with self._lock:
            self._counts = {}


def throttle_response(reset: int, retry_after: int | None = None) -> Response:
    """The platform's 429: plain text, and when to come back on its clock. `retry_after`: as others say it."""
    headers = {"RateLimit-Remaining": "0", "RateLimit-Reset": str(reset)}
    if retry_after is not None:
        headers = {"Retry-After": str(retry_after)}
    return PlainTextResponse(_MESSAGE, 429, headers)
