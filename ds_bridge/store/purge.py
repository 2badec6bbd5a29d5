"""Purge: deletes every dossier that was last modified, or deleted, before a given day.

Everything of such a dossier goes: raw, document, rows, anomalies, and its tombstone if it has one. Only the
day stays, in `demarches.purged_before`: sync never brings back a dossier last modified before that day.

A deleted row is not yet erased: a database keeps its bytes until it needs the room. So SQLite is told to
overwrite, its file is written again, and its write-ahead log is emptied; PostgreSQL is vacuumed. Purge does
not touch backups: `docs/operations.md` says what to do about them.

Drafts of that age go too (whom they were made for, and their tokens), unless their dossier is kept. What
people wrote in actions (messages, motivations) goes too, when the action was over before that day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, func, or_, select

from ds_bridge.errors import StoreError
from ds_bridge.store.outbox import forget_content
from ds_bridge.store.overview import read_purged_before
from ds_bridge.store.tables import actions, anomalies, block_rows, demarches, dossiers, drafts, files
from ds_bridge.store.upsert import insert_into


@dataclass(frozen=True, slots=True)
class Purgeable:
    """How many live dossiers, and how many tombstones."""

    dossiers: int
    tombstones: int


def count_purgeable(connection: Connection, demarche: int, before: datetime) -> Purgeable:
    """What a purge would delete."""
    is_live = dossiers.c.deletion_kind.is_(None)
    query = select(func.count().filter(is_live), func.count().filter(~is_live)).where(_old(demarche, before))
    return Purgeable(*connection.execute(query).one())


def purge(connection: Connection, demarche: int, before: datetime) -> Purgeable:
    """Delete, and remember the day. After several purges, the latest day counts."""
    found = count_purgeable(connection, demarche, before)
    connection.execute(delete(dossiers).where(_old(demarche, before)))
    kept = select(dossiers.c.number).where(dossiers.c.demarche == demarche)
    connection.execute(
        delete(drafts).where(
            drafts.c.demarche == demarche, drafts.c.created_at < before, drafts.c.number.not_in(kept)
        )
    )
    forget_content(connection, demarche, before)
    known = read_purged_before(connection, demarche)
    statement = insert_into(demarches, connection.dialect.name).values(
        number=demarche, updated_at=datetime.now(UTC), purged_before=max(known or before, before)
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["number"], set_={"purged_before": statement.excluded.purged_before}
        )
    )
    return found


def overwrite_deleted(connection: Connection) -> None:
    """Let SQLite overwrite with zeros what this connection deletes. PostgreSQL cannot do this."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def erase_deleted(engine: Engine, target: str) -> None:
    """Remove from the database's files what was deleted, now or earlier.

    Raises StoreError when a reader keeps SQLite's log in use; the dossiers are deleted all the same.
    """
    if engine.dialect.name == "sqlite":
        _rewrite_file(engine, target)
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in (actions, anomalies, block_rows, files, dossiers, drafts):
            connection.exec_driver_sql(f"VACUUM {table.name}")


def list_backups(database: Path) -> list[Path]:
    """The copies that migrations left beside a SQLite store: they still hold what was purged."""
    return sorted(database.parent.glob(f"{database.name}.backup-*"))


def _old(demarche: int, before: datetime) -> ColumnElement[bool]:
    table = dossiers.c
    return and_(table.demarche == demarche, or_(table.modified_at < before, table.deleted_at < before))


def _rewrite_file(engine: Engine, target: str) -> None:
    pooled = engine.raw_connection()
    try:
        cursor = pooled.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        answer = cursor.fetchone()
        cursor.close()
    finally:
        pooled.close()
    if answer is None or answer[0] != 0:  # the first column: whether another program used the log
        raise StoreError(
            f"{target}: the dossiers are deleted, but another program reads the store and keeps traces of"
            " them in its log: run the same purge again once it has finished"
        )
