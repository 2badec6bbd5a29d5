"""Transport: one GraphQL request over HTTP, once. Takes a bound query, gives what came, or a typed error.

Foreign errors of the network are translated here only.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import httpx
import orjson

from ds_bridge.api.answers import read_http_date
from ds_bridge.api.http_client import open_http
from ds_bridge.api.queries import BoundQuery
from ds_bridge.errors import ConfigurationError, GarbledAnswerError, NetworkError

MAX_BODY_BYTES = 256 * 1024 * 1024
LONG_BYTES = 256 * 1024
"""Of an answer longer than this the head is shown while the rest is read. A shorter one is whole at once."""
HEAD_BYTES = 4096

See: TypeAlias = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came over the wire."""

    status: int
    headers: httpx.Headers
    body: bytearray

    def __repr__(self) -> str:
        return f"<Reply {self.status}, {len(self.body)} bytes>"


class Send(Protocol):
    """Sends a request once. `see` is given the head of a long answer while the rest of it is coming."""

    def __call__(self, request: BoundQuery, see: See | None = None) -> Reply: ...


class PlatformTransport:
    """Sends to `{origin}/api/v2/graphql`. `timeout_seconds` bounds the whole exchange, last byte included."""

    def __init__(
        self,
        origin: str,
        token: str,
        *,
        timeout_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = f"{origin}/api/v2/graphql"
        self._timeout = timeout_seconds
        self._clock = clock
        self.clock_offset = 0.0  # seconds the platform's clock is ahead of ours, as of its last answer
        self._lock = threading.Lock()
        self._exchanges, self._is_closed = 0, False
        # The scheme is case-sensitive on the platform.
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._http = open_http(origin, timeout_seconds=timeout_seconds, headers=headers)

    def __repr__(self) -> str:
        return f"<PlatformTransport {self._url}>"

    def close(self) -> None:
        """Close the connections; one that a thread still waits on is closed when it has its answer."""
        with self._lock:
            self._is_closed = True
            is_idle = self._exchanges == 0
        if is_idle:
            self._http.close()

    def send(self, request: BoundQuery, see: See | None = None) -> Reply:
        """See `Send`. From any thread. Raises errors of `ds_bridge.errors` only: NetworkError and others."""
        what = request.operation
        deadline = self._clock() + self._timeout
        try:
            with self._exchange(request) as response:
                self._note_clock(response.headers)
                look = see if response.status_code == httpx.codes.OK else None
                body = self._read(response, deadline, what, look)
                return Reply(response.status_code, response.headers, body)
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

    @contextmanager
    def _exchange(self, request: BoundQuery) -> Iterator[httpx.Response]:
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the transport is closed")
            self._exchanges += 1
        try:
            with self._http.stream("POST", self._url, content=orjson.dumps(request.payload)) as response:
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

    def _read(self, response: httpx.Response, deadline: float, what: str, see: See | None) -> bytearray:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if see is not None and len(body) > LONG_BYTES:
                see(bytes(body[:HEAD_BYTES]))
                see = None
            if len(body) > MAX_BODY_BYTES:
                raise GarbledAnswerError(f"{what}: the answer passes {MAX_BODY_BYTES} bytes")
            # httpx bounds each read; only this bounds an answer that drips.
            if self._clock() > deadline:
                raise NetworkError(f"{what}: the answer was not whole within {self._timeout:g} s")
        return body
