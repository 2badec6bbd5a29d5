"""Finds what calamine does not tell of an .xlsx or .ods: cells in error, formulas without result, hidden
parts.

expat reads the file piece by piece, so a large file needs no more memory. `unfold` runs this in a separate
process.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from typing import Any
from xml.etree import ElementTree as ET
from xml.parsers import expat

NO_RESULT = "a formula without its result: open the file in a spreadsheet program and save it"
_MOST_UNPACKED = 256 * 1024 * 1024
_CHUNK = 64 * 1024
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class TooLargeError(Exception):
    """More cells, or more bytes, than a roster may have. The message names the farthest cell, if any."""


class UnreadableError(Exception):
    """Neither an .xlsx nor an .ods."""


class Seen:
    """What was seen in one sheet: cells in error, formulas without result, hidden rows and columns. Counted
    from 1."""

    def __init__(self) -> None:
        self.errors: dict[tuple[int, int], str] = {}
        self.no_result: list[tuple[int, int]] = []
        self.hidden_rows: list[int] = []
        self.hidden_columns = 0
        self.last_row = 0
        self.last_column = 0

    def use(self, row: int, column: int, most: int) -> None:
        """Count a cell with content. Raises TooLargeError when the cell makes the sheet too large."""
        self.last_row, self.last_column = max(self.last_row, row), max(self.last_column, column)
        if self.last_row * self.last_column > most:
            raise TooLargeError(f"{_letters(self.last_column)}{self.last_row}")

    def to_plain(self) -> dict[str, Any]:
        """As a pickle of plain values."""
        return {
            "errors": self.errors,
            "no_result": self.no_result,
            "hidden_rows": self.hidden_rows,
            "hidden_columns": self.hidden_columns,
        }


def scan(content: bytes, most_cells: int) -> dict[str, dict[str, Any]]:
    """What was seen, by sheet name. Raises TooLargeError, and UnreadableError for other formats."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_UNPACKED:
                raise TooLargeError
            names = set(archive.namelist())
            if "xl/workbook.xml" in names:
                return {
                    name: _Xlsx(most_cells).read(archive, part).to_plain()
                    for name, part in _find_parts(archive).items()
                    if part in names
                }
            if "content.xml" in names:
                return {name: seen.to_plain() for name, seen in _Ods(most_cells).read(archive).items()}
    except (zipfile.BadZipFile, expat.ExpatError, ET.ParseError, NotImplementedError, RuntimeError,
            ValueError, KeyError, EOFError, OSError) as error:  # fmt: skip
        # Locked members, rare compressions, cut files: leave these to calamine, which gives the error.
        raise UnreadableError from error
    raise UnreadableError


def _find_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part in the package of each visible sheet, by sheet name."""
    relations = {
        each.get("Id"): str(each.get("Target"))
        for each in ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 # bounded above
    }
    workbook = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 # same
    return {
        str(sheet.get("name")): posixpath.normpath(
            posixpath.join("/xl", relations.get(sheet.get(_RELATION), ""))
        ).lstrip("/")
        for sheet in workbook.findall(".//{*}sheet")
        if sheet.get("state", "visible") == "visible"
    }


class _Parser:
    """expat with local names, fed piece by piece."""

    def __init__(self, most_cells: int) -> None:
        self.most = most_cells
        self.text: list[str] | None = None

    def feed(self, archive: zipfile.ZipFile, part: str) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = lambda name, given: self.start(name.rpartition(":")[2], given)
        parser.EndElementHandler = lambda name: self.end(name.rpartition(":")[2])
        parser.CharacterDataHandler = self._take
        with archive.open(part) as stream:
            while piece := stream.read(_CHUNK):
                parser.Parse(piece)
            parser.Parse(b"", True)

    def start(self, name: str, given: dict[str, str]) -> None:
        raise NotImplementedError

    def end(self, name: str) -> None:
        raise NotImplementedError

    def _take(self, text: str) -> None:
        if (
            self.text is not None and len(self.text) < 3
        ):  # an error is short; of others, a few letters will do
            self.text.append(text[:40])


class _Xlsx(_Parser):
    def __init__(self, most_cells: int) -> None:
        super().__init__(most_cells)
        self.seen = Seen()
        self._row = self._column = 0
        self._kind = ""
        self._formula = False

    def read(self, archive: zipfile.ZipFile, part: str) -> Seen:
        self.feed(archive, part)
        return self.seen

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "c":
            match = _REFERENCE.fullmatch(given.get("r", ""))
            self._row, self._column = (
                (int(match[2]), _number(match[1])) if match else (self._row, self._column + 1)
            )
            self._kind, self._formula, self.text = given.get("t", ""), False, []
        elif name == "f":
            self._formula, self.text = True, None
        elif name in ("v", "t") and self.text is None:
            self.text = []
        elif name == "row":
            self._row, self._column = int(given.get("r", self._row + 1)), 0
            if given.get("hidden") in ("1", "true"):
                self.seen.hidden_rows.append(self._row)
        elif name == "col" and given.get("hidden") in ("1", "true"):
            self.seen.hidden_columns += 1

    def end(self, name: str) -> None:
        if name != "c":
            return
        text, self.text = "".join(self.text or ()), None
        place = (self._row, self._column)
        if self._kind == "e" and text:
            self.seen.errors[place] = text
        elif self._formula and not text and self._kind != "str":
            self.seen.no_result.append(place)
        elif not text:
            return
        self.seen.use(*place, self.most)


class _Ods(_Parser):
    def __init__(self, most_cells: int) -> None:
        super().__init__(most_cells)
        self.sheets: dict[str, Seen] = {}
        self._seen = Seen()
        self._row = self._column = 0
        self._rows = self._columns = 1
        self._cell: dict[str, str] = {}

    def read(self, archive: zipfile.ZipFile) -> dict[str, Seen]:
        self.feed(archive, "content.xml")
        return self.sheets

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "table":
            self._seen = self.sheets[given.get("table:name", "")] = Seen()
            self._row = self._rows = 0
        elif name == "table-row":
            self._row, self._column = self._row + self._rows, 0
            self._rows, self._columns = int(given.get("table:number-rows-repeated", "1")), 1
            if given.get("table:visibility") in ("collapse", "filter") and self._rows < self.most:
                self._seen.hidden_rows += range(self._row + 1, self._row + self._rows + 1)
        elif name == "table-column" and given.get("table:visibility") in ("collapse", "filter"):
            self._seen.hidden_columns += 1
        elif name in ("table-cell", "covered-table-cell"):
            self._cell, self.text = given, []
            self._columns = int(given.get("table:number-columns-repeated", "1"))

    def end(self, name: str) -> None:
        if name not in ("table-cell", "covered-table-cell"):
            return
        text, self.text = "".join(self.text or ()), None
        place = (self._row + 1, self._column + 1)
        self._column += self._columns
        kind = self._cell.get("office:value-type")
        if self._cell.get("calcext:value-type") == "error":
            self._seen.errors[place] = text
        elif "table:formula" in self._cell and kind is None:
            self._seen.no_result.append(place)
        if text or kind:
            self._seen.use(self._row + self._rows, self._column, self.most)


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
