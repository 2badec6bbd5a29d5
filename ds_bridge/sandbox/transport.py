"""Transport: between server and application. Adds the clock to answers, and lets faults cut connections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from email.utils import format_datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ds_bridge.sandbox.broken import CONNECTION_KEY


class SandboxTransport:
    """An ASGI application around another: adds `Date` to answers, and the connection to each request's
    scope."""

    def __init__(self, app: ASGIApp, now: Callable[[], dt.datetime]) -> None:
        self._app = app
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # uvicorn has no public way to the connection, but its `send` is a method of the object that holds it.
        cycle: Any = getattr(send, "__self__", None)
        scope[CONNECTION_KEY] = getattr(cycle, "transport", None)

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self._now(), usegmt=True).encode("ascii")
                message["headers"] = [*message.get("headers", ()), (b"date", date)]
            await send(message)

        await self._app(scope, receive, send_dated)
