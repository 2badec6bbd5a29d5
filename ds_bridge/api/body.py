"""Bodies: the content of an answer, read piece by piece up to a limit. Every answer is read this way.

Compressed twice, an answer of five kilobytes may unfold to gigabytes. So only one compression is allowed:
gzip, which `open_http` asks for. It is undone in pieces, and both the bytes on the wire and the unfolded ones
are counted. No message holds a word of the answer.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import orjson

from ds_bridge.errors import GarbledAnswerError

PIECE_BYTES = 256 * 1024
_GZIP = zlib.MAX_WBITS | 16
_PLAIN = ("", "identity")


def read_body(response: httpx.Response, what: str, *, limit: int) -> bytearray:
    """The whole body. See `walk_body`."""
    body = bytearray()
    for piece in walk_body(response, what, limit=limit):
        body += piece
    return body


def walk_body(response: httpx.Response, what: str, *, limit: int, plain: bool = False) -> Iterator[bytes]:
    """The body in pieces of at most 256 KiB, uncompressed. `plain`: the request asked for no compression.

    Raises GarbledAnswerError for a compression other than gzip (with `plain`, for any), for a broken or cut
    one, and for more than `limit` bytes, on the wire or unfolded. The errors of httpx pass through.
    """
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding in _PLAIN:
        pieces = response.iter_raw()
    elif encoding in ("gzip", "x-gzip") and not plain:
        pieces = _unfold(_count(response.iter_raw(), what, limit), what)
    else:
        asked = "nothing" if plain else "gzip"
        raise GarbledAnswerError(f"{what}: the answer is compressed by something else than {asked}")
    yield from _count(pieces, what, limit)


def decode(body: bytes | bytearray) -> Any:
    """The JSON of a body. Raises ValueError when it is no JSON, or is nested deeper than 250 levels.

    The platform's answers are never that deep. Code that walks a deeper one would hit Python's own limit.
    """
    document = orjson.loads(body)
    try:
        orjson.dumps(document)  # fails when it is nested too deep
    except TypeError:
        raise ValueError("nested too deep") from None
    return document


def _count(pieces: Iterator[bytes], what: str, limit: int) -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > limit:
            raise GarbledAnswerError(f"{what}: the answer passes {limit} bytes")
        yield piece


def _unfold(pieces: Iterator[bytes], what: str) -> Iterator[bytes]:
    """The pieces without gzip. Several gzip members may follow each other."""
    engine = zlib.decompressobj(_GZIP)
    is_empty = True
    try:
        for piece in pieces:
            rest = piece
            while rest:
                is_empty = False
                if engine.eof:
                    engine = zlib.decompressobj(_GZIP)
                yield engine.decompress(rest, PIECE_BYTES)
                rest = engine.unused_data if engine.eof else engine.unconsumed_tail
        while not engine.eof and (held := engine.decompress(engine.unconsumed_tail, PIECE_BYTES)):
            yield held
    except zlib.error:
        raise GarbledAnswerError(f"{what}: the answer's compression is broken") from None
    if not engine.eof and not is_empty:
        raise GarbledAnswerError(f"{what}: the answer's compression is cut")
