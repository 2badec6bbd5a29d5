"""Transport: one GraphQL request over HTTP, once. Takes gql's request, gives its result, or a typed error.

Only this module translates the network errors of other libraries. `answers` reads what the answer says, from
its status, headers and body: only the three together tell one refusal from another.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import orjson
from gql import GraphQLRequest
from gql.transport import Transport
from graphql import ExecutionResult

from ds_bridge.api.answers import read_answer, read_http_date
from ds_bridge.api.body import read_body
from ds_bridge.api.deadline import within
from ds_bridge.api.http_client import open_http
from ds_bridge.api.proxies import name_proxy
from ds_bridge.errors import ConfigurationError, NetworkError

MAX_BODY_BYTES = 256 * 1024 * 1024


class PlatformTransport(Transport):
    """Sends to `{origin}/api/v2/graphql`. `timeout_seconds` bounds the whole exchange, last byte included.

    `execute` may be called from several threads at a time.
    """

    def __init__(self, origin: str, token: str, *, timeout_seconds: float) -> None:
        self._url = f"{origin}/api/v2/graphql"
        self._timeout = timeout_seconds
        self.clock_offset = 0.0  # seconds the platform's clock is ahead of ours, as of its last answer
        self._lock = threading.Lock()
        self._exchanges, self._is_closed = 0, False
        # The scheme is case-sensitive on the platform.
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._http = open_http(origin, timeout_seconds=timeout_seconds, headers=headers)

    def __repr__(self) -> str:
        return f"<PlatformTransport {self._url}>"

    def close(self) -> None:
        """Close the connections. One on which a thread still waits is closed when its answer has come."""
        with self._lock:
            self._is_closed = True
            is_idle = self._exchanges == 0
        if is_idle:
            self._http.close()

    def execute(self, request: GraphQLRequest, *args: Any, **kwargs: Any) -> ExecutionResult:
        """One exchange. Raises errors of `ds_bridge.errors` only; a result always has data."""
        del args, kwargs
        what = request.operation_name or "request"
        try:
            with within(self._timeout), self._exchange(orjson.dumps(request.payload)) as response:
                self._note_clock(response.headers)
                body = read_body(response, what, limit=MAX_BODY_BYTES)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            where = f"{self._url}{name_proxy(self._url)}"
            raise NetworkError(f"{what}: no answer from {where}: {error}", connected=False) from None
        except httpx.TimeoutException:
            raise NetworkError(f"{what}: no answer within {self._timeout:g} s") from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, UnicodeError) as error:
            raise ConfigurationError(f"api.url cannot be used: {error}") from None
        except httpx.HTTPError as error:
            raise NetworkError(f"{what}: the exchange broke off ({type(error).__name__})") from None
        return ExecutionResult(data=read_answer(response.status_code, response.headers, body, what))

    @contextmanager
    def _exchange(self, content: bytes) -> Iterator[httpx.Response]:
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the transport is closed")
            self._exchanges += 1
        try:
            with self._http.stream("POST", self._url, content=content) as response:
                yield response
        finally:
            with self._lock:
                self._exchanges -= 1
                is_last = self._is_closed and self._exchanges == 0
            if is_last:
                self._http.close()

    def _note_clock(self, headers: httpx.Headers) -> None:
        moment = read_http_date(headers.get("Date"))
        if moment is not None:
            self.clock_offset = moment - time.time()
