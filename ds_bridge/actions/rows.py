"""Rows: takes a file of actions, gives for each row its wish or its problem. Does not ask the platform.

The file has any format of a roster (CSV, JSON, spreadsheet). Its columns are those of `kinds.COLUMNS`.
"""

from __future__ import annotations

import datetime as dt
import difflib
import math
import mimetypes
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ds_bridge.actions.kinds import ARGUMENTS, COLUMNS, CORRECTIONS, KINDS
from ds_bridge.actions.values import RefusedValueError, clean, read_yes_no
from ds_bridge.actions.wishes import Wish, make_key
from ds_bridge.api.uploads import Blob
from ds_bridge.errors import ConfigurationError
from ds_bridge.people.roster import Cell, Roster, Row
from ds_bridge.people.roster.columns import simplify
from ds_bridge.store import StoredAction

LARGEST_PIECE = 20 * 1024 * 1024
LONGEST_KEY = 500
# Kinds of file that the platform surely refuses. It takes documents, pictures and archives, and decides on
# the rest itself.
_PROGRAMS = frozenset(
    {
        ".apk",
        ".bat",
        ".cmd",
        ".com",
        ".dll",
        ".exe",
        ".jar",
        ".js",
        ".lnk",
        ".msi",
        ".ps1",
        ".scr",
        ".sh",
        ".vbs",
    }
)

_HALF = re.compile("[\ud800-\udfff]")

FindPerson = Callable[[int, str], int]
"""Gives the number of the one dossier of this pilotage identifier that fits the action. Raises RowError."""


