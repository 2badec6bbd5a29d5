"""Bodies: what an answer holds, read piece by piece, in bounds of size. One way for all that we read.

An answer of five kilobytes may unfold to gigabytes, one compression inside another. So an answer has one
compression at most, gzip, which is what `open_http` asks for; it is undone in pieces, and both what came over
the wire and what it unfolds to are counted. None of the messages holds a word of the answer.
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
    """The body in pieces of at most 256 KiB, uncompressed. `plain`: it was asked for without compression.

    Raises GarbledAnswerError for another compression than gzip, or any where it is to be `plain`, for one
    that is broken or cut, and for more than `limit` bytes, on the wire or unfolded; what httpx raises.
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
    """The JSON of a body. Raises ValueError for what is none, and for what is nested deeper than 250.

    Nothing of the platform's is: whoever walks through a deeper one would run out of Python's own depth.
    """
    document = orjson.loads(body)
    try:
        orjson.dumps(document)  # as deep as it goes
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
    """gzip undone; members may follow each other."""
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
