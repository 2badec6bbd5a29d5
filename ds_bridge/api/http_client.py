"""HTTP client: what every exchange with the platform is made over. Takes an address, gives httpx's client."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata

import httpx

from ds_bridge.api.deadline import bind_deadlines
from ds_bridge.api.trust import choose_trust

CONNECT_SECONDS = 10.0


def open_http(
    origin: str, *, timeout_seconds: float, headers: Mapping[str, str] | None = None
) -> httpx.Client:
    """A client for `origin`, `""` for any: it follows no redirect, and says that it is ours.

    `timeout_seconds` bounds each wait, `deadline.within` all of them; no more than ten are for a connection.
    Raises ConfigurationError when the certificates that the environment names cannot be read.
    """
    client = httpx.Client(
        verify=choose_trust(origin),
        timeout=httpx.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds)),
        headers={
            "User-Agent": f"ds-bridge/{metadata.version('ds-bridge')}",
            "Accept-Encoding": "gzip",  # what `body` unfolds
            **(headers or {}),
        },
    )
    bind_deadlines(client)
    return client
