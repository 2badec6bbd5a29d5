"""Routes: the checks before every endpoint of `/v1`: key, rate, démarche, body, in this order.

So the service reads no body of a caller without a key, and a caller learns nothing about other démarches than
their own. Every error of an endpoint becomes a problem here.
"""

from __future__ import annotations

import math
import secrets
import traceback
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from ds_bridge.errors import DsBridgeError
from ds_bridge.log import get_logger
from ds_bridge.web import bodies
from ds_bridge.web.keys import Key
from ds_bridge.web.problems import ProblemError, translate_error
from ds_bridge.web.visits import Visit, visit_of

if TYPE_CHECKING:
    from ds_bridge.web.service import Service

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_REALM = 'Bearer realm="ds-bridge"'

_log = get_logger("ds_bridge.web")


class NoticedRoute(APIRoute):
    """A route that notes its template for the log, and turns failures into problems."""

    def get_route_handler(self) -> _Handler:
        """The endpoint with the checks before it and the handling of errors."""
        answer = self.guard(super().get_route_handler())
        template = self.path_format

        async def handle(request: Request) -> Response:
            visit = visit_of(request.scope)
            visit.route = template
            try:
                return await answer(request)
            except (HTTPException, RequestValidationError):
                raise
            except DsBridgeError as error:
                raise _explain(error, template) from error
            except Exception as error:
                # Whatever fails: the client gets a problem, and the log gets a trace without data.
                raise _report(error, template) from error

        return handle

    def guard(self, answer: _Handler) -> _Handler:
        """The checks before the endpoint: none here."""
        return answer


class KeyedRoute(NoticedRoute):
    """A route of `/v1`."""

    def guard(self, answer: _Handler) -> _Handler:
        """Key, rate, démarche, body."""
        has_body = not _WITH_BODY.isdisjoint(self.methods or ())

        async def handle(request: Request) -> Response:
            service: Service = request.app.state.service
            _admit(service, request, visit_of(request.scope))
            if has_body:
                value = await bodies.read_json(request, service.settings.web.max_body_bytes)
                request = _ReadRequest(request, value)
            return await answer(request)

        return handle


def key_of(request: Request) -> Key:
    """The key of a request to `/v1`."""
    key = request.state.key
    assert isinstance(key, Key)  # noqa: S101 - tells the type checker what the route put there
    return key


class _ReadRequest(Request):
    """A request whose body we have read by our own rules. The framework takes the values from here."""

    def __init__(self, request: Request, value: Any) -> None:
        super().__init__(request.scope, request.receive)
        self._value = value

    async def body(self) -> bytes:
        """Any text that is not empty: the framework only asks whether there is a body."""
        return b"{}"

    async def json(self) -> Any:
        """The values."""
        return self._value


def _admit(service: Service, request: Request, visit: Visit) -> None:
    authorization = request.headers.get("authorization", "")
    key = service.keyring.find(authorization)
    if key is None:
        challenge = f'{_REALM}, error="invalid_token"' if authorization else _REALM
        detail = "This key is not known." if authorization else "No key was sent."
        raise ProblemError(401, detail, headers={"WWW-Authenticate": challenge})
    visit.key = key.name
    request.state.key = key
    wait = service.limiter.take(key.name)
    if wait:
        raise ProblemError(
            429,
            f"This key may ask {service.settings.web.requests_per_minute} times a minute.",
            headers={"Retry-After": str(max(1, math.ceil(wait)))},
        )
    name = request.path_params.get("name")
    if name is None:
        return
    if not key.opens(name):
        raise ProblemError(403, "This key is for other démarches.")
    if name not in service.settings.demarches:
        raise ProblemError(404, "The service knows no démarche of this name.")


def _explain(error: DsBridgeError, route: str) -> ProblemError:
    """The problem that the caller may see. The log gets the error's message, which never holds data."""
    problem = translate_error(error)
    if problem is None:
        return _report(error, route, reason=str(error))
    if problem.status_code >= 500:
        _log.warning("request failed", route=route, error=type(error).__name__, reason=str(error))
    return problem


def _report(error: Exception, route: str, **known: str) -> ProblemError:
    """Log only where the error happened, with a reference for the client. A foreign message may hold data."""
    reference = secrets.token_hex(8)
    frames = traceback.extract_tb(error.__traceback__)
    _log.error(
        "request failed",
        route=route,
        reference=reference,
        error=type(error).__name__,
        trace=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
        **known,
    )
    return ProblemError(
        500, "Something failed that should not. The reference is in the service's log.", reference=reference
    )
