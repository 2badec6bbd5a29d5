"""HTTP client: what every exchange with the platform is made over. Takes an address, gives httpx's client."""

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
    """A client for `origin`, `""` for any: it follows no redirect, keeps no cookie, and says that it is ours.

    `timeout_seconds` bounds each wait, `deadline.within` all of them; no more than ten are for a connection.
    Raises ConfigurationError when the environment names certificates or proxies that cannot be used.
    """
    trust = choose_trust(origin)
    try:
        client = httpx.Client(
            # Nobody needs one, and what a server sets would go along with each request behind it.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            verify=trust,
            timeout=httpx.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds)),
            headers={
                "User-Agent": f"ds-bridge/{metadata.version('ds-bridge')}",
                "Accept-Encoding": "gzip",  # what `body` unfolds
                **(headers or {}),
            },
        )
    except (ValueError, httpx.InvalidURL, ImportError) as error:  # of the environment: nothing else is given
        raise refuse_proxies(error) from None
    bind_deadlines(client)
    return client
