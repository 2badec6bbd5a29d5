"""Broken: takes the answer that would have been sent, gives the one that a scripted fault makes of it."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ds_bridge.sandbox.engine import Answer, crash
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.limits import throttle_response

# Where `transport.py` leaves the connection of a request.
CONNECTION_KEY = "ds_bridge.sandbox.connection"

_PAGE = (
    "<!DOCTYPE html><html lang='fr'><head><title>{title}</title></head>"
    "<body><h1>{title}</h1><p>Le service est momentanément indisponible.</p></body></html>"
)


def break_answer(fault: Fault, status: int, body: bytes, now: float) -> Response:
    """The response to send instead. `now`: epoch seconds on the server's clock."""
    match fault.action:
        case "status":
            page = _PAGE.format(title=f"Erreur {fault.status}")
            return Response(page, fault.status, media_type="text/html")
        case "html":
            return Response(_PAGE.format(title="Maintenance en cours"), 200, media_type="text/html")
        case "limit":
            return throttle_response(round(now) + fault.reset_seconds, fault.retry_after)
        case "truncated":
            return _json(body[: len(body) // 2], status)
        case "invalid_json":
            return _json(body[:-1] + b",}", status)
        case "invalid_utf8":
            return _json(body.replace(b'"', b'"\xff\xfe', 1), status)
        case "wrong_bytes":
            return _json(bytes(byte ^ 1 for byte in body), status)
        case "empty":
            return _json(b'{"data":null}', 200)
        case "drop":
            return DroppedResponse(b"", 0)
        case "drop_inside":
            return DroppedResponse(body, len(body) // 2, status)
        case "delay":
            return LateResponse(body, status, fault.seconds)
        case "never":
            return LateResponse(body, status, None)
        case _:
            raise ValueError(f"{fault.action} is not a fault of HTTP")


def break_mutation(fault: Fault | None, answer: Answer) -> Answer:
    """The answer to a mutation that took effect, broken by a fault of GraphQL.

    It is a 500, or a time-out of each field; only the first of these errors has a code.
    """
    if fault is None or fault.action not in ("server_error", "timeout"):
        return answer
    if fault.action == "server_error":
        return crash()
    errors: list[dict[str, Any]] = []
    data: dict[str, Any] = {}
    for name, payload in (answer.body.get("data") or {}).items():
        data[name] = dict.fromkeys(payload or ())
        errors += [{"message": f"Timeout on {field}", "path": [name, field]} for field in data[name]]
    if errors:
        errors[0]["extensions"] = {"code": "timeout"}
    return Answer(200, {"errors": errors, "data": data}) if errors else answer


def _json(body: bytes, status: int) -> Response:
    return Response(body, status, media_type="application/json; charset=utf-8")


class DroppedResponse(Response):
    """Cuts the connection: before the answer, or after the first `sent` bytes of its body."""

    def __init__(self, body: bytes, sent: int, status: int = 200) -> None:
        super().__init__(body, status, media_type="application/json; charset=utf-8")
        self._sent = sent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._sent:
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            part = bytes(self.body)[: self._sent]
            await send({"type": "http.response.body", "body": part, "more_body": True})
        connection = scope.get(CONNECTION_KEY)
        if connection is None:
            raise RuntimeError("faults cannot cut this server's connections: start it with SandboxServer")
        connection.abort()
        # The server notices the end on its next turn, and then does not complain of a missing answer.
        while (await receive())["type"] != "http.disconnect":
            pass


class LateResponse(Response):
    """Answers after some seconds, or never (None). Gives up when the client or the server goes away."""

    def __init__(self, body: bytes, status: int, seconds: float | None) -> None:
        super().__init__(body, status, media_type="application/json; charset=utf-8")
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_wait_for_end(receive))
        closing: asyncio.Event = scope["app"].state.closing
        closes = asyncio.ensure_future(closing.wait())
        try:
            done, _ = await asyncio.wait(
                {gone, closes}, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            gone.cancel()
            closes.cancel()
        if not done:
            await super().__call__(scope, receive, send)
        elif gone not in done:
            await DroppedResponse(b"", 0)(scope, receive, send)


async def _wait_for_end(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
