"""Uploads: a file to the platform's store. Takes bytes and the address the platform gave for them.

The address is the store's own (another host in production) and lives an hour; the platform's token is never
sent there.
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
from dataclasses import dataclass, field

import httpx
from pydantic import Json

from ds_bridge.api.answers import read_object
from ds_bridge.api.base import Raw, Record, parse_record
from ds_bridge.api.http_client import open_http
from ds_bridge.errors import BadRequestError, NetworkError, ServerFaultError


@dataclass(frozen=True, slots=True)
class Blob:
    """A file to send. The platform knows it by its checksum."""

    filename: str
    content: bytes = field(repr=False)

    @property
    def checksum(self) -> str:
        """Base64 MD5."""
        return base64.b64encode(hashlib.md5(self.content, usedforsecurity=False).digest()).decode()

    @property
    def content_type(self) -> str:
        """The type that the file's name suggests, as the platform's own pages do it."""
        return mimetypes.guess_type(self.filename)[0] or "application/octet-stream"

    def describe(self) -> Raw:
        """The values that createDirectUpload asks for."""
        return {
            "filename": self.filename,
            "byteSize": len(self.content),
            "checksum": self.checksum,
            "contentType": self.content_type,
        }


class Upload(Record):
    """Where to send a file, with which headers, and the id that it has afterwards."""

    url: str
    headers: Json[dict[str, str]]
    signed_blob_id: str


def read_upload(data: Raw) -> Upload:
    """The answer of createDirectUpload. Raises BadDataError, GarbledAnswerError."""
    return parse_record(Upload, read_object(read_object(data, "createDirectUpload"), "directUpload"))


def put_blob(upload: Upload, blob: Blob, *, timeout_seconds: float) -> None:
    """Send the bytes to that place; they may be sent twice. Raises RetriableError, or BadRequestError."""
    try:
        with open_http(upload.url, timeout_seconds=timeout_seconds) as http:
            answer = http.put(upload.url, content=blob.content, headers=upload.headers)
    except httpx.HTTPError as error:
        raise NetworkError(f"upload: the file could not be sent ({type(error).__name__})") from None
    if answer.status_code >= 500:
        raise ServerFaultError(f"upload: the store of files failed (HTTP {answer.status_code})")
    if not answer.is_success:
        raise BadRequestError(f"upload: the store of files refused the file (HTTP {answer.status_code})")
