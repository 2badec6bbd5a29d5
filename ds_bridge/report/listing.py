"""Listings: dossiers in, the rows that were filed out, in order. For a structure or a person only."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from ds_bridge.report.declare import CURRENT, Filed, Setting
from ds_bridge.report.figure import Cell, Figure, Table

if TYPE_CHECKING:
    from ds_bridge.report.declare import Listing


class Collecting:
    """The tally of a `Listing`. Only the period's: what came before is there to be compared with."""

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
        """The figure: its value is how many rows."""
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
