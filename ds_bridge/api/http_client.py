"""HTTP client: every exchange with the platform uses one. Takes an address, gives httpx's client."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib import metadata

import httpx

from ds_bridge.api.deadline import bind_deadlines
from ds_bridge.api.proxies import refuse_proxies
from ds_bridge.api.trust import choose_trust

CONNECT_SECONDS = 10.0


def open_http(
    origin: str, *, timeout_seconds: float, headers: Mapping[str, str] | None = None
) -> httpx.Client:
    """A client for `origin` (`""`: for any). It follows no redirect, keeps no cookie, and names ds-bridge.

    `timeout_seconds` bounds each wait, `deadline.within` all of them. Connecting takes ten at most.
    Raises ConfigurationError when the environment names certificates or proxies that cannot be used.
    """
    trust = choose_trust(origin)
    try:
        client = httpx.Client(
            # We need no cookie, and a cookie that a server sets would go along with every later request.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            verify=trust,
            timeout=httpx.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds)),
            headers={
                "User-Agent": f"ds-bridge/{metadata.version('ds-bridge')}",
                "Accept-Encoding": "gzip",  # `body` unfolds it
                **(headers or {}),
            },
        )
    except (ValueError, httpx.InvalidURL, ImportError) as error:  # only the environment can be wrong here
        raise refuse_proxies(error) from None
    bind_deadlines(client)
    return client
