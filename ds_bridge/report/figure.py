"""Figures: a number or a small table, with what is needed to check it. Pages and report.json show them.

Each figure says in French what it counts, what it leaves out and how many, and from which dossiers it was
made. Every figure can be counted again from a dump.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ds_bridge.log import tell_count

Number: TypeAlias = int | float | None
"""A value. None: there is none, or it was suppressed."""

Cell: TypeAlias = int | float | str | None
Show: TypeAlias = Literal["value", "bars", "months", "table", "list"]
"""How a page shows it: one number, bars or months with their table, a table, a list of rows."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why some things are not counted, how many in the period and in the period before, and their
    dossiers."""

    reason: str
    count: Number
    before: Number = None
    dossiers: Sequence[int] = field(default=(), repr=False)

    def to_json(self, *, traced: bool) -> dict[str, Any]:
        """JSON-ready."""
        trace = {"dossiers": list(self.dossiers)} if traced else {}
        return {"reason": self.reason, "count": self.count, "before": self.before, **trace}


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """Columns and rows; the first cell of a row names it. `suppressed` rows are not shown to the public.

    Its repr counts rows and shows none: they may hold people's names.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    suppressed: int = 0

    def __repr__(self) -> str:
        return f"Table({tell_count(len(self.columns), 'column')}, {tell_count(len(self.rows), 'row')})"

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"columns": list(self.columns), "rows": [list(row) for row in self.rows]}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `value` is for the period, `before` for the period before; `unit` names what is counted."""

    id: str
    title: str
    definition: str
    unit: str
    value: Number = None
    before: Number = None
    table: Table | None = None
    left_out: tuple[LeftOut, ...] = ()
    dossiers: Sequence[int] = field(default=(), repr=False)
    dossiers_before: Sequence[int] = field(default=(), repr=False)
    show: Show = "table"
    note: str | None = None

    def to_json(self, *, traced: bool = True) -> dict[str, Any]:
        """JSON-ready; without the numbers of dossiers when not `traced`."""
        trace = (
            {"dossiers": list(self.dossiers), "dossiers_before": list(self.dossiers_before)} if traced else {}
        )
        return {
            "id": self.id,
            "title": self.title,
            "definition": self.definition,
            "unit": self.unit,
            "value": self.value,
            "before": self.before,
            "table": self.table.to_json() if self.table else None,
            "left_out": [each.to_json(traced=traced) for each in self.left_out],
            "note": self.note,
            **trace,
        }


@dataclass(frozen=True, slots=True)
class Chapter:
    """Figures under one heading."""

    title: str
    figures: tuple[Figure, ...]
