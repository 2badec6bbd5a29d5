"""Deadline: an exchange ends in time, even with a slow server. Takes an HTTP client, bounds all its waits.

httpx bounds each wait for bytes, so a server that sends one byte a second never exceeds that bound. Here the
waits of one exchange share one deadline: connection, head and body together.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

_now = time.monotonic
_bound = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Inside, in this thread, an exchange of a bounded client lasts no longer than so many seconds."""
    before = getattr(_bound, "deadline", None)
    _bound.deadline = _now() + seconds
    try:
        yield
    finally:
        _bound.deadline = before


def bind_deadlines(client: httpx.Client) -> None:
    """Make a client's connections, through a proxy or not, obey `within`."""
    # httpx gives no way to name the backend of its pools: a test fails when these names change.
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx.HTTPTransport):
            pool = transport._pool
            pool._network_backend = _Backend(pool._network_backend)


def _left(timeout: float | None) -> float | None:
    """The seconds left for a wait. With 0 or less the wait fails at once, as a time-out."""
    deadline: float | None = getattr(_bound, "deadline", None)
    if deadline is None:
        return timeout
    left = deadline - _now()
    return left if timeout is None else min(timeout, left)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout)
        if left is not None and left <= 0:
            raise httpcore.ConnectTimeout("no time is left")
        return _Stream(self._inner.connect_tcp(host, port, left, local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = _left(timeout)
        if left is not None and left <= 0:
            raise httpcore.ReadTimeout("no time is left")
        return self._inner.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = _left(timeout)
        if left is not None and left <= 0:
            raise httpcore.WriteTimeout("no time is left")
        self._inner.write(buffer, left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout)
        if left is not None and left <= 0:
            raise httpcore.ConnectTimeout("no time is left")
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
