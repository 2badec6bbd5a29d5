"""Files: takes bytes, gives a signed address that is valid for one hour, and serves the bytes there.

    GET /sandbox/files/<digest>/<expires>/<signature>/<filename>

The signature covers the content and the end of validity (by the World's clock): an expired or changed address
gives a 403. `Range` is answered as by an object store. Faults strike downloads as the operation `File`. An
address of an earlier process gives a 404; the next reading gives a new address.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from ds_bridge.sandbox.node import Node

FILE_LIFE = dt.timedelta(hours=1)
# How many contents are kept: enough for every page under way, whatever the world's size.
KEPT_FILES = 20_000
_RANGE = re.compile(r"bytes=(\d+)-(\d*)$")


class Cabinet:
    """The contents shown so far, by digest. Safe to use from several threads."""

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()
        self._contents: OrderedDict[str, tuple[bytes, str]] = OrderedDict()
        self._lock = threading.Lock()

    def sign(self, content: bytes, content_type: str, filename: str, now: dt.datetime) -> str:
        """The path of an address that serves these bytes for an hour."""
        digest = hashlib.sha256(content).hexdigest()[:32]
        with self._lock:
            self._contents[digest] = (content, content_type)
            self._contents.move_to_end(digest)
            if len(self._contents) > KEPT_FILES:
                self._contents.popitem(last=False)
        expires = int((now + FILE_LIFE).timestamp())
        signature = self._signature(digest, expires)
        return f"/sandbox/files/{digest}/{expires}/{signature}/{quote(filename, safe='')}"

    def read(self, digest: str, expires: str, signature: str, now: dt.datetime) -> tuple[bytes, str] | int:
        """The content and its type; else the status of the refusal."""
        is_number = expires.isascii() and expires.isdigit()
        if not is_number or not hmac.compare_digest(
            self._signature(digest, int(expires)).encode(), signature.encode()
        ):
            return 403
        if now.timestamp() > int(expires):
            return 403
        with self._lock:
            return self._contents.get(digest, 404)

    def _signature(self, digest: str, expires: int) -> str:
        return hmac.new(self._key, f"{digest}:{expires}".encode(), "sha256").hexdigest()[:32]


def file_node(
    cabinet: Cabinet,
    origin: str,
    now: dt.datetime,
    *,
    filename: str,
    content_type: str,
    content: bytes,
    created_at: str,
) -> Node:
    """A `File`. Each reading gives another address; nothing else changes."""
    digest = hashlib.md5(content, usedforsecurity=False).digest()
    return Node(
        __typename="File",
        filename=filename,
        contentType=content_type,
        checksum=base64.b64encode(digest).decode("ascii"),
        byteSizeBigInt=str(len(content)),
        byteSize=len(content),
        url=origin + cabinet.sign(content, content_type, filename, now),
        createdAt=created_at,
        virusScanResult="scanner_uninitialized",
    )


class FileDesk:
    """Serves the addresses of files. `serve` is that of the public desk, for faults and journal."""

    def __init__(
        self,
        cabinet: Cabinet,
        now: Callable[[], dt.datetime],
        serve: Callable[[str, dict[str, str], Callable[[], Response]], Response],
    ) -> None:
        self._cabinet = cabinet
        self._now = now
        self._serve = serve
        self.router = APIRouter(include_in_schema=False)
        self.router.add_api_route("/sandbox/files/{digest}/{expires}/{signature}/{filename:path}", self.give)

    def give(self, digest: str, expires: str, signature: str, request: Request) -> Response:
        asked = {"range": request.headers.get("range", "")}
        if "authorization" in request.headers:
            asked["authorization"] = "given"  # a file store must never see a token: tests look here
        return self._serve("File", asked, lambda: self._answer(digest, expires, signature, asked["range"]))

    def _answer(self, digest: str, expires: str, signature: str, asked: str) -> Response:
        found = self._cabinet.read(digest, expires, signature, self._now())
        if isinstance(found, int):
            return Response(b"", found)
        content, content_type = found
        headers = {"Accept-Ranges": "bytes"}
        match = _RANGE.match(asked)
        if match is None:
            return Response(content, headers=headers, media_type=content_type)
        start, end = int(match[1]), min(int(match[2] or len(content)), len(content) - 1)
        if start >= len(content) or start > end:
            return Response(b"", 416, {"Content-Range": f"bytes */{len(content)}"})
        headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
        return Response(content[start : end + 1], 206, headers, media_type=content_type)