class RowError(ValueError):
    """What is wrong with a row, for its author. It names the column, never the cell's content."""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row: its wish, or its problem. `note`: a remark to show in both cases."""

    place: int
    wish: Wish | None = None
    problem: str | None = None
    note: str | None = None


class Reader:
    """Reads the rows of a file. Paths in the column `piece` start from `folder`."""

    def __init__(self, folder: Path, find_person: FindPerson) -> None:
        self._folder, self._find_person = folder, find_person

    def read(self, roster: Roster, known: Callable[[list[str]], Mapping[str, StoredAction]]) -> list[ReadRow]:
        """Read every row. `known` gives the stored actions of some keys: a key names one content for ever.

        Raises ConfigurationError for columns that cannot be right.
        """
        columns = find_columns(roster.headings)
        rows = [self._read(row, columns) for row in roster.rows]
        stored = known([row.wish.key for row in rows if row.wish])
        prints = {key: entry.fingerprint for key, entry in stored.items()}
        places: dict[str, int] = {}
        return [_check_key(row, prints, places) for row in rows]

    def _read(self, row: Row, columns: Mapping[str, int]) -> ReadRow:
        if row.problem:
            return ReadRow(row.place, problem=row.problem)
        try:
            cells = {name: _read_cell(name, row.cells.get(column)) for name, column in columns.items()}
            return ReadRow(
                row.place, self._make({name: each for name, each in cells.items() if each is not None})
            )
        except RowError as error:
            return ReadRow(row.place, problem=str(error))

    def _make(self, cells: dict[str, Any]) -> Wish:
        action = str(cells.get("action", "")).strip().lower()
        kind = KINDS.get(action)
        if kind is None:
            near = difflib.get_close_matches(action, KINDS, n=1)
            raise RowError("action: none of ours" + (f", did you mean {near[0]}?" if near else ""))
        given = {name: cells[name] for name in ARGUMENTS if name in cells}
        if missing := [name for name in kind.needs if name not in given]:
            raise RowError(f"{action} needs {' and '.join(missing)}")
        if strange := [name for name in given if name not in kind.needs + kind.takes]:
            raise RowError(f"{', '.join(strange)}: not for {action}")
        arguments = {name: self._read_argument(name, value) for name, value in given.items()}
        if action == "suivre" and "value" in arguments:
            arguments["value"] = _read_yes_no("value", arguments["value"])
        dossier = self._read_dossier(cells, action)
        key = str(cells.get("key", "")).strip() or make_key(dossier, action, arguments)
        if len(key) > LONGEST_KEY:
            raise RowError(f"key: longer than {LONGEST_KEY} characters")
        return Wish(key, dossier, action, arguments)

    def _read_dossier(self, cells: Mapping[str, Any], action: str) -> int:
        if "dossier" in cells:
            return _read_number("dossier", cells["dossier"])
        if "identifiant" in cells:
            return self._find_person(_read_number("identifiant", cells["identifiant"]), action)
        raise RowError("neither dossier nor identifiant")

    def _read_argument(self, name: str, value: Any) -> Any:
        if name == "piece":
            return self._read_piece(str(value))
        if name == "ligne":
            return _read_number(name, value)
        if name == "notify":
            return _read_yes_no(name, value)
        if name == "value":
            return value
        text = str(value)
        if name == "correction":
            if text.strip() not in CORRECTIONS:
                raise RowError(f"correction: write {', '.join(CORRECTIONS)}")
            return text.strip()
        return text if name in ("message", "motivation") else text.strip()

    def _read_piece(self, text: str) -> dict[str, str]:
        path = (self._folder / text.strip()).resolve()
        if path.suffix.lower() in _PROGRAMS:
            raise RowError("piece: the platform takes no program")
        if mimetypes.guess_type(path.name)[0] is None:
            raise RowError("piece: its name does not say what kind of file it is")
        try:
            if path.stat().st_size > LARGEST_PIECE:
                raise RowError("piece: over 20 MB, more than the platform takes")
            blob = Blob(path.name, path.read_bytes())
        except OSError as error:
            raise RowError(f"piece: the file cannot be read: {error.strerror}") from None
        if not blob.content:
            raise RowError("piece: the file is empty")
        return {"path": str(path), "filename": blob.filename, "checksum": blob.checksum}


def find_columns(headings: Sequence[str]) -> dict[str, int]:
    """The position of each of our columns. Case and accents do not matter; other columns are ignored.

    Raises ConfigurationError for a heading that is nearly one of ours or is there twice, or when none is
    ours.
    """
    names = {simplify(name): name for name in COLUMNS}
    found: dict[str, int] = {}
    for position, heading in enumerate(headings):
        name = names.get(simplify(heading))
        if name is None:
            near = difflib.get_close_matches(simplify(heading), names, n=1, cutoff=0.8)
            if near:
                raise ConfigurationError(
                    f"column {heading!r} is none of ours: did you mean {names[near[0]]!r}?"
                )
        elif name in found:
            raise ConfigurationError(f"column {name!r} stands twice")
        else:
            found[name] = position
    if "action" not in found or not {"dossier", "identifiant"} & set(found):
        raise ConfigurationError("no actions: the columns action, and dossier or identifiant, are missing")
    return found


def _check_key(row: ReadRow, prints: dict[str, str], places: dict[str, int]) -> ReadRow:
    """Refuse a key that names something else. A row that repeats the content of its key is the same
    action."""
    if row.wish is None:
        return row
    key, own = row.wish.key, row.wish.fingerprint
    if prints.setdefault(key, own) != own:
        where = f"row {places[key]}" if key in places else "an earlier run"
        return ReadRow(row.place, problem=f"key: it stands for another action already, of {where}")
    if key in places:
        return ReadRow(row.place, note=f"the same action as row {places[key]}: done once")
    places[key] = row.place
    return row


def _read_cell(name: str, cell: Cell) -> Any:
    """The cell as JSON, without the characters that the platform takes out of texts; None for a blank."""
    if isinstance(cell, list):
        return [_read_cell(name, each) for each in cell]
    if isinstance(cell, str):
        if _HALF.search(cell):
            raise RowError(f"{name}: it holds half a character")
        cell = clean(cell)
    if isinstance(cell, dict) or (isinstance(cell, float) and not math.isfinite(cell)):
        raise RowError(f"{name}: neither text, number, date nor a list")
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if isinstance(cell, dt.datetime) and cell.time() == dt.time() and cell.tzinfo is None:
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else cell


def _read_yes_no(name: str, value: Any) -> bool:
    try:
        return read_yes_no(value)
    except RefusedValueError as error:
        raise RowError(f"{name}: {error}") from None


def _read_number(name: str, value: Any) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not (
        text.isascii() and text.isdigit() and 0 < len(text) <= 15 and int(text)
    ):
        raise RowError(f"{name}: no number")
    return int(text)
