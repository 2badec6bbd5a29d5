"""Proxies: httpx reads them from the environment. This module names the variable that is wrong, or in use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.request import getproxies, proxy_bypass

import httpx

from ds_bridge.errors import ConfigurationError

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_SCHEMES = ("http", "https", "socks5", "socks5h")


def refuse_proxies(error: Exception) -> ConfigurationError:
    """The error to raise when httpx could not make a client of the environment."""
    if isinstance(error, ImportError):
        return ConfigurationError(
            f"{_find('socks')}: a SOCKS proxy needs the package socksio: pip install socksio, or name another"
        )
    for name, value in _values(_PROXIES):
        if not _is_proxy(value):
            return ConfigurationError(
                f"{name}: not the address of a proxy, such as http://proxy.example:3128: correct or unset it"
            )
    return ConfigurationError(
        f"{_find('')}: not a list of hosts, such as localhost,.example.org: correct or unset it"
    )


def name_proxy(url: httpx.URL | str) -> str:
    """` through the proxy of HTTPS_PROXY`, for a message; empty when no proxy stands before this address."""
    address = httpx.URL(url)
    if proxy_bypass(address.host):
        return ""
    known = getproxies()
    for scheme in (address.scheme, "all"):
        if scheme in known:
            names = [name for name, value in _values((f"{scheme.upper()}_PROXY",)) if value == known[scheme]]
            return f" through the proxy of {names[0] if names else 'this machine'}"
    return ""


def _values(names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in names:
        for spelling in (name.lower(), name):  # in the order in which they win
            if value := os.environ.get(spelling):
                yield spelling, value


def _find(start: str) -> str:
    """The variable whose value begins with `start`; if there is none, NO_PROXY in the spelling in use."""
    for name, value in _values(_PROXIES):
        if start and value.startswith(start):
            return name
    return next((name for name, _ in _values(("NO_PROXY",))), "the proxy settings of this machine")


def _is_proxy(value: str) -> bool:
    try:
        return httpx.Proxy(value if "://" in value else f"http://{value}").url.scheme in _SCHEMES
    except (ValueError, httpx.InvalidURL):
        return False
