"""People: what the store knows of one person, by their number in the pilotage. No content of dossiers.

A dossier belongs to the person whose number is typed in it. When no number is typed, it belongs to the person
for whom its draft was made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, Row, ScalarSelect, bindparam, func, select

from ds_bridge.store.drafts import StoredDraft, list_drafts_of
from ds_bridge.store.overview import RunRecord, read_last_good_run
from ds_bridge.store.tables import anomalies, demarches, dossiers
from ds_bridge.store.upsert import insert_into

_Row: TypeAlias = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class PersonDossier:
    """A live dossier of the person. `by_draft`: no number is typed in it. `errors`, `warnings`: anomalies."""

    number: int
    state: str
    deposited_at: datetime
    modified_at: datetime
    valid: bool
    correction_asked_at: str | None
    by_draft: bool
    errors: int = 0
    warnings: int = 0


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """What is known of one person. `champs`: the champs that filled the index, None when none ever did."""

    dossiers: Sequence[PersonDossier]
    drafts: Sequence[StoredDraft]
    champs: str | None
    last_good_run: RunRecord | None


def _count_of(severity: str) -> ScalarSelect[int]:
    counted = func.count().filter(anomalies.c.severity == severity)
    return select(counted).where(anomalies.c.dossier == dossiers.c.number).scalar_subquery()


# Made once: a service that is asked where somebody is would spend its time on making them.
_DOSSIERS = select(
    dossiers.c.number,
    dossiers.c.state,
    dossiers.c.deposited_at,
    dossiers.c.modified_at,
    dossiers.c.valid,
    dossiers.c.raw["dateDerniereCorrectionEnAttente"].as_string(),
    _count_of("error"),
    _count_of("warning"),
).where(dossiers.c.demarche == bindparam("demarche"), dossiers.c.deletion_kind.is_(None))
_BY_NUMBER = _DOSSIERS.where(dossiers.c.person == bindparam("identifiant"))
_BY_DRAFT = _DOSSIERS.where(
    dossiers.c.number.in_(bindparam("drafts", expanding=True)), dossiers.c.person.is_(None)
)
_CHAMPS = select(demarches.c.person_champs).where(demarches.c.number == bindparam("demarche"))


def read_person(connection: Connection, demarche: int, identifiant: int) -> PersonRecord:
    """Dossiers and drafts in the order they were made."""
    drafts = list_drafts_of(connection, demarche, identifiant)
    theirs = {"demarche": demarche, "identifiant": identifiant}
    found = [_read(row, by_draft=False) for row in connection.execute(_BY_NUMBER, theirs)]
    known = {each.number for each in found}
    if others := [draft.number for draft in drafts if draft.number not in known]:
        made = {"demarche": demarche, "drafts": others}
        found += [_read(row, by_draft=True) for row in connection.execute(_BY_DRAFT, made)]
    return PersonRecord(
        sorted(found, key=lambda one: (one.deposited_at, one.number)),
        drafts,
        read_champs(connection, demarche),
        read_last_good_run(connection, demarche),
    )


def read_champs(connection: Connection, demarche: int) -> str | None:
    """The champs that filled the index of people."""
    champs: str | None = connection.execute(_CHAMPS, {"demarche": demarche}).scalar_one_or_none()
    return champs


def save_champs(connection: Connection, demarche: int, champs: str, at: datetime) -> None:
    """Write which champs gave every live dossier its person."""
    statement = insert_into(demarches, connection.dialect.name).values(
        number=demarche, updated_at=at, person_champs=champs
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["number"], set_={"person_champs": statement.excluded.person_champs}
        )
    )


def _read(row: _Row, *, by_draft: bool) -> PersonDossier:
    number, state, deposited_at, modified_at, valid, asked_at, errors, warnings = row
    return PersonDossier(
        number, state, deposited_at, modified_at, valid, asked_at, by_draft, errors=errors, warnings=warnings
    )
