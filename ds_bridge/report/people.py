"""People: figures of who was expected (the roster of posts) and who filed."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from ds_bridge.report.figure import Cell, Figure, LeftOut, Table
from ds_bridge.report.filed import BEFORE, CURRENT, Filed, Setting, Tally, find
from ds_bridge.report.period import write_day
from ds_bridge.report.public import round_people

_UNKNOWN = "comptes rendus sans identifiant lisible, qui ne peuvent être rattachés à personne"
_DEPOSITED = "Ont déposé au moins un compte rendu"
_ROUNDED = (
    "Les nombres de personnes de cette version publique sont arrondis au multiple de cinq le plus proche."
)
_NO_ROSTER = (
    "La liste des postes financés n'a pas été fournie : le nombre de personnes attendues est inconnu."
)


@dataclass(frozen=True, kw_only=True)
class Reporting:
    """How many of the expected people filed, over the whole period or (`by_month`) month by month."""

    id: str
    title: str
    definition: str
    by_month: bool = False

    def begin(self, setting: Setting) -> Tally:
        """Begin to count."""
        return _Months(self, setting) if self.by_month else _Expected(self, setting)


class _People:
    """What both figures share: who filed in which period, and the dossiers of nobody."""

    def __init__(self, spec: Reporting, setting: Setting) -> None:
        self.spec = spec
        self.setting = setting
        self.dossiers: tuple[array[int], array[int]] = (array("q"), array("q"))
        self.filed: tuple[set[int], set[int]] = (set(), set())
        self.unknown: tuple[array[int], array[int]] = (array("q"), array("q"))

    def add(self, filed: Filed) -> None:
        """Take one dossier."""
        if filed.identifiant is None:
            self.unknown[filed.when].append(filed.number)
        else:
            self.filed[filed.when].add(filed.identifiant)
            self.dossiers[filed.when].append(filed.number)

    def count(self, people: int) -> int | None:
        """A number of people as it may be shown."""
        return round_people(people) if self.setting.public else people

    def list_unknown(self) -> LeftOut:
        """The dossiers of nobody. Not for the public: they may all be of one person."""
        counts = [None if self.setting.public and each else len(each) for each in self.unknown]
        return LeftOut(_UNKNOWN, counts[CURRENT], counts[BEFORE], self.unknown[CURRENT])

    def make(self, value: int | None, before: int | None, table: Table, *left_out: LeftOut) -> Figure:
        """The figure."""
        notes = [_NO_ROSTER] if self.setting.expected is None and not self.spec.by_month else []
        notes += [_ROUNDED] if self.setting.public else []
        return Figure(
            id=self.spec.id,
            title=self.spec.title,
            definition=self.spec.definition,
            unit="personnes",
            value=value,
            before=before,
            table=table,
            left_out=(*left_out, self.list_unknown()),
            dossiers=self.dossiers[CURRENT],
            dossiers_before=self.dossiers[BEFORE],
            show="months" if self.spec.by_month else "table",
            note=" ".join(notes) or None,
        )


class _Expected(_People):
    """Expected, filed, missing."""

    def finish(self) -> Figure:
        """The figure. Its value is how many filed; with a roster, how many of the roster."""
        setting = self.setting
        columns = ("Personnes", setting.period.label, setting.before.label)
        if setting.expected is None:
            value, before = self._count_each(self.filed)
            rows: tuple[tuple[Cell, ...], ...] = ((_DEPOSITED, value, before),)
            return self.make(value, before, Table(columns, rows))
        known = {each.identifiant for each in setting.expected if each.identifiant is not None}
        expected = len(setting.expected)
        filed = [each & known for each in self.filed]
        value, before = self._count_each(filed)
        missing = [self.count(expected - len(each)) for each in filed]
        rows = (
            ("Attendues (liste des postes financés)", self.count(expected), self.count(expected)),
            (_DEPOSITED, value, before),
            ("N'ont rien déposé", *missing),
        )
        others = self._count_each([each - known for each in self.filed])
        outside = LeftOut("personnes qui ont déposé sans figurer sur la liste des postes", *others)
        return self.make(value, before, Table(columns, rows), outside)

    def _count_each(self, people: Sequence[set[int]]) -> tuple[int | None, int | None]:
        current, before = people
        return self.count(len(current)), self.count(len(before))


class _Months(_People):
    """Who filed, by month of deposit."""

    def __init__(self, spec: Reporting, setting: Setting) -> None:
        super().__init__(spec, setting)
        self._months: dict[str, set[int]] = defaultdict(set)
        expected = setting.expected
        self._known = None if expected is None else {each.identifiant for each in expected}

    def add(self, filed: Filed) -> None:
        """Take one dossier of an expected person; without a roster, of anybody."""
        if self._known is not None and filed.identifiant not in self._known and filed.identifiant is not None:
            return
        super().add(filed)
        if filed.identifiant is not None:
            self._months[filed.deposited.isoformat()[:7]].add(filed.identifiant)

    def finish(self) -> Figure:
        """The figure. Its value is how many filed at least once."""
        setting = self.setting
        rows = []
        for month, earlier in zip_longest(setting.period.months(), setting.before.months()):
            counts = [
                self.count(len(self._months.get(each, ()))) if each else None for each in (month, earlier)
            ]
            rows.append((setting.period.name_month(month or earlier), *counts))
        columns = ("Mois de dépôt", setting.period.label, setting.before.label)
        value, before = (self.count(len(each)) for each in self.filed)
        return self.make(value, before, Table(columns, tuple(rows)))


@dataclass(frozen=True, kw_only=True)
class PeopleListing:
    """Each person who was expected or filed: number, name, how many reports, when the last was deposited."""

    id: str
    title: str
    definition: str

    def begin(self, setting: Setting) -> Tally:
        """Begin to collect."""
        return _Everybody(self, setting)


class _Everybody:
    def __init__(self, spec: PeopleListing, setting: Setting) -> None:
        self._spec = spec
        self._setting = setting
        self._dossiers: array[int] = array("q")
        self._filed: dict[int, list[Filed]] = defaultdict(list)

    def add(self, filed: Filed) -> None:
        if filed.when == CURRENT and filed.identifiant is not None:
            self._filed[filed.identifiant].append(filed)
            self._dossiers.append(filed.number)

    def finish(self) -> Figure:
        setting = self._setting
        rows = [
            self._list_cells(each.identifiant, join_names(each.prenom, each.nom))
            for each in setting.expected or ()
        ]
        known = {row[0] for row in rows}
        for identifiant, filed in self._filed.items():
            if identifiant not in known:
                names = (find(filed[-1].document, path) for path in setting.person_name)
                rows.append(self._list_cells(identifiant, join_names(*names)))
        rows.sort(key=lambda row: (row[2] != 0, str(row[1] or ""), str(row[0])))
        return Figure(
            id=self._spec.id,
            title=self._spec.title,
            definition=self._spec.definition,
            unit="personnes",
            value=len(rows),
            table=Table(("Identifiant", "Nom", "Comptes rendus", "Dernier dépôt"), tuple(rows)),
            dossiers=self._dossiers,
            show="list",
        )

    def _list_cells(self, identifiant: int | None, name: str | None) -> tuple[Cell, ...]:
        filed = self._filed.get(identifiant, []) if identifiant is not None else []
        last = max((each.deposited for each in filed), default=None)
        return (identifiant, name, len(filed), write_day(last) if last else "aucun dépôt")


def join_names(*names: object) -> str | None:
    """The names with a space between them; None without names."""
    return " ".join(name.strip() for name in names if isinstance(name, str) and name.strip()) or None
