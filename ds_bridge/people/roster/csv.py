"""Reads and writes CSV as French spreadsheets write it: any of three separators, quoted lines, six
encodings."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from ds_bridge.errors import ConfigurationError
from ds_bridge.people.roster.encoding import GARBLED, decode, is_garbled
from ds_bridge.people.roster.formulas import neutralise_line, restore_line
from ds_bridge.people.roster.interface import Added, Cell, Roster, RosterFormat, Row, flatten, kept_columns
from ds_bridge.people.sheets.unfold import MOST_CELLS

SEPARATORS = (";", ",", "\t")
MISALIGNED = "the row has more cells than there are headings: does a value lack its quotes?"
_QUOTED = re.compile(r"[;,\t\"\r\n]|^\s|\s$")
_ROWS_LOOKED_AT = 50
_LONGEST_CELL = 1024 * 1024


def read(content: bytes, name: str) -> Roster:
    """Read a CSV. Raises ConfigurationError when the file is not one, or has no row."""
    decoded = decode(content, name)
    text, separator, skipped = _read_declaration(decoded.text)
    separator = separator or _guess_separator(text)
    lines = [
        (place + skipped, cells)
        for place, cells in _parse(text, separator, name)
        if any(map(str.strip, cells))
    ]
    if not lines:
        raise ConfigurationError(f"{name}: it is empty")
    headings, rows = lines[0][1], lines[1:]
    # Spreadsheets end lines with empty cells. A filled cell after the last heading is a problem.
    used = max((_count_used(cells) for _, cells in rows), default=0)
    named = max(_count_used(headings), min(used, len(headings)))
    width = max(named, used)
    if width * len(rows) > MOST_CELLS:
        raise ConfigurationError(f"{name}: {len(rows)} rows of {width} columns are too many: cut it in parts")
    headings = (headings + [""] * width)[:width]
    return Roster(
        RosterFormat.CSV,
        tuple(map(restore_line, headings)),
        _make_rows([(place, cells[:width]) for place, cells in rows], named, width, older=decoded.is_older),
        separator=separator,
        # Spreadsheets know UTF-8 only by its mark: a file without a mark came from a program.
        bom=decoded.bom or decoded.encoding != "utf-8",
        notes=decoded.note(name),
    )


def write(roster: Roster, rows: Iterable[tuple[Row, Added]], added: Sequence[str], out: BinaryIO) -> None:
    """Write the rows as they came, in UTF-8, formulas neutralised, with the added columns at the end."""
    kept = kept_columns(roster, added)
    if roster.bom:
        out.write(codecs.BOM_UTF8)
    write_line([*(roster.headings[column] for column in kept), *added], roster, out)
    for row, more in rows:
        write_line(
            [*(row.cells.get(each) for each in kept), *(more.get(name) for name in added)], roster, out
        )


def write_line(cells: Iterable[Cell], roster: Roster, out: BinaryIO) -> None:
    """Write one record."""
    line = roster.separator.join(map(_quote, cells)) + ("\r\n" if roster.bom else "\n")
    out.write(line.encode("utf-8", "replace"))  # JSON may hold a lone surrogate


def _quote(cell: Cell) -> str:
    # The csv module does not quote the other separators, and a reader may guess another separator.
    if cell is None:
        return ""
    text = neutralise_line(str(cell).lower() if isinstance(cell, bool) else str(flatten(cell)))
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _count_used(cells: list[str]) -> int:
    """How many cells there are up to the last filled cell."""
    return next((count for count in range(len(cells), 0, -1) if cells[count - 1].strip()), 0)


def _make_rows(lines: list[tuple[int, list[str]]], named: int, width: int, *, older: bool) -> list[Row]:
    rows = []
    for place, cells in lines:
        problem = MISALIGNED if any(map(str.strip, cells[named:])) else None
        if older and any(map(is_garbled, cells)):
            problem = GARBLED
        padded = cells + [""] * (width - len(cells))
        rows.append(Row(place, dict(enumerate(map(restore_line, padded))), problem))
    return rows


def _parse(text: str, separator: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line on which it begins. Raises ConfigurationError for a quote that is not
    closed."""
    reader = _open_reader(text, separator, strict=True)
    place = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = "a quote is not closed, or stands inside a value that is not quoted"
            if "field larger" in str(error):
                reason = "a cell is too long: is a quote missing?"
            raise ConfigurationError(f"{name}: line {place}: {reason}") from None
        yield place, cells
        place = reader.line_num + 1


def _open_reader(text: str, separator: str, *, strict: bool) -> Any:
    """Open a reader. The guess and the reading both use this, so that both accept cells of the same
    length."""
    csv.field_size_limit(_LONGEST_CELL)
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)


def _read_declaration(text: str) -> tuple[str, str | None, int]:
    """Read Excel's first line `sep=;`, if any. Gives the rest of the text, the separator, the lines
    skipped."""
    first, newline, rest = text.partition("\n")
    declared = first.strip("\r").strip('"').lower()
    if newline and declared.startswith("sep=") and declared[4:] in SEPARATORS:
        return rest, declared[4:], 1
    return text, None, 0


def _guess_separator(text: str) -> str:
    """The separator that gives the most rows as many cells as there are headings."""

    def score(separator: str) -> tuple[float, int]:
        reader = _open_reader(text, separator, strict=False)
        widths: list[int] = []
        try:
            for cells in reader:
                if any(map(str.strip, cells)):
                    widths.append(len(cells))
                if len(widths) > _ROWS_LOOKED_AT:
                    break
        except csv.Error:
            return (0, 0)
        if not widths or widths[0] == 1:
            return (0, 0)
        return (sum(width == widths[0] for width in widths) / len(widths), widths[0])

    return max(SEPARATORS, key=score)
