"""Transport: one GraphQL request over HTTP, once. Takes a bound query, gives `data` or a typed error.

gql's own httpx transport keeps neither status nor headers of a refusal, which the platform's errors need, so
this one implements gql's interface on httpx. Foreign errors of the network are translated here only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import orjson
from gql import GraphQLRequest
from gql.transport import Transport
from graphql import ExecutionResult

from ds_bridge.api.answers import read_answer, read_http_date
from ds_bridge.errors import ConfigurationError, GarbledAnswerError, NetworkError

MAX_BODY_BYTES = 256 * 1024 * 1024
CONNECT_SECONDS = 10.0


class PlatformTransport(Transport):
    """Sends to `{origin}/api/v2/graphql`. `timeout_seconds` bounds the whole exchange, last byte included."""

    def __init__(
        self,
        origin: str,
        token: str,
        *,
        timeout_seconds: float,
        user_agent: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = f"{origin}/api/v2/graphql"
        self._timeout = timeout_seconds
        self._clock = clock
        self.clock_offset = 0.0  # seconds the platform's clock is ahead of ours, as of its last answer
        self._http = httpx.Client(
            timeout=httpx.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds)),
            headers={
                # The scheme is case-sensitive on the platform.
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "User-Agent": user_agent,
            },
        )

    def __repr__(self) -> str:
        return f"<PlatformTransport {self._url}>"

    def execute(self, request: GraphQLRequest, *args: Any, **kwargs: Any) -> ExecutionResult:
        """Send once. Raises errors of `ds_bridge.errors` only; never returns an answer with errors."""
        del args, kwargs
        what = request.operation_name or "query"
        status, headers, body = self._exchange(orjson.dumps(request.payload), what)
        return ExecutionResult(data=read_answer(status, headers, body, what), errors=None)

    def close(self) -> None:
        self._http.close()

    def _exchange(self, content: bytes, what: str) -> tuple[int, httpx.Headers, bytearray]:
        deadline = self._clock() + self._timeout
        try:
            with self._http.stream("POST", self._url, content=content) as response:
                self._note_clock(response.headers)
                return response.status_code, response.headers, self._read(response, deadline, what)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NetworkError(f"{what}: no answer from {self._url}: {error}", connected=False) from None
        except httpx.TimeoutException:
            raise NetworkError(f"{what}: no answer within {self._timeout:g} s") from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, UnicodeError) as error:
            raise ConfigurationError(f"api.url cannot be used: {error}") from None
        except httpx.DecodingError:
            raise GarbledAnswerError(f"{what}: the answer's compression is broken") from None
        except httpx.HTTPError as error:
            raise NetworkError(f"{what}: the exchange broke off ({type(error).__name__})") from None

    def _note_clock(self, headers: httpx.Headers) -> None:
        moment = read_http_date(headers.get("Date"))
        if moment is not None:
            self.clock_offset = moment - time.time()

    def _read(self, response: httpx.Response, deadline: float, what: str) -> bytearray:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise GarbledAnswerError(f"{what}: the answer passes {MAX_BODY_BYTES} bytes")
            # httpx bounds each read; only this bounds an answer that drips.
            if self._clock() > deadline:
                raise NetworkError(f"{what}: the answer was not whole within {self._timeout:g} s")
        return body
