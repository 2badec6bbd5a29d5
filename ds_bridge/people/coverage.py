"""Coverage: takes a roster and the store, tells who has deposited in a period and who has not.

A dossier is tied to a person by the pilotage identifier typed in it, else by the draft from which it was
made. It is never tied by a name: similar names are only shown, with the dossier's number, and a person
decides.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ds_bridge.config import DemarcheSettings
from ds_bridge.errors import ConfigurationError
from ds_bridge.form import read_forms
from ds_bridge.ids import ChampId, MalformedIdError
from ds_bridge.log import tell_count
from ds_bridge.mapping.person import PersonChamp
from ds_bridge.people.batch import find_repeated
from ds_bridge.people.names import NameIndex
from ds_bridge.people.roster import Cell, Columns, Roster, Row, find_columns, read_person
from ds_bridge.people.where import find_person_champ
from ds_bridge.store import Store, StoredDossier

Status: TypeAlias = Literal["deposited", "possible", "missing"]

ADDED = ("status", "deposits", "dossiers", "last_deposited_at", "possible", "problem")
"""The columns added to each row of the roster, in CSV."""


@dataclass(frozen=True, slots=True)
class Deposit:
    """A dossier of the period. `by` says how its person is known; None when the person is not known."""

    number: int
    state: str
    deposited_at: dt.datetime
    by: Literal["identifiant", "draft"] | None = None

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "number": self.number,
            "state": self.state,
            "deposited_at": self.deposited_at.isoformat(timespec="seconds"),
            "by": self.by,
        }


@dataclass(slots=True, repr=False)
class Covered:
    """Somebody of the roster: what they deposited, and what others deposited under a similar name."""

    row: Row
    identifiant: int | None
    nom: str | None
    prenom: str | None
    problems: tuple[str, ...] = ()
    deposits: list[Deposit] = field(default_factory=list)
    possible: list[Deposit] = field(default_factory=list)

    @property
    def status(self) -> Status:
        """`possible` only when nothing is sure."""
        if self.deposits:
            return "deposited"
        return "possible" if self.possible else "missing"

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "row": self.row.place,
            "identifiant": self.identifiant,
            "nom": self.nom,
            "prenom": self.prenom,
            "status": self.status,
            "dossiers": [deposit.to_json() for deposit in self.deposits],
            "possible": [deposit.to_json() for deposit in self.possible],
            "problems": list(self.problems),
        }

    def to_cells(self) -> dict[str, Cell]:
        """The columns added to the row."""
        last = max((deposit.deposited_at for deposit in self.deposits), default=None)
        return {
            "status": self.status,
            "deposits": len(self.deposits),
            "dossiers": [deposit.number for deposit in self.deposits],
            "last_deposited_at": last.isoformat(timespec="seconds") if last else None,
            "possible": [deposit.number for deposit in self.possible],
            "problem": "; ".join(self.problems) or None,
        }


@dataclass(frozen=True, repr=False)
class Coverage:
    """The answer. `unmatched`: dossiers of the period that belong to nobody of the roster, by number."""

    name: str
    since: dt.datetime | None
    until: dt.datetime | None
    people: Sequence[Covered]
    unmatched: Sequence[Deposit]
    warnings: tuple[str, ...] = ()

    def count(self, status: Status) -> int:
        """How many people have this status."""
        return sum(person.status == status for person in self.people)

    def describe(self) -> str:
        """One line."""
        counts = ", ".join(f"{self.count(each)} {each}" for each in ("deposited", "possible", "missing"))
        unmatched = tell_count(len(self.unmatched), "dossier")
        return f"{_tell_people(len(self.people))}: {counts}; {unmatched} of nobody in the roster"

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        statuses: tuple[Status, ...] = ("deposited", "possible", "missing")
        return {
            "name": self.name,
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "counts": {status: self.count(status) for status in statuses} | {"people": len(self.people)},
            "people": [person.to_json() for person in self.people],
            "unmatched": [deposit.to_json() for deposit in self.unmatched],
            "warnings": list(self.warnings),
        }


def cover(
    store: Store,
    name: str,
    demarche: DemarcheSettings,
    roster: Roster,
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> Coverage:
    """Who of the roster deposited, from `since` on and before `until`.

    Raises ConfigurationError when the roster has no column of identifiers and no columns of names.
    """
    document = store.read_form(demarche.number)
    form = read_forms(document)[0] if document else None
    columns = find_columns(roster.headings, demarche.champs, form, ignored=ADDED)
    known = columns.identity
    if "identifiant" not in known and not {"nom", "prenom"} <= set(known):
        raise ConfigurationError(
            "the roster has no column that says who people are: name one identifiant (or nom and prénom, for "
            "names that look alike)"
        )
    if since and until and since >= until:
        raise ConfigurationError("the period ends before it begins: look at --since and --until")
    people = _read_people(roster, columns)
    shared = _share_out(store, demarche, people, since, until, find_person_champ(demarche, document))
    warnings = [*_warn(store, demarche.number, roster, people)]
    if shared.seen and not shared.identified:
        warnings.append(
            f"none of the {shared.seen} dossiers carries an identifiant, so who is missing is not known: "
            f"set demarches.{name}.person"
        )
    return Coverage(name, since, until, people, shared.unmatched, tuple(warnings))


@dataclass(slots=True)
class _Shared:
    """The dossiers of the period: how many, how many with an identifier, and which belong to nobody."""

    seen: int = 0
    identified: int = 0
    unmatched: list[Deposit] = field(default_factory=list)


def _read_people(roster: Roster, columns: Columns) -> list[Covered]:
    repeated = find_repeated(roster, columns)
    people = []
    for row in roster.rows:
        person = read_person(row, columns)
        identity, repetition = person.identity, repeated.get(row.place)
        problems = (*person.problems, *person.warnings, *([repetition] if repetition else []))
        people.append(Covered(row, identity.identifiant, identity.nom, identity.prenom, problems))
    return people


def _share_out(
    store: Store,
    demarche: DemarcheSettings,
    people: Sequence[Covered],
    since: dt.datetime | None,
    until: dt.datetime | None,
    champ: PersonChamp,
) -> _Shared:
    """Give each dossier of the period to the person to whom it belongs, or to persons with a similar name.

    The draft counts only when no identifier was typed: with another identifier it is another person's
    dossier.
    """
    owners: dict[int, list[Covered]] = {}
    for person in people:
        if person.identifiant is not None:
            owners.setdefault(person.identifiant, []).append(person)
    drafted = {draft.number: draft.identifiant for draft in store.drafts(demarche.number)}
    index: NameIndex | None = None
    shared = _Shared()
    for dossier in store.dossiers(demarche.number):
        if (since and dossier.deposited_at < since) or (until and dossier.deposited_at >= until):
            continue
        depositor = Depositor(dossier, demarche.champs)
        identifiant, by = depositor.identifiant, "identifiant"
        if champ.numbers:  # else no form or setting tells: go by the names of the fields
            identifiant = champ.read(dossier.document, dossier.raw)
        shared.seen += 1
        shared.identified += identifiant is not None
        if identifiant is None:
            identifiant, by = drafted.get(dossier.number), "draft"
        if identifiant in owners:
            deposit = Deposit(dossier.number, dossier.state, dossier.deposited_at, by)  # type: ignore[arg-type]  # one of the two words above
            for person in owners[identifiant]:
                person.deposits.append(deposit)
            continue
        deposit = Deposit(dossier.number, dossier.state, dossier.deposited_at)
        shared.unmatched.append(deposit)
        index = index or _index_names(people)
        for key in sorted({key for names in depositor.names() for key in index.find(*names)}):
            people[key].possible.append(deposit)
    return shared


def _index_names(people: Sequence[Covered]) -> NameIndex:
    index = NameIndex()
    for key, person in enumerate(people):
        index.add(key, person.nom, person.prenom)
    return index


def _warn(store: Store, demarche: int, roster: Roster, people: Sequence[Covered]) -> Iterator[str]:
    yield from roster.notes
    good = store.last_good_run(demarche)
    if good is None or good.finished_at is None:
        yield "this démarche has never been synced whole: who has deposited may be missing (ds-bridge sync)"
    else:
        yield f"as of the last good sync, {good.finished_at.isoformat(timespec='minutes')}"
    without = [person.row.place for person in people if person.identifiant is None]
    if without:
        yield (
            f"{_tell_people(len(without))} without an identifiant that can be read, so nothing is sure: "
            f"rows {_list_places(without)}"
        )
    counts = Counter(person.identifiant for person in people)
    twice = [
        person.row.place
        for person in people
        if person.identifiant is not None and counts[person.identifiant] > 1
    ]
    if twice:
        yield f"{len(twice)} rows share their identifiant with another: rows {_list_places(twice)}"
    conflicting = [person.row.place for person in people if len(person.deposits) > 1]
    if conflicting:
        yield f"{_tell_people(len(conflicting))} deposited more than once: rows {_list_places(conflicting)}"


def _tell_people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def _list_places(places: Sequence[int]) -> str:
    return ", ".join(map(str, places[:10])) + (", …" if len(places) > 10 else "")


class Depositor:
    """Reads from whom a stored dossier is: from the model's document, else from the configured champs."""

    def __init__(self, dossier: StoredDossier, fields: Mapping[str, str]) -> None:
        self._document = dossier.document
        self._raw = dossier.raw
        self._fields = fields

    @property
    def identifiant(self) -> int | None:
        """The pilotage identifier typed in it, when it is a number."""
        value = self._find("identifiant")
        if isinstance(value, bool):
            return None
        if isinstance(value, int):
            return value
        text = value.strip() if isinstance(value, str) else ""
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None

    def names(self) -> set[tuple[str, str]]:
        """Name and first name as typed in the form, and of the applicant."""
        applicant = self._raw.get("demandeur")
        found = [(self._find("nom"), self._find("prenom"))]
        if isinstance(applicant, dict):
            found.append((applicant.get("nom"), applicant.get("prenom")))
        return {(nom, prenom) for nom, prenom in found if isinstance(nom, str) and isinstance(prenom, str)}

    def _find(self, name: str) -> Any:
        """A field of the document, at its top or one level down, else the configured champ's value."""
        groups = [
            value for key, value in self._document.items() if isinstance(value, dict) and key != "dossier"
        ]
        for group in (self._document, *groups):
            if name in group:
                return group[name]
        return self._find_champ(name)

    def _find_champ(self, name: str) -> Any:
        number = _read_number(self._fields.get(name))
        champs = self._document.get("champs")
        if number is None or not isinstance(champs, list):
            return None
        return next((champ.get("value") for champ in champs if _read_number(champ.get("id")) == number), None)


def _read_number(reference: str | None) -> int | None:
    if reference is None:
        return None
    try:
        return ChampId.parse(reference).stable
    except MalformedIdError:
        return None
