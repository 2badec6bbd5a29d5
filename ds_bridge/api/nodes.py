"""Nodes: the body of an answer decoded, its dossiers one after another. Takes bytes, gives the document.

A page decoded at once is tens of thousands of objects, several times as large as its bytes: they leave the
processor's caches, and the heap is as large again with each page. So a long answer is cut where its dossiers
begin, and each is decoded when its turn comes. JSON can be read in one way only: where every piece between
two commas is whole by itself, those are the dossiers, and what stands around them is the rest. Where one is
not, all is decoded at once after all, and must say the same of the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Any, TypeAlias

import orjson

from ds_bridge.errors import GarbledAnswerError

SHORTEST_BYTES = 64 * 1024
"""A shorter body is decoded at once."""

_LIST = b'"nodes":['
_HOLE = "the dossiers of this page"
_MARK_BYTES = 17  # `{"id":"`, and in base64 the "Dossier" that every dossier's id begins with

Body: TypeAlias = bytes | bytearray


class Nodes:
    """The dossiers of a body, between `start` and `end` of it, in their order or `turned` around."""

    def __init__(self, body: Body, start: int, end: int, *, turned: bool = False) -> None:
        self._body, self._start, self._end, self._turned = body, start, end, turned
        self._mark = b"," + body[start : start + _MARK_BYTES]

    def walk(self) -> Iterator[tuple[Any, memoryview | None]]:
        """Each as soon as it is decoded, and its JSON, where it could be told from the rest.

        Raises GarbledAnswerError at one that cannot be decoded.
        """
        pieces = self._cut()
        for place, piece in enumerate(reversed(pieces) if self._turned else pieces):
            try:
                node = orjson.loads(piece)
            except orjson.JSONDecodeError:
                yield from zip(self._decode_whole()[place:], repeat(None))
                return
            yield node, piece

    def is_whole_at_its_end(self) -> bool:
        """Whether the last piece is JSON: what is cut may reach into another list behind the dossiers."""
        comma = self._body.rfind(self._mark, self._start, self._end)
        try:
            orjson.loads(self._body[max(comma + 1, self._start) : self._end])
        except orjson.JSONDecodeError:
            return False
        return True

    def turn(self) -> Nodes:
        """The same ones the other way around."""
        return Nodes(self._body, self._start, self._end, turned=not self._turned)

    def _cut(self) -> list[memoryview]:
        view, pieces, start = memoryview(self._body), [], self._start
        while (comma := self._body.find(self._mark, start, self._end)) >= 0:
            pieces.append(view[start:comma])
            start = comma + 1
        return [*pieces, view[start : self._end]]

    def _decode_whole(self) -> list[Any]:
        try:
            document = orjson.loads(self._body)
        except orjson.JSONDecodeError:
            raise GarbledAnswerError("a page came with a dossier that is no JSON") from None
        connection = _find_connection(document)
        nodes: list[Any] = [] if connection is None else connection["nodes"]
        if connection is not None:
            connection["nodes"] = [_HOLE]
        if document != orjson.loads(_leave_out(self._body, self._start, self._end)):
            # Errors, say, that were taken for a part of the dossiers: nobody has seen them.
            raise GarbledAnswerError("a page came with something else among its dossiers")
        return nodes[::-1] if self._turned else nodes


def decode_body(body: Body) -> Any:
    """The document, where the `nodes` of a connection may be `Nodes`. Raises orjson.JSONDecodeError."""
    if len(body) >= SHORTEST_BYTES:
        start, end = body.find(_LIST + b"{") + len(_LIST), body.rfind(b"}]") + 1
        if len(_LIST) <= start < end:
            document = _decode_around(body, start, end)
            if document is not None:
                return document
    return orjson.loads(body)


def _decode_around(body: Body, start: int, end: int) -> Any:
    """The document but for its dossiers; None where it does not hold them between `start` and `end`."""
    try:
        document = orjson.loads(_leave_out(body, start, end))
    except orjson.JSONDecodeError:
        return None
    connection, nodes = _find_connection(document), Nodes(body, start, end)
    if connection is None or connection["nodes"] != [_HOLE] or not nodes.is_whole_at_its_end():
        return None
    connection["nodes"] = nodes
    return document


def _leave_out(body: Body, start: int, end: int) -> bytes:
    return b"".join([body[:start], b'"', _HOLE.encode(), b'"', body[end:]])


def _find_connection(document: Any) -> dict[str, Any] | None:
    """The first connection of whatever the answer is about; None when it has none."""
    data = document.get("data") if isinstance(document, dict) else None
    for parent in _list_objects(data):
        for connection in _list_objects(parent):
            if isinstance(connection.get("nodes"), list):
                return connection
    return None


def _list_objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value.values() if isinstance(each, dict)] if isinstance(value, dict) else []
