"""Reach: takes the instance's address, tells whether it answers, and gives its clock and schema. No token.

One request is enough: the stored query `introspection`, which the platform answers without a token. When
there is no answer, the cause is looked for: the name, the network, the certificate.
"""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from ds_bridge.api.answers import read_answer, read_http_date
from ds_bridge.api.http_client import open_http
from ds_bridge.api.proxies import name_proxy
from ds_bridge.config import ApiSettings
from ds_bridge.errors import ConfigurationError, DsBridgeError
from ds_bridge.health.doctor.findings import CONFIGURATION, PLATFORM, Finding, fail

CHECK = "reachability"
CLOCK_CHECK = "clock"
MOST_CLOCK_SECONDS = 60
_JSON = {"Content-Type": "application/json"}
_QUESTION = {"queryId": "introspection", "operationName": "IntrospectionQuery", "variables": {}}


@dataclass(frozen=True)
class Reached:
    """What the request gave. `schema` is the introspection's data; None when the instance did not give it."""

    findings: tuple[Finding, ...]
    schema: dict[str, Any] | None = None


def reach(api: ApiSettings, *, clock: Callable[[], float] = time.time) -> Reached:
    """Ask the instance for its schema."""
    started = clock()
    try:
        with open_http(api.url, timeout_seconds=api.timeout_seconds, headers=_JSON) as http:
            response = http.post(f"{api.url}/api/v2/graphql", content=orjson.dumps(_QUESTION))
    except ConfigurationError as error:
        remedy = "correct what the environment says, or unset it"
        return Reached((_refuse(str(error), remedy, CONFIGURATION),))
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        return Reached((_refuse(f"{api.url} is no address: {error}", "correct api.url", CONFIGURATION),))
    except httpx.HTTPError as error:
        return Reached((_explain(api.url, error),))
    if response.is_redirect:
        return Reached((_tell_move(api.url, response),))
    middle = (started + clock()) / 2
    findings = (_tell_answer(api.url, response, clock() - started), _compare_clocks(response, middle))
    try:
        schema = read_answer(response.status_code, response.headers, response.content, "introspection")
    except DsBridgeError as error:
        return Reached((fail(CHECK, error, "is api.url an instance of the platform?"),))
    return Reached(findings, schema)


def _explain(url: str, error: httpx.HTTPError) -> Finding:
    """Find the cause of a failed request, from the host's name to the last byte."""
    if proxy := name_proxy(url):
        return _refuse(
            f"no answer{proxy}: {type(error).__name__}: {error}",
            "a proxy that answers, or none for this host",
        )
    address = urlsplit(url)
    host = address.hostname or ""
    try:
        socket.getaddrinfo(host, address.port or address.scheme)
    except (OSError, UnicodeError):
        return _refuse(f"the name {host!r} does not resolve (DNS)", "correct api.url, or this machine's DNS")
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return _refuse(
                f"{host} resolves, and no encrypted connection can be made (TLS): {cause.reason}",
                "a proxy that opens TLS needs its certificate here (SSL_CERT_FILE)",
            )
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.TimeoutException):
        return _refuse(f"{host} resolves and does not answer in time", "a firewall, or the platform is down")
    return _refuse(
        f"{host} resolves and does not answer: {type(error).__name__}: {error}",
        "a firewall, or the platform is down",
    )


def _refuse(found: str, remedy: str, code: int = PLATFORM) -> Finding:
    return Finding(CHECK, "failure", found, remedy, code=code)


def _tell_move(url: str, response: httpx.Response) -> Finding:
    target = urlsplit(response.headers.get("Location", ""))
    if target.netloc and target.netloc != urlsplit(url).netloc:
        home = f"{target.scheme or 'https'}://{target.netloc}"
        return _refuse(
            f"{url} sends everybody to {home} (HTTP {response.status_code})",
            f'set api.url = "{home}"',
            CONFIGURATION,
        )
    return _refuse(
        f"{url} redirects its API (HTTP {response.status_code}) to {target.path or 'nowhere'}",
        "is api.url an instance of the platform?",
        CONFIGURATION,
    )


def _tell_answer(url: str, response: httpx.Response, seconds: float) -> Finding:
    how = f"{response.http_version}, {seconds:.1f} s"
    return Finding(CHECK, "ok", f"{url} answers ({how})", details={"seconds": round(seconds, 3)})


def _compare_clocks(response: httpx.Response, here: float) -> Finding:
    there = read_http_date(response.headers.get("Date"))
    if there is None:
        return Finding(CLOCK_CHECK, "warning", "the platform's answer has no date: clocks were not compared")
    ahead = round(there - here)
    details = {"platform_ahead_seconds": ahead}
    if abs(ahead) <= MOST_CLOCK_SECONDS:
        return Finding(CLOCK_CHECK, "ok", f"the same as the platform's to {abs(ahead)} s", details=details)
    order = "behind" if ahead > 0 else "ahead of"
    away = dt.timedelta(seconds=abs(ahead))
    return Finding(
        CLOCK_CHECK,
        "warning",
        f"this machine's clock is {away} {order} the platform's",
        "set it right (NTP): else the dates of runs and of tries are wrong",
        details=details,
    )
