"""Counting: takes dossiers, gives a figure of things by row. Knows which people are behind each number."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Literal, TypeAlias

from ds_bridge.report.crowd import Crowd, unite
from ds_bridge.report.figure import Cell, Figure, LeftOut, Number, Show, Table
from ds_bridge.report.filed import BEFORE, CURRENT, Filed, Left, Setting, Tally
from ds_bridge.report.public import Judged, Part, judge

TOGETHER = "Ensemble"
EARLIER = "avant la période"
_ALL = ""
_ONLY_ALL = (_ALL,)

_Thing: TypeAlias = tuple[Sequence[str], Sequence[str]]
"""The rows and the columns in which something counts."""


class Missed:
    """Why things were not counted: how many, and in which dossiers, in each period."""

    def __init__(self) -> None:
        self._counts: dict[str, list[int]] = {}
        self._crowds: dict[str, tuple[Crowd, Crowd]] = {}
        self._dossiers: dict[str, array[int]] = {}

    def add(self, reason: str, filed: Filed) -> None:
        """One more."""
        if reason not in self._counts:
            self._counts[reason] = [0, 0]
            self._crowds[reason] = (Crowd(), Crowd())
            self._dossiers[reason] = array("q")
        self._counts[reason][filed.when] += 1
        self._crowds[reason][filed.when].add(filed.place)
        dossiers = self._dossiers[reason]
        if filed.when == CURRENT and not (dossiers and dossiers[-1] == filed.number):
            dossiers.append(filed.number)

    def crowds(self, when: int) -> dict[str, Crowd]:
        """The people behind each reason."""
        return {reason: crowds[when] for reason, crowds in self._crowds.items()}

    def finish(self, judged: Sequence[Judged] | None) -> tuple[LeftOut, ...]:
        """The counts by reason. With a judgement: only what may be shown."""
        found = []
        for reason, counts in self._counts.items():
            told: list[Number] = [
                counts[when] if not judged or judged[when].shows_reason(reason) else None
                for when in (CURRENT, BEFORE)
            ]
            found.append(LeftOut(reason, told[CURRENT], told[BEFORE], self._dossiers[reason]))
        return tuple(found)


class Counting:
    """The tally of a `Breakdown`."""

    def __init__(self, spec: Breakdown, setting: Setting) -> None:
        self._spec = spec
        self._setting = setting
        self._columns = (*spec.columns, _ALL)
        self._values = [0, 0]
        self._crowds = (Crowd(), Crowd())
        self._dossiers: tuple[array[int], array[int]] = (array("q"), array("q"))
        self._missed = Missed()
        self._counts: dict[str, dict[str, list[int]]] = {}
        self._rows = (_People(self._columns), _People(self._columns))
        self._months = _align_months(setting) if spec.order == "months" else None

    def add(self, filed: Filed) -> None:
        """Count a dossier's things."""
        rows_of, when = self._spec.rows, filed.when
        things: list[_Thing] = []
        for item in self._spec.items(filed):
            rows = rows_of(item, filed)
            if isinstance(rows, Left):
                self._missed.add(rows.reason, filed)
            else:
                things.append(self._count((rows,) if isinstance(rows, str) else rows, item, when))
        if things:
            self._values[when] += len(things)
            self._crowds[when].add(filed.place)
            self._dossiers[when].append(filed.number)
            if self._setting.public:
                self._rows[when].add(things, filed.place)

    def _count(self, rows: Sequence[str], item: Any, when: int) -> _Thing:
        own = self._spec.column(item) if self._spec.columns else None
        columns = _ONLY_ALL if own is None else (own, _ALL)
        if self._months:
            rows = [self._months[when].get(row, EARLIER) for row in rows]
        if len(rows) > 1:
            rows = list(dict.fromkeys(rows))
        for row in rows:
            counts = self._counts.get(row)
            if counts is None:
                counts = self._counts[row] = {column: [0, 0] for column in self._columns}
            for column in columns:
                counts[column][when] += 1
        return rows, columns

    def finish(self) -> Figure:
        """The figure, without what the public may not see."""
        judged = [self._judge(when) for when in (CURRENT, BEFORE)] if self._setting.public else None
        value, before = (
            self._values[when] if not judged or judged[when].shows_value() else None
            for when in (CURRENT, BEFORE)
        )
        spec = self._spec
        return Figure(
            id=spec.id,
            title=spec.title,
            definition=spec.definition,
            unit=spec.unit,
            value=value,
            before=before,
            table=self._make_table(judged) if spec.show != "value" else None,
            left_out=self._missed.finish(judged),
            dossiers=self._dossiers[CURRENT],
            dossiers_before=self._dossiers[BEFORE],
            show=spec.show,
        )

    def _judge(self, when: int) -> Judged:
        return judge(self._crowds[when], self._rows[when].parts(), self._missed.crowds(when))

    def _make_table(self, judged: Sequence[Judged] | None) -> Table:
        period, before = self._setting.period.label, self._setting.before.label
        spec = self._spec
        together = f"{TOGETHER} {before}" if spec.columns else before
        headings = (*spec.columns.values(), TOGETHER if spec.columns else period, together)
        rows: list[tuple[Cell, ...]] = []
        suppressed = 0
        for name in self._list_rows():
            shown = [each.shows_row(name) for each in judged] if judged else [True, True]
            if not any(shown):
                suppressed += 1
                if spec.order != "months":
                    continue
            label = self._setting.period.name_month(name) if spec.order == "months" else name
            rows.append((label, *self._list_cells(name, shown)))
        if judged and spec.order == "size":
            rows.sort(key=_put_hidden_last)
        return Table((spec.heading, *headings), tuple(rows), suppressed)

    def _list_cells(self, name: str, shown: Sequence[bool]) -> list[Number]:
        counts = self._counts.get(name) or {column: [0, 0] for column in self._columns}
        current = [counts[column][CURRENT] if shown[CURRENT] else None for column in self._columns]
        return [*current, counts[_ALL][BEFORE] if shown[BEFORE] else None]

    def _list_rows(self) -> list[str]:
        order = self._spec.order
        if order == "months":
            months = self._setting.period.months()
            return [*(row for row in sorted(self._counts) if row not in set(months)), *months]
        if isinstance(order, tuple):
            return [*order, *sorted(self._counts.keys() - set(order))]
        return sorted(self._counts, key=lambda row: (-self._counts[row][_ALL][CURRENT], row))


