"""Changes: numbers every write of a dossier or a tombstone, so that a program can follow them in order.

Each démarche has its own count. A transaction locks the démarche's row before it takes a number, and keeps
the lock until it commits. So numbers become visible in their order: a reader who has read up to one number
misses no earlier one. A dossier that is written again moves to the end. `feed` names the count: a new store
starts a new count.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Text, cast, func, or_, select

from ds_bridge.store.entries import DeletionKind
from ds_bridge.store.tables import demarches, dossiers
from ds_bridge.store.upsert import insert_into


@dataclass(frozen=True, slots=True)
class Place:
    """The last number of a démarche's changes, and the name of the count."""

    feed: str | None
    changes: int


@dataclass(frozen=True, slots=True)
class Change:
    """A dossier as it stands after its last change: live with its document as text, or a tombstone."""

    change: int
    number: int
    state: str | None
    modified_at: datetime | None
    deletion_kind: DeletionKind | None
    deletion_reason: str | None
    deleted_at: datetime | None
    document: str | None = field(repr=False)


def take_numbers(connection: Connection, demarche: int, count: int) -> int:
    """Reserve `count` numbers for what is about to be written. Gives the first one."""
    statement = insert_into(demarches, connection.dialect.name).values(
        number=demarche, updated_at=datetime.now(UTC), changes=count, feed=secrets.token_hex(8)
    )
    excluded = statement.excluded
    changes = demarches.c.changes
    upsert = statement.on_conflict_do_update(
        index_elements=["number"],
        set_={
            "changes": func.coalesce(changes, 0) + excluded.changes,
            "feed": func.coalesce(demarches.c.feed, excluded.feed),
        },
    ).returning(changes)
    last: int = connection.execute(upsert).scalar_one()
    return last - count + 1


def read_place(connection: Connection, demarche: int) -> Place:
    """The place of the démarche's last change. A démarche without dossiers gives none."""
    query = select(demarches.c.feed, demarches.c.changes).where(demarches.c.number == demarche)
    row = connection.execute(query).one_or_none()
    return Place(None, 0) if row is None else Place(row.feed, row.changes or 0)


def read_changed_numbers(
    connection: Connection, demarche: int, after: int, limit: int
) -> Sequence[tuple[int, int]]:
    """The next changes as (change, number of the dossier), without the dossiers' content."""
    table = dossiers.c
    query = (
        select(table.change, table.number)
        .where(table.demarche == demarche, table.change > after)
        .order_by(table.change)
        .limit(limit)
    )
    return [(row.change, row.number) for row in connection.execute(query)]


def read_changes(
    connection: Connection, demarche: int, after: int, limit: int, since: datetime | None = None
) -> Sequence[Change]:
    """The next changes, at most `limit`. With `since`: only of dossiers modified or deleted from then on."""
    table = dossiers.c
    query: Any = (
        select(
            table.change,
            table.number,
            table.state,
            table.modified_at,
            table.deletion_kind,
            table.deletion_reason,
            table.deleted_at,
            cast(table.document, Text),
        )
        .where(table.demarche == demarche, table.change > after)
        .order_by(table.change)
        .limit(limit)
    )
    if since is not None:
        query = query.where(or_(table.modified_at >= since, table.deleted_at >= since))
    return [Change(*row) for row in connection.execute(query)]
