"""Tombstones: what a deletion does to the store.

| kind       | the platform says                       | a live dossier becomes a tombstone            |
|------------|-----------------------------------------|-----------------------------------------------|
| `deleted`  | gone for good                           | always: its date may be backdated to when its |
|            |                                         | user hid it, so dates prove nothing           |
| `pending`  | hidden now, whenever that began         | always: what is listed is hidden at this      |
|            |                                         | moment, and was read after the dossiers were  |
| `vanished` | nothing: a full sweep did not find it   | always                                        |

A tombstone only changes in this order: vanished → pending → deleted. When the platform lists the dossier
again, the tombstone is lifted (`pages.py`). A tombstone keeps the dossier's content. A dossier that was never
pulled gets a tombstone without content, unless it was deleted before the day of the last purge.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from sqlalchemy import Connection, Row, bindparam, select

from ds_bridge.store.changes import take_numbers
from ds_bridge.store.entries import DeletionEntry, DeletionKind
from ds_bridge.store.overview import read_purged_before
from ds_bridge.store.tables import dossiers

_Known: TypeAlias = Row[*tuple[Any, ...]]
_FIRMNESS = {"vanished": 1, "pending": 2, "deleted": 3}


def save(connection: Connection, demarche: int, kind: DeletionKind, entries: Sequence[DeletionEntry]) -> int:
    """Set tombstones. Returns how many of the dossiers had none before."""
    latest = {entry.number: entry for entry in sorted(entries, key=lambda entry: entry.deleted_at)}
    if not latest:
        return 0
    known = _read_known(connection, list(latest))
    bare = _not_purged(connection, demarche, [latest[number] for number in latest.keys() - known.keys()])
    changed = [
        entry for number, entry in latest.items() if number in known and _applies(known[number], kind, entry)
    ]
    if not (bare or changed):
        return 0
    place = take_numbers(connection, demarche, len(bare) + len(changed))
    if bare:
        rows = [_bare_row(demarche, kind, entry, change) for change, entry in enumerate(bare, place)]
        connection.execute(dossiers.insert(), rows)
    if changed:
        connection.execute(
            dossiers.update()
            .where(dossiers.c.number == bindparam("key"))
            .values(
                deletion_kind=kind,
                deleted_at=bindparam("at"),
                deletion_reason=bindparam("because"),
                change=bindparam("place"),
            ),
            [
                {"key": entry.number, "at": entry.deleted_at, "because": entry.reason, "place": change}
                for change, entry in enumerate(changed, place + len(bare))
            ],
        )
    return len(bare) + sum(known[entry.number].deletion_kind is None for entry in changed)


def _read_known(connection: Connection, numbers: list[int]) -> dict[int, _Known]:
    table = dossiers.c
    query = select(table.number, table.deletion_kind, table.deleted_at, table.deletion_reason).where(
        table.number.in_(numbers)
    )
    return {row.number: row for row in connection.execute(query)}


def _not_purged(connection: Connection, demarche: int, unknown: list[DeletionEntry]) -> list[DeletionEntry]:
    purged = read_purged_before(connection, demarche) if unknown else None
    return [entry for entry in unknown if purged is None or entry.deleted_at >= purged]


def _applies(stored: _Known, kind: DeletionKind, entry: DeletionEntry) -> bool:
    if stored.deletion_kind is None:
        return True
    if kind == stored.deletion_kind:
        return bool((entry.deleted_at, entry.reason) != (stored.deleted_at, stored.deletion_reason))
    return _FIRMNESS[kind] > _FIRMNESS[stored.deletion_kind]


def _bare_row(demarche: int, kind: DeletionKind, entry: DeletionEntry, change: int) -> dict[str, Any]:
    return {
        "number": entry.number,
        "demarche": demarche,
        "state": entry.state,
        "archived": False,
        "deletion_kind": kind,
        "deleted_at": entry.deleted_at,
        "deletion_reason": entry.reason,
        "change": change,
    }
