"""The `xlsx` format: one workbook, one sheet a table, headers that stay and filter, real dates.

Rows are written as they come and never held. What a sheet cannot hold goes elsewhere, and a message says so:
rows beyond the last go to a further sheet, a text too long for a cell stands whole in the sheet `long_texts`.
The sheet `columns` describes each column. Times are those of Paris; a text that would run is made harmless.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import xlsxwriter  # type: ignore[import-untyped]  # no stubs upstream
from xlsxwriter.exceptions import XlsxWriterException  # type: ignore[import-untyped]  # same

from ds_bridge.dump.csv import write_plain
from ds_bridge.dump.manifest import describe_column
from ds_bridge.dump.spreadsheet import neutralise
from ds_bridge.errors import ConfigurationError
from ds_bridge.store.encoding import encode_json
from ds_bridge.tables.columns import Column, Kind, Table, unique_name
from ds_bridge.tables.layout import Cells

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
LONGEST_TEXT = 32_767
LONGEST_NAME = 31
MOST_DIGITS = 15  # a spreadsheet keeps this many digits of a number
COLUMNS_SHEET = "columns"
LONG_TEXTS_SHEET = "long_texts"

_PARIS = ZoneInfo("Europe/Paris")
_FIRST_YEAR = 1900
_REFUSED = re.compile(r"[\[\]:*?/\\]")
_CUT = " […]"
_WIDTHS: dict[Kind, int] = {"date": 12, "datetime": 19, "integer": 12, "decimal": 12, "boolean": 10}
_TEXT_WIDTH = 28


def write(
    tables: Sequence[Table],
    rows: Iterable[tuple[str, Cells]],
    out: BinaryIO,
    *,
    scratch: Path,
    tell: Callable[[str], None],
) -> dict[str, int]:
    """Write the workbook. Returns the number of rows of each table.

    `scratch` is a private folder for rows that are not zipped yet. `tell` is called with what did not fit.
    Raises ConfigurationError for a table with more columns than a sheet takes.
    """
    for table in tables:
        if len(table.columns) > MOST_COLUMNS:
            raise ConfigurationError(
                f"{table.name} has {len(table.columns):,} columns and a sheet takes {MOST_COLUMNS:,}:"
                " use parquet"
            )
    options = {"constant_memory": True, "tmpdir": str(scratch), "use_zip64": True}
    book = _Book(xlsxwriter.Workbook(out, options))
    try:
        sheets = {table.name: _Sheet(book, table) for table in tables}
        for name, cells in rows:
            sheets[name].add(cells)
        for sheet in sheets.values():
            sheet.finish()
        book.describe(tables)
        book.close(tell)
    except BaseException:
        book.abandon()
        raise
    return {name: sheet.count for name, sheet in sheets.items()}


class _Book:
    """The workbook: its formats, the names of its sheets, and the texts too long for a cell."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._names: set[str] = {COLUMNS_SHEET, LONG_TEXTS_SHEET, "history"}  # Excel reserves the last
        self._long_sheet: Any = None
        self._long_lines = 0
        self._long_count = 0
        self.continued: list[str] = []
        self.bold = self._format({"bold": True, "bottom": 1})
        self.date = self._format({"num_format": "yyyy-mm-dd"})
        self.moment = self._format({"num_format": "yyyy-mm-dd hh:mm:ss"})

    def _format(self, properties: dict[str, Any]) -> Any:
        return self._workbook.add_format(properties)

    def add_sheet(self, name: str, headings: Sequence[str], widths: Sequence[int]) -> Any:
        sheet = self._workbook.add_worksheet(name)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        for place, heading in enumerate(headings):
            sheet.write_string(0, place, heading, self.bold)
        sheet.freeze_panes(1, 0)
        return sheet

    def take_name(self, wanted: str) -> str:
        """A name that a sheet may have and that no other sheet has."""
        name = _REFUSED.sub("_", wanted).strip("'")[:LONGEST_NAME] or "table"
        number = 1
        fitted = name
        while fitted.lower() in self._names:
            number += 1
            fitted = f"{name[: LONGEST_NAME - len(f' ({number})')]} ({number})"
        return unique_name(fitted, self._names)

    def shorten(self, table: str, cells: Cells, column: str, text: str) -> str:
        """The text that fits in a cell. When it is too long, the whole text goes to `long_texts`."""
        if _count_units(text) <= LONGEST_TEXT:
            return text
        self._long_count += 1
        self._write_long_text(table, cells, column, text)
        return _cut(text, LONGEST_TEXT - len(_CUT)) + _CUT

    def describe(self, tables: Sequence[Table]) -> None:
        """Write the sheet that describes each column."""
        headings = ("table", "column", "type", "path", "champ", "kind", "label")
        sheet = self.add_sheet(COLUMNS_SHEET, headings, (20, 28, 14, 28, 24, 20, 60))
        described = [(table, describe_column(column)) for table in tables for column in table.columns]
        for line, (table, about) in enumerate(described, 1):
            told = [
                "\n".join(champ[key] or "" for champ in about["champs"]) for key in ("id", "kind", "label")
            ]
            for place, value in enumerate((table.name, about["name"], about["type"], about["path"], *told)):
                if value:
                    sheet.write_string(line, place, _cut(neutralise(value), LONGEST_TEXT))
        sheet.autofilter(0, 0, len(described), len(headings) - 1)

    def close(self, tell: Callable[[str], None]) -> None:
        """Zip everything. An error of the disk is raised as OSError."""
        if self._long_count:
            tell(
                f"{self._long_count} texts are longer than a cell takes ({LONGEST_TEXT:,} characters):"
                f" cut, and whole in the sheet {LONG_TEXTS_SHEET!r}"
            )
        for name in self.continued:
            tell(f"{name} has more rows than a sheet takes ({MOST_ROWS:,}): it goes on in further sheets")
        try:
            self._workbook.close()
        except XlsxWriterException as error:
            cause = error.args[0] if error.args else None
            raise cause if isinstance(cause, OSError) else error from None  # xlsxwriter wraps disk errors

    def abandon(self) -> None:
        """Close the files that hold the rows before they are zipped."""
        for sheet in self._workbook.worksheets():
            if sheet.row_data_fh is not None:
                sheet.row_data_fh.close()

    def _write_long_text(self, table: str, cells: Cells, column: str, text: str) -> None:
        if self._long_sheet is None:
            headings = ("table", "dossier", "position", "column", "part", "text")
            self._long_sheet = self.add_sheet(LONG_TEXTS_SHEET, headings, (20, 12, 10, 28, 6, 80))
        sheet = self._long_sheet
        for number, part in enumerate(_split(text), 1):
            self._long_lines += 1
            sheet.write_string(self._long_lines, 0, table)
            sheet.write_number(self._long_lines, 1, cells["dossier"])
            if cells.get("position") is not None:
                sheet.write_number(self._long_lines, 2, cells["position"])
            sheet.write_string(self._long_lines, 3, column)
            sheet.write_number(self._long_lines, 4, number)
            sheet.write_string(self._long_lines, 5, part)


