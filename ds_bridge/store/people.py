"""People: what the store knows of one person, by their number in the pilotage. One reading, no content.

A dossier is theirs when their number is typed in it; where none is typed, when it was made from their draft.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Row, func, select

from ds_bridge.store.drafts import StoredDraft, list_drafts_of
from ds_bridge.store.overview import RunRecord, read_last_good_run
from ds_bridge.store.tables import anomalies, demarches, dossiers
from ds_bridge.store.upsert import insert_into

_Row: TypeAlias = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class PersonDossier:
    """A live dossier of theirs. `by_draft`: no number is typed in it. `errors`, `warnings`: its anomalies."""

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
    """All of it. `champs`: by which champs the index was filled, None when it never was."""

    dossiers: Sequence[PersonDossier]
    drafts: Sequence[StoredDraft]
    champs: str | None
    last_good_run: RunRecord | None


def read_person(connection: Connection, demarche: int, identifiant: int) -> PersonRecord:
    """Dossiers and drafts in the order they were made."""
    drafts = list_drafts_of(connection, demarche, identifiant)
    table = dossiers.c
    rows = _read_dossiers(connection, demarche, table.person == identifiant)
    if drafts:
        numbers = [draft.number for draft in drafts]
        rows += _read_dossiers(connection, demarche, table.number.in_(numbers) & table.person.is_(None))
    counts = _count_anomalies(connection, [row.number for row in rows])
    found = [
        PersonDossier(
            number=row.number,
            state=row.state,
            deposited_at=row.deposited_at,
            modified_at=row.modified_at,
            valid=row.valid,
            correction_asked_at=row.correction_asked_at,
            by_draft=row.person is None,
            errors=counts.get(row.number, (0, 0))[0],
            warnings=counts.get(row.number, (0, 0))[1],
        )
        for row in rows
    ]
    return PersonRecord(
        sorted(found, key=lambda one: (one.deposited_at, one.number)),
        drafts,
        read_champs(connection, demarche),
        read_last_good_run(connection, demarche),
    )


def read_champs(connection: Connection, demarche: int) -> str | None:
    """By which champs the index of people was filled."""
    query = select(demarches.c.person_champs).where(demarches.c.number == demarche)
    champs: str | None = connection.execute(query).scalar_one_or_none()
    return champs


def save_champs(connection: Connection, demarche: int, champs: str, at: datetime) -> None:
    """Write by which champs every live dossier now has its person."""
    statement = insert_into(demarches, connection.dialect.name).values(
        number=demarche, updated_at=at, person_champs=champs
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["number"], set_={"person_champs": statement.excluded.person_champs}
        )
    )


def _read_dossiers(connection: Connection, demarche: int, theirs: ColumnElement[bool]) -> list[_Row]:
    table = dossiers.c
    query = select(
        table.number,
        table.state,
        table.deposited_at,
        table.modified_at,
        table.valid,
        table.person,
        table.raw["dateDerniereCorrectionEnAttente"].as_string().label("correction_asked_at"),
    ).where(table.demarche == demarche, table.deletion_kind.is_(None), theirs)
    return list(connection.execute(query))


def _count_anomalies(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[int, int]]:
    if not numbers:
        return {}
    table = anomalies.c
    query = (
        select(
            table.dossier,
            func.count().filter(table.severity == "error"),
            func.count().filter(table.severity == "warning"),
        )
        .where(table.dossier.in_(numbers))
        .group_by(table.dossier)
    )
    return {number: (errors, warnings) for number, errors, warnings in connection.execute(query)}
