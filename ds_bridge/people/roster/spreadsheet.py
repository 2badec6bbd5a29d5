"""Spreadsheets: the first sheet that holds anything of an .xlsx, .xls, .xlsb or .ods in, an .xlsx out.

calamine reads (in Rust, no formula is ever run), XlsxWriter writes; both come with the extra `dump`.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from typing import Any, BinaryIO

from ds_bridge.errors import ConfigurationError
from ds_bridge.people.roster.formulas import neutralise, restore
from ds_bridge.people.roster.interface import Added, Cell, Roster, RosterFormat, Row, flatten, kept_columns

_LARGEST_EXACT = 2**53
_LONGEST_TEXT = 32_767
_ROWS = 1_048_575
_FIRST_YEAR = 1900


def need_extra() -> None:
    """Raise ConfigurationError unless both libraries are there."""
    if any(find_spec(module) is None for module in ("python_calamine", "xlsxwriter")):
        raise ConfigurationError(
            "spreadsheets need the extra dump: pip install 'ds-bridge[dump]' (or save the roster as CSV)"
        )


def read(content: bytes, name: str) -> Roster:
    """Read the first sheet with content. Raises ConfigurationError for what is none, locked, or empty."""
    need_extra()
    import python_calamine

    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            sheets = workbook.sheet_names
            used = (sheet for sheet in map(workbook.get_sheet_by_name, sheets) if sheet.height)
            sheet = next(used, None)
            table: list[list[Any]] = [] if sheet is None else sheet.to_python(skip_empty_area=False)
            others = sum(1 for _ in used)
    except python_calamine.PasswordError:
        raise ConfigurationError(f"{name}: protected by a password: save it without one") from None
    except python_calamine.CalamineError:
        raise ConfigurationError(f"{name}: not a spreadsheet that can be read") from None
    notes = (f"{name}: only its sheet {sheet.name!r} is read",) if sheet is not None and others else ()
    return _make(table, name, notes)


def write(roster: Roster, rows: Iterable[tuple[Row, Added]], added: Sequence[str], out: BinaryIO) -> None:
    """Write one sheet, its headings in bold and frozen. Texts are texts: no formula, no link is made."""
    need_extra()
    import xlsxwriter  # type: ignore[import-untyped]  # it ships no types

    kept = kept_columns(roster, added)
    options = {"in_memory": True, "default_date_format": "yyyy-mm-dd", "remove_timezone": True}
    with xlsxwriter.Workbook(out, options) as workbook:
        sheet = workbook.add_worksheet()
        sheet.freeze_panes(1, 0)
        bold = workbook.add_format({"bold": True})
        for column, heading in enumerate([*(roster.headings[position] for position in kept), *added]):
            sheet.write_string(0, column, neutralise(heading), bold)
        for line, (row, more) in enumerate(rows, start=1):
            if line > _ROWS:
                raise ConfigurationError(f"a sheet holds {_ROWS} rows at most: use a CSV")
            cells = [row.cells.get(column) for column in kept] + [more.get(name) for name in added]
            for column, cell in enumerate(cells):
                _write_cell(sheet, line, column, flatten(cell))


def _make(table: list[list[Any]], name: str, notes: tuple[str, ...]) -> Roster:
    lines = [
        (place, [_read(cell) for cell in cells])
        for place, cells in enumerate(table, start=1)
        if any(cell != "" for cell in cells)
    ]
    if not lines:
        raise ConfigurationError(f"{name}: it is empty")
    headings = [str(cell) for cell in lines[0][1]]
    rows = [Row(place, dict(enumerate(cells))) for place, cells in lines[1:]]
    while headings and not headings[-1] and all(row.cells.get(len(headings) - 1) == "" for row in rows):
        headings.pop()
    return Roster(RosterFormat.SPREADSHEET, tuple(headings), rows, bom=True, separator=";", notes=notes)


def _read(cell: Cell) -> Cell:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _LARGEST_EXACT:
        return int(cell)  # a spreadsheet has no other numbers than floats
    return restore(cell)


def _write_cell(sheet: Any, line: int, column: int, cell: Cell) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, bool):
        sheet.write_boolean(line, column, cell)
    elif isinstance(cell, int | float) and abs(cell) < _LARGEST_EXACT:
        sheet.write_number(line, column, cell)
    elif isinstance(cell, dt.datetime | dt.date) and cell.year >= _FIRST_YEAR:
        sheet.write_datetime(line, column, cell)
    else:
        text = neutralise(str(cell)).encode("utf-8", "replace").decode()
        sheet.write_string(line, column, text[:_LONGEST_TEXT])
