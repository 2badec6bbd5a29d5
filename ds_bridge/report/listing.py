"""Listings: takes dossiers, gives the filed rows in order. For a structure or a person only."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ds_bridge.report.figure import Cell, Figure, Table
from ds_bridge.report.filed import CURRENT, Filed, Setting, Tally


class Collecting:
    """The tally of a `Listing`. It takes only the period: the period before is for comparison."""

    def __init__(self, spec: Listing, setting: Setting) -> None:
        self._spec = spec
        self._setting = setting
        self._rows: list[tuple[Cell, ...]] = []
        self._dossiers: array[int] = array("q")

    def add(self, filed: Filed) -> None:
        """Take a dossier's rows."""
        if filed.when != CURRENT:
            return
        before = len(self._rows)
        self._rows.extend(self._spec.rows(filed, self._setting))
        if len(self._rows) > before:
            self._dossiers.append(filed.number)

    def finish(self) -> Figure:
        """The figure. Its value is the number of rows."""
        spec = self._spec
        rows = tuple(sorted(self._rows, key=lambda row: [(cell is None, str(cell)) for cell in row]))
        return Figure(
            id=spec.id,
            title=spec.title,
            definition=spec.definition,
            unit=spec.unit,
            value=len(rows),
            table=Table(spec.columns, rows),
            dossiers=self._dossiers,
            show="list",
        )


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Rows as they were filed, in the order of their cells. Never public; only those of the period."""

    id: str
    title: str
    definition: str
    unit: str
    columns: tuple[str, ...]
    rows: Callable[[Filed, Setting], Iterable[tuple[Cell, ...]]]

    def begin(self, setting: Setting) -> Tally:
        """Begin to collect."""
        return Collecting(self, setting)
