"""Spreadsheets: reads the first visible sheet with content (.xlsx, .xls, .xlsb, .ods), and writes an .xlsx.

calamine reads (in Rust; it never runs a formula), XlsxWriter writes. Both come with the extra `dump`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, BinaryIO

from ds_bridge.errors import ConfigurationError, MissingExtraError
from ds_bridge.people.roster.formulas import neutralise, restore
from ds_bridge.people.roster.interface import Added, Cell, Roster, RosterFormat, Row, flatten, kept_columns
from ds_bridge.people.sheets.cells import NO_RESULT
from ds_bridge.people.sheets.unfold import unfold

_LARGEST_EXACT = 2**53
_LONGEST_TEXT = 32_767
_ROWS = 1_048_575
_FIRST_YEAR = 1900
_SHOWN = 5
_PART = 16_000  # a spreadsheet counts some characters twice
_LONG_TEXTS = "long_texts"
_CUT = f" […] (cut: a cell of a spreadsheet holds 32,767 characters; whole in the sheet {_LONG_TEXTS})"


def need_extra() -> None:
    """Raise ConfigurationError unless both libraries are there."""
    if any(find_spec(module) is None for module in ("python_calamine", "xlsxwriter")):
        raise MissingExtraError("a spreadsheet (CSV needs nothing more)", "dump")


def read(content: bytes, name: str) -> Roster:
    """Read the first sheet with content. Raises ConfigurationError for a file of another kind, locked or
    empty."""
    need_extra()
    found = unfold(content)
    if "problem" in found:
        raise ConfigurationError(f"{name}: {_explain(found)}")
    seen = found["seen"]
    rows = _make_rows(found["table"], seen or {})
    return _make(rows, name, tuple(f"{name}: {note}" for note in _describe(found, seen)))


def _explain(found: Mapping[str, Any]) -> str:
    problem = found["problem"]
    if problem == "empty" and found["hidden"]:
        return "no sheet that is shown holds anything, and hidden ones are not read"
    if problem == "too large":
        reaches = f" (a cell stands at {found['reaches']})" if found.get("reaches") else ""
        return f"too large{reaches}: delete what stands far from the list, or save that as CSV"
    return {
        "empty": "it is empty",
        "locked": "protected by a password: save it without one",
    }.get(problem, "not a spreadsheet that can be read")


def _describe(found: Mapping[str, Any], seen: Mapping[str, Any] | None) -> Iterator[str]:
    """Notes on the file: what a user who looks at it may not notice."""
    if found["others"]:
        yield f"only its sheet {found['sheet']!r} is read"
    if seen is None:
        yield "in this format a cell in error cannot be told from an empty one: .xlsx says more"
        return
    used = {place for place, cells in enumerate(found["table"], start=1) if any(cell != "" for cell in cells)}
    if hidden := [row for row in seen["hidden_rows"] if row in used]:
        shown = ", ".join(map(str, hidden[:_SHOWN])) + (", …" if len(hidden) > _SHOWN else "")
        yield f"hidden rows are read too ({len(hidden)}: {shown})"
    if seen["hidden_columns"]:
        yield "hidden columns are read too"


def write(roster: Roster, rows: Iterable[tuple[Row, Added]], added: Sequence[str], out: BinaryIO) -> None:
    """Write one sheet, its headings in bold and frozen. Texts stay texts: no formula and no link is made. A
    text too long for a cell is written whole in a second sheet.
    """
    need_extra()
    import xlsxwriter  # type: ignore[import-untyped]  # it ships no types

    kept = kept_columns(roster, added)
    options = {"in_memory": True, "default_date_format": "yyyy-mm-dd", "remove_timezone": True}
    with xlsxwriter.Workbook(out, options) as workbook:
        sheet = workbook.add_worksheet()
        sheet.freeze_panes(1, 0)
        bold = workbook.add_format({"bold": True})
        headings = [*(roster.headings[position] for position in kept), *added]
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, neutralise(heading), bold)
        long_texts: list[tuple[int, str, str]] = []
        for line, (row, more) in enumerate(rows, start=1):
            if line > _ROWS:
                raise ConfigurationError(f"a sheet holds {_ROWS} rows at most: use a CSV")
            cells = [row.cells.get(column) for column in kept] + [more.get(name) for name in added]
            for column, cell in enumerate(cells):
                whole = _write_cell(sheet, line, column, flatten(cell))
                if whole is not None:
                    long_texts.append((line + 1, headings[column], whole))
        if long_texts:
            _write_long_texts(workbook.add_worksheet(_LONG_TEXTS), long_texts)


def _make_rows(table: list[list[Any]], seen: Mapping[str, Any]) -> list[Row]:
    """The rows with content. An error is kept as the text that is shown; a formula without result is a
    fault."""
    faults: dict[int, dict[int, str]] = {}
    for (line, column), text in (
        *seen.get("errors", {}).items(),
        *((place, "") for place in seen.get("no_result", ())),
    ):
        table.extend([] for _ in range(line - len(table)))
        cells = table[line - 1]
        cells.extend("" for _ in range(column - len(cells)))
        cells[column - 1] = text
        if not text:
            faults.setdefault(line, {})[column - 1] = NO_RESULT
    return [
        Row(place, dict(enumerate(map(_read, cells))), faults=faults.get(place, {}))
        for place, cells in enumerate(table, start=1)
        if place in faults or any(cell != "" for cell in cells)
    ]


def _make(rows: list[Row], name: str, notes: tuple[str, ...]) -> Roster:
    if not rows:
        raise ConfigurationError(f"{name}: it is empty")
    headings = [str(cell) for cell in rows[0].cells.values()]
    rows = rows[1:]
    while headings and not headings[-1] and all(row.cells.get(len(headings) - 1, "") == "" for row in rows):
        headings.pop()
    return Roster(RosterFormat.SPREADSHEET, tuple(headings), rows, bom=True, separator=";", notes=notes)


def _read(cell: Cell) -> Cell:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _LARGEST_EXACT:
        return int(cell)  # in a spreadsheet every number is a float
    return restore(cell)


def _write_cell(sheet: Any, line: int, column: int, cell: Cell) -> str | None:
    """Write a cell. Returns the whole text when the text was cut."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        sheet.write_boolean(line, column, cell)
    elif isinstance(cell, int | float) and abs(cell) < _LARGEST_EXACT:
        sheet.write_number(line, column, cell)
    elif isinstance(cell, dt.datetime | dt.date) and cell.year >= _FIRST_YEAR:
        sheet.write_datetime(line, column, cell)
    else:
        text = neutralise(str(cell)).encode("utf-8", "replace").decode()
        units = text.encode("utf-16-le")  # as a spreadsheet counts
        if len(units) > _LONGEST_TEXT * 2:
            start = units[: (_LONGEST_TEXT - len(_CUT)) * 2].decode("utf-16-le", "ignore")
            sheet.write_string(line, column, start + _CUT)
            return text
        sheet.write_string(line, column, text)
    return None


def _write_long_texts(sheet: Any, texts: Sequence[tuple[int, str, str]]) -> None:
    """Write each long text in parts: the row and column of its cell, the part's number, the part."""
    for column, heading in enumerate(("row", "column", "part", "text")):
        sheet.write_string(0, column, heading)
    parts = (
        (row, heading, number, text[start : start + _PART])
        for row, heading, text in texts
        for number, start in enumerate(range(0, len(text), _PART), start=1)
    )
    for line, (row, heading, number, part) in enumerate(parts, start=1):
        sheet.write_number(line, 0, row)
        sheet.write_string(line, 1, neutralise(heading)[:_LONGEST_TEXT])
        sheet.write_number(line, 2, number)
        sheet.write_string(line, 3, neutralise(part))
