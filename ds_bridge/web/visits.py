"""Visits: for every request, writes a line in the access log, counts it, and sets the security headers.

The line has route, status, duration and the key's name; no address, no query string, no content.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ds_bridge.log import get_logger
from ds_bridge.web.counters import Counters

UNMATCHED = "unmatched"
QUIET_ROUTES = frozenset({"/healthz", "/readyz", "/metrics"})
"""The requests of monitors, all day long: logged only with -v."""

_METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"})
_SCOPE_KEY = "ds_bridge.visit"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
_CLIENT_LEFT = 499

_log = get_logger("ds_bridge.web.access")


@dataclass(slots=True)
class Visit:
    """What the log will say of a request. Routes fill it in."""

    route: str = UNMATCHED
    key: str | None = None
    status: int = _CLIENT_LEFT


def visit_of(scope: Scope) -> Visit:
    """The visit of a request."""
    visit = scope[_SCOPE_KEY]
    assert isinstance(visit, Visit)  # noqa: S101 - tells the type checker what Visits put there
    return visit


class Visits:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, counters: Counters) -> None:
        self._app = app
        self._counters = counters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then log and count the request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = scope[_SCOPE_KEY] = Visit()
        asked = scope
        if scope["method"] == "HEAD":  # the same as GET; the server leaves out the body
            asked = {**scope, "method": "GET"}
        began = time.perf_counter()

        async def send_noticed(message: Message) -> None:
            if message["type"] == "http.response.start":
                visit.status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        with self._counters.in_flight.track_inprogress():
            try:
                await self._app(asked, receive, send_noticed)
            finally:
                self._write_down(scope["method"], visit, time.perf_counter() - began)

    def _write_down(self, method: str, visit: Visit, seconds: float) -> None:
        # A method is free text from the client: only known methods are counted by name.
        method = method if method in _METHODS else "other"
        self._counters.count_request(method, visit.route, visit.status, seconds)
        write = _log.debug if visit.route in QUIET_ROUTES else _log.info
        write(
            "request",
            method=method,
            route=visit.route,
            status=visit.status,
            milliseconds=round(seconds * 1000, 1),
            key=visit.key,
        )
