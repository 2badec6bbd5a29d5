"""Subject: whose dossiers a report is made of. Finds them in the store when the period depends on them."""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from ds_bridge.report.filed import Path, find_number
from ds_bridge.report.period import find_day
from ds_bridge.store import StoredDocument


@dataclass(frozen=True, slots=True, repr=False)
class Subject:
    """A person, a structure, or, without either number, everybody.

    The paths say where a document has the numbers of its person and structure. `drafted`: by dossier, the
    person for whom its draft was made, who counts when the document has no number.
    """

    person_path: Path
    structure_path: Path
    drafted: Mapping[int, int]
    person: int | None = None
    structure: int | None = None

    @property
    def is_everybody(self) -> bool:
        """Whether every dossier is of this subject."""
        return self.person is None and self.structure is None

    def find_person(self, number: int, document: Mapping[str, Any]) -> int | None:
        """The number of the person of a dossier."""
        typed = find_number(document, self.person_path)
        return self.drafted.get(number) if typed is None else typed

    def owns(self, document: Mapping[str, Any], identifiant: int | None) -> bool:
        """Whether a dossier of this person is one of the subject's."""
        if self.person is not None and identifiant != self.person:
            return False
        return self.structure is None or find_number(document, self.structure_path) == self.structure


@dataclass(frozen=True, slots=True)
class Theirs:
    """The numbers of the subject's dossiers, and the day of their newest deposit (None without any)."""

    numbers: Sequence[int]
    newest: dt.date | None


def find_theirs(subject: Subject, documents: Iterable[StoredDocument]) -> Theirs:
    """Read the documents once. Memory holds numbers only."""
    numbers: array[int] = array("q")
    newest: dt.date | None = None
    for stored in documents:
        document = orjson.loads(stored.text)
        if subject.owns(document, subject.find_person(stored.number, document)):
            numbers.append(stored.number)
            day = read_day(document)
            newest = max(newest or day, day) if day else newest
    return Theirs(numbers, newest)


def read_day(document: Mapping[str, Any]) -> dt.date | None:
    """The day of a document's deposit, in Paris; None when it cannot be read."""
    moment = read_header(document).get("date_depot")
    try:
        return find_day(moment) if isinstance(moment, str) else None
    except ValueError:
        return None


def read_header(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a document says of its dossier."""
    header = document.get("dossier")
    return header if isinstance(header, dict) else {}
