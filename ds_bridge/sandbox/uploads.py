"""Uploads: a client announces a blob, puts its bytes at a signed address, then names it in a mutation.

    PUT /sandbox/uploads/<number>/<expires>/<signature>

The address and the signed id are valid for one hour, by the World's clock. Size and MD5 must be the announced
ones.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import threading
from dataclasses import dataclass, replace

from ds_bridge.sandbox.dossiers import SandboxError
from ds_bridge.sandbox.files import FILE_LIFE


@dataclass(frozen=True, slots=True)
class Blob:
    """An announced file. `content` is None until the bytes came. `checksum`: base64 of their MD5."""

    number: int
    filename: str
    content_type: str
    size: int
    checksum: str
    expires: int
    content: bytes | None = None


class Uploads:
    """The blobs announced so far. Safe to use from several threads."""

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()
        self._blobs: dict[int, Blob] = {}
        self._lock = threading.Lock()

    def create(self, filename: str, content_type: str, size: int, checksum: str, now: dt.datetime) -> Blob:
        """Announce a file."""
        expires = int((now + FILE_LIFE).timestamp())
        with self._lock:
            number = len(self._blobs) + 1
            blob = Blob(number, filename, content_type, size, checksum, expires)
            self._blobs[number] = blob
            return blob

    def sign(self, blob: Blob) -> str:
        """The id by which a mutation names the blob."""
        plain = f"{blob.number}:{blob.expires}"
        return f"{base64.b64encode(plain.encode()).decode('ascii')}--{self._signature('id', plain)}"

    def sign_address(self, blob: Blob) -> str:
        """The path at which to put the bytes."""
        plain = f"{blob.number}:{blob.expires}"
        return f"/sandbox/uploads/{blob.number}/{blob.expires}/{self._signature('address', plain)}"

    def find(self, signed: str, now: dt.datetime) -> Blob:
        """The blob of a signed id. Raises SandboxError when the id is not valid or too old."""
        encoded, _, signature = signed.partition("--")
        try:
            plain = base64.b64decode(encoded, validate=True).decode("ascii")
        except ValueError:
            raise SandboxError("not a signed blob") from None
        if not hmac.compare_digest(self._signature("id", plain).encode(), signature.encode()):
            raise SandboxError("not a signed blob")
        number, _, expires = plain.partition(":")
        if now.timestamp() > int(expires):
            raise SandboxError("the signed id is too old")
        with self._lock:
            return self._blobs[int(number)]

    def put(self, number: str, expires: str, signature: str, content: bytes, now: dt.datetime) -> int:
        """Take the bytes of a blob. Gives the HTTP status: 204, 403 for a bad or old address, 422 for other
        bytes than those announced."""
        plain = f"{number}:{expires}"
        if not hmac.compare_digest(self._signature("address", plain).encode(), signature.encode()):
            return 403
        if now.timestamp() > int(expires):
            return 403
        with self._lock:
            blob = self._blobs[int(number)]
            digest = hashlib.md5(content, usedforsecurity=False).digest()
            if len(content) != blob.size or base64.b64encode(digest).decode("ascii") != blob.checksum:
                return 422
            self._blobs[blob.number] = replace(blob, content=content)
        return 204

    def _signature(self, purpose: str, plain: str) -> str:
        return hmac.new(self._key, f"{purpose}:{plain}".encode(), "sha256").hexdigest()[:40]
