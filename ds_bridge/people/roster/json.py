"""JSON rosters: a list of objects, or one object on each line. Keys, lists and rows are written as they
came."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

import orjson

from ds_bridge.errors import ConfigurationError
from ds_bridge.people.roster.encoding import GARBLED, Decoded, decode, is_garbled
from ds_bridge.people.roster.interface import Added, Roster, RosterFormat, Row, kept_columns

NO_OBJECT = "this is not an object with one key for each column"


def read(content: bytes, name: str) -> Roster:
    """Read a list of objects. Raises ConfigurationError when the file is not one, or the list is empty."""
    decoded = decode(content, name)
    try:
        document = json.loads(decoded.text)
    except (ValueError, RecursionError):
        raise ConfigurationError(f"{name}: not valid JSON") from None
    if not isinstance(document, list):
        raise ConfigurationError(f"{name}: not a list of objects, one for each row")
    return _make(RosterFormat.JSON, list(enumerate(document, start=1)), decoded, name)


def read_lines(content: bytes, name: str) -> Roster:
    """Read one object from each line. A line that is not an object becomes a row with a problem."""
    items: list[tuple[int, Any]] = []
    decoded = decode(content, name)
    for place, line in enumerate(decoded.text.split("\n"), start=1):
        if line.strip():
            try:
                items.append((place, json.loads(line)))
            except (ValueError, RecursionError):
                items.append((place, None))
    return _make(RosterFormat.NDJSON, items, decoded, name)


def write(roster: Roster, rows: Iterable[tuple[Row, Added]], added: Sequence[str], out: BinaryIO) -> None:
    """Write one list."""
    separator = b"[\n"
    for item in _describe(roster, rows, added):
        out.write(separator + b"  " + _encode(item))
        separator = b",\n"
    out.write(b"[]\n" if separator == b"[\n" else b"\n]\n")


def write_lines(
    roster: Roster, rows: Iterable[tuple[Row, Added]], added: Sequence[str], out: BinaryIO
) -> None:
    """Write one object on each line."""
    for item in _describe(roster, rows, added):
        out.write(_encode(item) + b"\n")


def _make(kind: RosterFormat, items: list[tuple[int, Any]], decoded: Decoded, name: str) -> Roster:
    headings: dict[str, int] = {}
    rows: list[Row] = []
    for place, item in items:
        if not isinstance(item, dict):
            rows.append(Row(place, {}, NO_OBJECT))
            continue
        cells = {headings.setdefault(key, len(headings)): value for key, value in item.items()}
        if any(value not in (None, "") for value in item.values()):
            garbled = decoded.is_older and is_garbled(json.dumps(item, ensure_ascii=False))
            rows.append(Row(place, cells, GARBLED if garbled else None))
    if not headings:
        raise ConfigurationError(f"{name}: it holds no object with one key for each column")
    return Roster(kind, tuple(headings), rows, notes=decoded.note(name))


def _describe(
    roster: Roster, rows: Iterable[tuple[Row, Added]], added: Sequence[str]
) -> Iterable[dict[str, Any]]:
    kept = kept_columns(roster, added)
    for row, more in rows:
        echoed: dict[str, Any] = {}
        for column in kept:
            if column in row.cells:  # two columns of a table may have the same name, two keys cannot
                heading = roster.headings[column]
                echoed[f"{heading} ({column + 1})" if heading in echoed else heading] = row.cells[column]
        yield echoed | {name: more.get(name) for name in added}


def _encode(item: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(item)
    except TypeError:  # an integer over 64 bits, a lone surrogate, a duration of a spreadsheet
        return json.dumps(item, default=_write).encode()


def _write(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)
