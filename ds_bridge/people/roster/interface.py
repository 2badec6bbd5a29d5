"""What every format of roster is read into and written from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, BinaryIO, Protocol, TypeAlias

Cell: TypeAlias = Any
"""What a cell holds: text, a number, a boolean, a date, None; in JSON also lists and objects."""

Added: TypeAlias = Mapping[str, Cell]
"""The columns put behind a row: name to value."""


class RosterFormat(StrEnum):
    """How a roster is kept in a file."""

    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"
    SPREADSHEET = "xlsx"


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One row. `place` is where people find it: the line, the spreadsheet's row, the object's rank.

    `cells` is by column position; in JSON an absent key has none. `problem`: why the row cannot be read;
    `faults`: why a column's cell has no value that can be used.
    """

    place: int
    cells: Mapping[int, Cell]
    problem: str | None = None
    faults: Mapping[int, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Row {self.place}>"


@dataclass(frozen=True, slots=True, repr=False)
class Roster:
    """A list of people. `separator`, `bom`: how a CSV was written. `notes`: what to tell of the reading."""

    format: RosterFormat
    headings: tuple[str, ...]
    rows: Sequence[Row]
    separator: str = ","
    bom: bool = False
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Roster {self.format} {len(self.rows)} rows>"


class RosterWriter(Protocol):
    """Writes the rows, each with its added columns; columns of the same names that came in are replaced."""

    def __call__(
        self, roster: Roster, rows: Iterable[tuple[Row, Added]], added: Sequence[str], out: BinaryIO
    ) -> None: ...


def kept_columns(roster: Roster, added: Sequence[str]) -> list[int]:
    """The columns to echo: all but those that stand where an added one will."""
    return [position for position, heading in enumerate(roster.headings) if heading not in added]


def flatten(value: Cell) -> Cell:
    """A list or an object as text, for a format whose cells hold one value."""
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, dict) for each in value)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else value