class _Sheet:
    """A table's sheet, and the sheets that continue it."""

    def __init__(self, book: _Book, table: Table) -> None:
        self.count = 0
        self._book = book
        self._table = table
        self._widths = [_WIDTHS.get(column.kind, _TEXT_WIDTH) for column in table.columns]
        self._open()

    def _open(self) -> None:
        headings = [column.name for column in self._table.columns]
        name = self._book.take_name(self._table.name)
        self._sheet = self._book.add_sheet(name, headings, self._widths)
        self._line = 0

    def add(self, cells: Cells) -> None:
        """Write one row."""
        if self._line == MOST_ROWS - 1:
            if self._table.name not in self._book.continued:
                self._book.continued.append(self._table.name)
            self.finish()
            self._open()
        self._line += 1
        self.count += 1
        for place, column in enumerate(self._table.columns):
            value = cells.get(column.name)
            if value is not None and value != []:
                self._write(place, column, value, cells)

    def finish(self) -> None:
        """Let the header filter the rows."""
        self._sheet.autofilter(0, 0, self._line, len(self._table.columns) - 1)

    def _write(self, place: int, column: Column, value: Any, cells: Cells) -> None:
        sheet, line = self._sheet, self._line
        if column.many:
            self._write_text(place, column, _write_list(column, value), cells)
        elif column.kind == "boolean":
            sheet.write_boolean(line, place, value)
        elif column.kind == "decimal" or (column.kind == "integer" and abs(value) < 10**MOST_DIGITS):
            sheet.write_number(line, place, value)
        elif column.kind == "date" and value.year >= _FIRST_YEAR:
            sheet.write_datetime(line, place, value, self._book.date)
        elif column.kind == "datetime" and value.year > _FIRST_YEAR:
            sheet.write_datetime(line, place, _in_paris(value), self._book.moment)
        elif isinstance(value, (int, dt.date)):
            sheet.write_string(line, place, str(value))  # a large number, or a day too old for spreadsheets
        else:
            self._write_text(place, column, value, cells)

    def _write_text(self, place: int, column: Column, text: str, cells: Cells) -> None:
        shortened = self._book.shorten(self._table.name, cells, column.name, neutralise(text))
        self._sheet.write_string(self._line, place, shortened)


def _in_paris(moment: dt.datetime) -> dt.datetime:
    local = moment if moment.tzinfo is None else moment.astimezone(_PARIS)
    return local.replace(tzinfo=None)


def _write_list(column: Column, value: list[Any]) -> str:
    """One item a line; as JSON when an item is not text on one line."""
    if column.kind == "text" and all(item is not None and "\n" not in item for item in value):
        return "\n".join(value)
    return encode_json(write_plain(value)).decode()


def _count_units(text: str) -> int:
    """The length as a spreadsheet counts it, in UTF-16."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _cut(text: str, length: int) -> str:
    if _count_units(text) <= length:
        return text
    return text.encode("utf-16-le")[: length * 2].decode("utf-16-le", "ignore")


def _split(text: str) -> Iterable[str]:
    """Parts that each fit in a cell; none begins like a formula."""
    while text:
        part = _cut(text, LONGEST_TEXT - 1)
        yield neutralise(part)
        text = text[len(part) :]