class _People:
    """The people behind each cell of one period, and behind the rest of its column."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._whole: dict[str, Crowd] = defaultdict(Crowd)
        self._mixed: dict[str, Crowd] = defaultdict(Crowd)
        self._cells: dict[str, dict[str, Crowd]] = {}
        self._others: dict[str, dict[str, Crowd]] = {}

    def add(self, things: Sequence[_Thing], place: int) -> None:
        """Add the things of one dossier."""
        in_all: dict[str, set[str]] = {}
        for rows, columns in things:
            for row in rows:
                if row not in self._cells:
                    self._cells[row] = {column: Crowd() for column in self._columns}
                    self._others[row] = {column: self._whole[column].copy() for column in self._columns}
                for column in columns:
                    self._cells[row][column].add(place)
            for column in columns:
                known = in_all.get(column)
                in_all[column] = set(rows) if known is None else known.intersection(rows)
        for column, rows_of_all in in_all.items():
            self._whole[column].add(place)
            self._add_to_others(column, rows_of_all, place)

    def _add_to_others(self, column: str, rows_of_all: set[str], place: int) -> None:
        """A person with things in other rows is behind the rest of a row's column. Mostly this is so for
        every row."""
        if not rows_of_all:
            self._mixed[column].add(place)
            return
        for row, others in self._others.items():
            if row not in rows_of_all:
                others[column].add(place)

    def parts(self) -> dict[str, Part]:
        """By row."""
        return {
            row: Part(
                tuple(cells.values()),
                tuple(unite((self._others[row][column], self._mixed[column])) for column in self._columns),
            )
            for row, cells in self._cells.items()
        }


def _align_months(setting: Setting) -> tuple[dict[str, str], dict[str, str]]:
    """The row of each month. A month of the period before shares the row of the month at the same place."""
    months = setting.period.months()
    before = dict(zip_longest(setting.before.months(), months))
    return ({month: month for month in months}, {old: new or old for old, new in before.items() if old})


def _put_hidden_last(row: tuple[Cell, ...]) -> tuple[bool, float, str]:
    size = row[-2]
    return (size is None, -size if isinstance(size, int | float) else 0, str(row[0]))


@dataclass(frozen=True, kw_only=True)
class Breakdown:
    """Things counted by row, like events by kind. The value is how many have a row; `Left` are told apart.

    `items` gives the things of a dossier (by default the dossier itself). `rows` gives the row or rows of a
    thing, or why it has none. With `show="value"` the figure is one number, without a table. `columns` are
    more columns by key; `column` gives a thing's key. `order`: rows by size, in the given order, or all
    months in order.
    """

    id: str
    title: str
    definition: str
    unit: str
    rows: Callable[[Any, Filed], str | Sequence[str] | Left]
    items: Callable[[Filed], Iterable[Any]] = lambda filed: (filed,)
    heading: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    column: Callable[[Any], str | None] = lambda _: None
    order: Literal["size", "months"] | tuple[str, ...] = "size"
    show: Show = "bars"

    def begin(self, setting: Setting) -> Tally:
        """Begin to count."""
        return Counting(self, setting)
