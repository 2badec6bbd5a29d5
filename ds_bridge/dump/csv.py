"""The `csv` format: one file a table, UTF-8, commas, a header; lists and records as JSON text.

Null is an empty cell. Dates are ISO 8601 and keep the platform's offset. A text that a spreadsheet would run
is made harmless; `parquet` and `ndjson` keep texts exact.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

from ds_bridge.dump.folder import open_private
from ds_bridge.people.roster.formulas import neutralise_line
from ds_bridge.store.encoding import encode_json
from ds_bridge.tables.columns import Column, Table
from ds_bridge.tables.layout import Cells

ENDING = ".csv"
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_SIGN = re.compile(r"(\A\"\s*|[,;][\"'\s]*)([=+@＝＋－＠-])")


def write(tables: Sequence[Table], rows: Iterable[tuple[str, Cells]], folder: Path) -> dict[str, int]:
    """Write the tables as the rows come. Returns the number of rows of each."""
    counts = {table.name: 0 for table in tables}
    with ExitStack() as stack:
        writers = {}
        for table in tables:
            stream = stack.enter_context(open_private(folder / f"{table.name}{ENDING}"))
            writers[table.name] = csv.writer(stream)  # CRLF, so that a lone CR in a text is quoted
            writers[table.name].writerow([column.name for column in table.columns])
        columns = {table.name: table.columns for table in tables}
        for name, cells in rows:
            writers[name].writerow([_write(column, cells.get(column.name)) for column in columns[name]])
            counts[name] += 1
    return counts


def write_one(table: Table, rows: Iterable[tuple[str, Cells]], out: BinaryIO) -> int:
    """Write the rows of one table to a stream (all `rows` are of this table). Returns their number."""
    # One `write` for each row: a stream that shows rows on a terminal needs it.
    stream = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    count = 0
    try:
        writer = csv.writer(stream)
        writer.writerow([column.name for column in table.columns])
        for _, cells in rows:
            writer.writerow([_write(column, cells.get(column.name)) for column in table.columns])
            count += 1
        stream.flush()
    finally:
        stream.detach()  # the caller closes it
    return count


def _write(column: Column, value: Any) -> Any:
    if column.many:
        return guard_json(encode_json(write_plain(value or [])).decode())
    if value is None:
        return ""
    match column.kind:
        case "boolean":
            return "true" if value else "false"
        case "date" | "datetime":
            return value.isoformat()
        case "integer" | "decimal":
            return value
        case _:
            return neutralise_line(value)


def guard_json(text: str) -> str:
    """The same JSON, with signs of formulas escaped wherever a reader may start a cell inside a text."""
    return _TEXT.sub(lambda found: _SIGN.sub(_escape, found[0]), text)


def _escape(found: re.Match[str]) -> str:
    return f"{found[1]}\\u{ord(found[2]):04x}"


def write_plain(value: Any) -> Any:
    """JSON-ready: dates as text, also inside lists and records."""
    if isinstance(value, list):
        return [write_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: write_plain(inner) for key, inner in value.items()}
    return value.isoformat() if hasattr(value, "isoformat") else value
