"""Which addresses a file may come from: the instance's host and the configured ones, to the letter."""

from __future__ import annotations

import httpx

from ds_bridge.files.problems import FileProblemError


class Hosts:
    """Checks every address, those of redirections too. Plain http only when the instance itself is."""

    def __init__(self, origin: str, others: tuple[str, ...] = ()) -> None:
        instance = httpx.URL(origin)
        self._known = frozenset({_name(instance), *others})
        self._schemes = ("https", "http") if instance.scheme == "http" else ("https",)

    def check(self, address: str | httpx.URL) -> httpx.URL:
        """The address, read. Raises FileProblemError; the message names the host, not the rest."""
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
    """`host`, or `host:port` where the port is not the scheme's own."""
    host = url.raw_host.decode("ascii").lower()
    return host if url.port is None else f"{host}:{url.port}"
