"""Hosts: the addresses a file may come from, exactly the instance's host and the configured ones."""

from __future__ import annotations

import httpx

from ds_bridge.files.problems import FileProblemError


class Hosts:
    """Checks every address, also after redirections. Plain http is allowed only when the instance uses it."""

    def __init__(self, origin: str, others: tuple[str, ...] = ()) -> None:
        instance = httpx.URL(origin)
        self._known = frozenset({_name(instance), *others})
        self._schemes = ("https", "http") if instance.scheme == "http" else ("https",)

    def check(self, address: str | httpx.URL) -> httpx.URL:
        """The address, parsed. Raises FileProblemError: the message names the host only."""
        try:
            url = httpx.URL(address)
        except (httpx.InvalidURL, TypeError):
            raise FileProblemError("its address cannot be read") from None
        if url.scheme not in self._schemes:
            raise FileProblemError("its address is not https")
        if url.userinfo:
            raise FileProblemError("its address holds a name or a password")
        if _name(url) not in self._known:
            raise FileProblemError(f"it lies on {_name(url)}, which is not in files.hosts")
        return url


def _name(url: httpx.URL) -> str:
    """`host`, or `host:port` when the port is not the usual one of the scheme."""
    host = url.raw_host.decode("ascii").lower()
    return host if url.port is None else f"{host}:{url.port}"
