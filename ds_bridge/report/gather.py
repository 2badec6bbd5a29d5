"""Gather: reads the store's documents once and gives each to every figure. Memory holds counts only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from ds_bridge.report.declare import (
    BEFORE,
    CURRENT,
    Breakdown,
    Declaration,
    Declared,
    Filed,
    Left,
    Setting,
)
from ds_bridge.report.figure import Chapter
from ds_bridge.report.subject import Subject, read_day, read_header
from ds_bridge.store import Store, StoredDocument
from ds_bridge.store.reading import DOCUMENTS_A_BATCH, Part
from ds_bridge.tables.layout import is_unmapped

UNREADABLE = "illisibles : la plateforme a donné un dossier que ce programme ne sait pas lire"
_NOBODY = 0


DEPOSITS = Breakdown(
    id="depots",
    title="Dossiers déposés, par mois de dépôt",
    definition="Nombre de dossiers déposés sur la plateforme, selon le mois de leur dépôt. Ceux qui ne"
    " sont pas comptés ici ne le sont dans aucun autre chiffre.",
    unit="dossiers",
    rows=lambda item, _: item.left or item.deposited.isoformat()[:7],
    heading="Mois de dépôt",
    order="months",
    show="months",
)
"""The first figure of every report: what was deposited, and which dossiers the other figures leave out."""


class Gatherer:
    """Chooses the dossiers of this report and finds their people. `person` and `structure` narrow.

    After `gather`: `counted` dossiers of the period, their `people`, the `last` that was read, and whether
    the store has any dossier of the person or the structure (`found_any`), in whatever period.
    """

    def __init__(
        self,
        declared: Declared,
        setting: Setting,
        drafted: Mapping[int, int],
        *,
        person: int | None = None,
        structure: int | None = None,
    ) -> None:
        self._declared = declared
        self._setting = setting
        self._subject = Subject(declared.person, declared.structure, drafted, person, structure)
        self._places: dict[object, int] = {}
        self.last: Filed | None = None
        self.counted = 0
        self.found_any = False
        self.people: set[int] = set()

    def gather(
        self, documents: Iterator[StoredDocument], chapters: Sequence[Declaration]
    ) -> tuple[Chapter, ...]:
        """Count everything in one reading of the store."""
        deposits = DEPOSITS.begin(self._setting)
        tallies = [[figure.begin(self._setting) for figure in chapter.figures] for chapter in chapters]
        every = [tally for each in tallies for tally in each]
        for stored in documents:
            filed = self._read(stored)
            if filed is not None:
                deposits.add(filed)
                if filed.left is None:
                    for tally in every:
                        tally.add(filed)
                self._notice(filed)
        first = Chapter("Dossiers déposés", (deposits.finish(),))
        return (
            first,
            *(
                Chapter(chapter.title, tuple(tally.finish() for tally in each))
                for chapter, each in zip(chapters, tallies, strict=True)
            ),
        )

    def _notice(self, filed: Filed) -> None:
        self.last = filed
        if filed.when == CURRENT:
            self.counted += 1
            if filed.identifiant is not None:
                self.people.add(filed.identifiant)

    def _read(self, stored: StoredDocument) -> Filed | None:
        # orjson makes a float of a number over 64 bits; such a number is nobody's number in the pilotage.
        document = orjson.loads(stored.text)
        identifiant = self._subject.find_person(stored.number, document)
        if not self._subject.owns(document, identifiant):
            return None
        self.found_any = True
        deposited = read_day(document) or self._setting.period.until
        if self._setting.period.holds(deposited):
            when = CURRENT
        elif self._setting.before.holds(deposited):
            when = BEFORE
        else:
            return None
        place = self._find_place(identifiant if self._declared.person else stored.account)
        return Filed(stored.number, document, deposited, when, place, identifiant, self._find_left(document))

    def _find_left(self, document: dict[str, Any]) -> Left | None:
        """Why a dossier is not counted at all; None when it is counted."""
        if is_unmapped(document):
            return Left(UNREADABLE)
        reason = self._declared.left_states.get(read_header(document).get("state") or "")
        return Left(reason) if reason else None

    def _find_place(self, who: object) -> int:
        """The place of a person. All dossiers of nobody share one place: they may be of the same person."""
        return _NOBODY if who is None else self._places.setdefault(who, len(self._places) + 1)


def read_documents(
    store: Store, demarche: int, declared: Declared, person: int | None = None
) -> Iterator[StoredDocument]:
    """The documents to gather: all of them, or those of a person by the store's index, if it was filled."""
    record = store.read_person(demarche, person) if person is not None else None
    if record is not None and record.champs is not None:
        return read_these(store, demarche, declared, [each.number for each in record.dossiers])
    return store.documents(demarche, also=_choose_parts(declared))


def read_these(
    store: Store, demarche: int, declared: Declared, numbers: Sequence[int]
) -> Iterator[StoredDocument]:
    """The documents of these dossiers, in this order, some at a time."""
    for start in range(0, len(numbers), DOCUMENTS_A_BATCH):
        batch = numbers[start : start + DOCUMENTS_A_BATCH]
        found = store.documents(demarche, also=_choose_parts(declared), numbers=batch)
        by_number = {each.number: each for each in found}
        yield from (by_number[number] for number in batch if number in by_number)


def _choose_parts(declared: Declared) -> tuple[Part, ...]:
    """The account that filed is read too, when nothing else tells people apart."""
    return () if declared.person else ("account",)
