"""What all formats of rosters share: readers give a `Roster`, writers take its rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, BinaryIO, Protocol, TypeAlias

Cell: TypeAlias = Any
"""What a cell holds: text, a number, a boolean, a date, None; in JSON also lists and objects."""

Added: TypeAlias = Mapping[str, Cell]
"""The columns added to a row: value by name."""


class RosterFormat(StrEnum):
    """How a roster is kept in a file."""

    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"
    SPREADSHEET = "xlsx"


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One row. `place` is where people find it: the line, the row in the spreadsheet, the object's rank.

    `cells` is by column position; a key that is absent in JSON has no cell. `problem`: why the row cannot be
    read. `faults`: why a cell has no usable value, by column.
    """

    place: int
    cells: Mapping[int, Cell]
    problem: str | None = None
    faults: Mapping[int, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Row {self.place}>"


@dataclass(frozen=True, slots=True, repr=False)
class Roster:
    """A list of people. `separator`, `bom`: how a CSV was written. `notes`: what to tell the user about
    it."""

    format: RosterFormat
    headings: tuple[str, ...]
    rows: Sequence[Row]
    separator: str = ","
    bom: bool = False
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Roster {self.format} {len(self.rows)} rows>"


class RosterWriter(Protocol):
    """Writes the rows with their added columns. An added column replaces a column of the same name."""

    def __call__(
        self, roster: Roster, rows: Iterable[tuple[Row, Added]], added: Sequence[str], out: BinaryIO
    ) -> None: ...


def kept_columns(roster: Roster, added: Sequence[str]) -> list[int]:
    """The columns to write again: all except those that an added column replaces."""
    return [position for position, heading in enumerate(roster.headings) if heading not in added]


def flatten(value: Cell) -> Cell:
    """A list or an object as text, for formats whose cells hold one value."""
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, dict) for each in value)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else value
