"""Saves a page of dossiers: finds which are new, changed, unchanged or back, and writes only what differs.

When the platform lists a dossier, the dossier is live, so its tombstone is lifted. There is one exception. A
dossier deleted for good (`deleted`) stays deleted unless it was modified after its deletion: such a number
never comes back, and the page may be older than the deletion.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import Connection, Row, case, delete, select

from ds_bridge.store.changes import take_numbers
from ds_bridge.store.entries import DossierEntry, PageCounts, PreparedEntry
from ds_bridge.store.tables import anomalies, block_rows, dossiers
from ds_bridge.store.upsert import Upsert, insert_into

_Known: TypeAlias = Row[*tuple[Any, ...]]


def prepare(entries: Sequence[DossierEntry]) -> list[PreparedEntry]:
    """Fingerprint the entries. When a number comes twice, the entry that was modified last is kept."""
    latest: dict[int, PreparedEntry] = {}
    for each in entries:
        one = PreparedEntry.of(each)
        known = latest.get(one.entry.number)
        if known is None or one.entry.modified_at >= known.entry.modified_at:
            latest[one.entry.number] = one
    return list(latest.values())


def save(connection: Connection, demarche: int, prepared: Sequence[PreparedEntry]) -> PageCounts:
    """Write what differs from the store."""
    known = _read_known(connection, prepared)
    created = updated = unchanged = restored = 0
    writes: list[tuple[PreparedEntry, bool]] = []
    for one in prepared:
        stored = known.get(one.entry.number)
        lifts = stored is not None and stored.deletion_kind is not None and _comes_back(stored, one.entry)
        if stored is None:
            created += 1
        elif lifts:
            restored += 1
        elif _is_same(stored, demarche, one):
            unchanged += 1
            continue
        else:
            updated += 1
        writes.append((one, lifts))
    if writes:
        _write(connection, demarche, writes, known)
    invalid = sum(not one.entry.valid for one in prepared)
    return PageCounts(created, updated, unchanged, restored, invalid)


def _read_known(connection: Connection, prepared: Sequence[PreparedEntry]) -> dict[int, _Known]:
    if not prepared:
        return {}
    table = dossiers.c
    query = select(
        table.number,
        table.demarche,
        table.raw_fingerprint,
        table.document_fingerprint,
        table.person,
        table.deleted_at,
        table.deletion_kind,
    ).where(table.number.in_([one.entry.number for one in prepared]))
    return {row.number: row for row in connection.execute(query)}


def _comes_back(stored: _Known, entry: DossierEntry) -> bool:
    return bool(stored.deletion_kind != "deleted" or entry.modified_at > stored.deleted_at)


def _is_same(stored: _Known, demarche: int, one: PreparedEntry) -> bool:
    return bool(
        stored.demarche == demarche
        and stored.raw_fingerprint == one.raw_fingerprint
        and stored.document_fingerprint == one.document_fingerprint
        and stored.person == one.entry.person
    )


def _write(
    connection: Connection,
    demarche: int,
    writes: Sequence[tuple[PreparedEntry, bool]],
    known: dict[int, _Known],
) -> None:
    pulled_at = datetime.now(UTC)
    first = take_numbers(connection, demarche, len(writes))
    connection.execute(
        _upsert(connection.dialect.name),
        [_dossier_row(demarche, one, pulled_at, change) for change, (one, _) in enumerate(writes, first)],
    )
    back = [one.entry.number for one, lifts in writes if lifts]
    if back:
        connection.execute(
            dossiers.update()
            .where(dossiers.c.number.in_(back))
            .values(deleted_at=None, deletion_kind=None, deletion_reason=None)
        )
    replaced = [one.entry.number for one, _ in writes if one.entry.number in known]
    if replaced:
        connection.execute(delete(block_rows).where(block_rows.c.dossier.in_(replaced)))
        connection.execute(delete(anomalies).where(anomalies.c.dossier.in_(replaced)))
    rows = [
        {
            "dossier": one.entry.number,
            "block": row.block,
            "position": row.position,
            "row_id": row.row_id,
            "data": row.data,
        }
        for one, _ in writes
        for row in one.entry.rows
    ]
    if rows:
        connection.execute(block_rows.insert(), rows)
    problems = [
        {
            "dossier": one.entry.number,
            "position": position,
            "path": anomaly.path,
            "code": anomaly.code,
            "severity": anomaly.severity,
            "message": anomaly.message,
        }
        for one, _ in writes
        for position, anomaly in enumerate(one.entry.anomalies)
    ]
    if problems:
        connection.execute(anomalies.insert(), problems)


@cache
def _upsert(dialect: str) -> Upsert:
    statement = insert_into(dossiers, dialect)
    excluded = statement.excluded
    kept = {"number", "pulled_at", "deleted_at", "deletion_kind", "deletion_reason"}
    values: dict[str, Any] = {
        column.name: excluded[column.name] for column in dossiers.c if column.name not in kept
    }
    # It was mapped again from the same raw dossier, and not pulled again.
    values["pulled_at"] = case(
        (dossiers.c.raw_fingerprint == excluded.raw_fingerprint, dossiers.c.pulled_at),
        else_=excluded.pulled_at,
    )
    return statement.on_conflict_do_update(index_elements=[dossiers.c.number], set_=values)


def _dossier_row(demarche: int, one: PreparedEntry, pulled_at: datetime, change: int) -> dict[str, Any]:
    entry = one.entry
    return {
        "number": entry.number,
        "demarche": demarche,
        "state": entry.state,
        "archived": entry.archived,
        "deposited_at": entry.deposited_at,
        "modified_at": entry.modified_at,
        "revision": entry.revision,
        "valid": entry.valid,
        "pulled_at": pulled_at,
        "raw_fingerprint": one.raw_fingerprint,
        "document_fingerprint": one.document_fingerprint,
        "document": entry.document,
        "raw": entry.raw,
        "person": entry.person,
        "change": change,
    }
