"""Spread: takes dossiers, gives how numbers are spread (quartiles and median by row)."""

from __future__ import annotations

import statistics
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ds_bridge.report.counting import Missed
from ds_bridge.report.crowd import Crowd
from ds_bridge.report.figure import Cell, Figure, Table
from ds_bridge.report.filed import BEFORE, CURRENT, Filed, Left, Setting, Tally
from ds_bridge.report.public import is_small, judge

_DIGITS = 2


class Spread:
    """The tally of `Quartiles`."""

    def __init__(self, spec: Quartiles, setting: Setting) -> None:
        self._spec = spec
        self._setting = setting
        self._values = {name: (array("d"), array("d")) for name in spec.values}
        self._crowds = {name: (Crowd(), Crowd()) for name in spec.values}
        self._everybody = (Crowd(), Crowd())
        self._dossiers: tuple[array[int], array[int]] = (array("q"), array("q"))
        self._missed = Missed()

    def add(self, filed: Filed) -> None:
        """Take a dossier's numbers."""
        told = False
        for name, read in self._spec.values.items():
            value = read(filed)
            if isinstance(value, Left):
                self._missed.add(f"{name} : {value.reason}", filed)
            elif value is not None:
                self._values[name][filed.when].append(value)
                self._crowds[name][filed.when].add(filed.place)
                told = True
        if told:
            self._dossiers[filed.when].append(filed.number)
            self._everybody[filed.when].add(filed.place)

    def finish(self) -> Figure:
        """The figure. The public sees only the quartiles of a row, and only when enough people are behind
        it."""
        spec = self._spec
        period, before = self._setting.period.label, self._setting.before.label
        columns = (
            spec.heading,
            f"Réponses {period}",
            "1er quartile",
            "Médiane",
            "3e quartile",
            f"Médiane {before}",
        )
        rows = tuple((name, *self._list_cells(name)) for name in spec.values)
        public = self._setting.public
        judged = [judge(self._everybody[when], {}, self._missed.crowds(when)) for when in (CURRENT, BEFORE)]
        first = rows[0]
        return Figure(
            id=spec.id,
            title=spec.title,
            definition=spec.definition,
            unit=spec.unit,
            value=first[3] if not isinstance(first[3], str) else None,
            before=first[5] if not isinstance(first[5], str) else None,
            table=Table(columns, rows),
            left_out=self._missed.finish(judged if public else None),
            dossiers=self._dossiers[CURRENT],
            dossiers_before=self._dossiers[BEFORE],
        )

    def _list_cells(self, name: str) -> tuple[Cell, ...]:
        current, before = self._values[name]
        public = self._setting.public
        if public and is_small(self._crowds[name][CURRENT]):
            current = array("d")
        if public and is_small(self._crowds[name][BEFORE]):
            before = array("d")
        low, middle, high = find_quartiles(current)
        return (None if public else len(current), low, middle, high, find_quartiles(before)[1])


def find_quartiles(values: Sequence[float]) -> tuple[float | None, float | None, float | None]:
    """First quartile, median, third quartile; interpolated between two values. None without numbers."""
    if not values:
        return (None, None, None)
    if len(values) == 1:
        only = _tidy(values[0])
        return (only, only, only)
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return (_tidy(low), _tidy(middle), _tidy(high))


def _tidy(value: float) -> float:
    rounded = round(value, _DIGITS)
    return int(rounded) if rounded == int(rounded) else rounded


@dataclass(frozen=True, kw_only=True)
class Quartiles:
    """How numbers are spread. For each row: how many, quartiles, median, and the median of the period before.

    `values` gives a dossier's number by row: None when it has none, `Left` when it cannot be trusted.
    The value is the first row's median.
    """

    id: str
    title: str
    definition: str
    unit: str
    heading: str
    values: Mapping[str, Callable[[Filed], float | Left | None]]

    def begin(self, setting: Setting) -> Tally:
        """Begin to count."""
        return Spread(self, setting)
