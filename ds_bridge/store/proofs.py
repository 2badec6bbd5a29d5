"""Proofs of a démarche: when it was last compared with the platform, and which streams are lost.

A comparison covers every number, date and revision. A stream of deletions is lost as long as the platform
cannot give it. Sync writes both; status, metrics and the next run read them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from ds_bridge.store.entries import DeletionKind
from ds_bridge.store.tables import comparisons, lost_streams
from ds_bridge.store.upsert import insert_into, replace_row


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison with the platform.

    `dossiers` is how many the platform listed, `differences` how many were not the same in the store,
    `mended` how many of the differences the run removed. The days to the next comparison are counted from
    `counts_from`: this is `at`, or the first load when there was no comparison yet.
    """

    counts_from: datetime
    at: datetime | None = None
    dossiers: int = 0
    differences: int = 0
    mended: int = 0


@dataclass(frozen=True, slots=True)
class LostStream:
    """A stream of deletions that the platform cannot give. `since` when, and what it first answered."""

    kind: DeletionKind
    since: datetime
    reason: str


def save_comparison(connection: Connection, demarche: int, comparison: Comparison) -> None:
    """Replace the last one."""
    values = {
        "counts_from": comparison.counts_from,
        "compared_at": comparison.at,
        "dossiers": comparison.dossiers,
        "differences": comparison.differences,
        "mended": comparison.mended,
    }
    replace_row(connection, comparisons, {"demarche": demarche}, values)


def read_comparison(connection: Connection, demarche: int) -> Comparison | None:
    """The last comparison; None when days were never counted."""
    table = comparisons.c
    row = connection.execute(
        select(table.counts_from, table.compared_at, table.dossiers, table.differences, table.mended).where(
            table.demarche == demarche
        )
    ).one_or_none()
    return None if row is None else Comparison(*row)


def lose_stream(connection: Connection, demarche: int, lost: LostStream) -> None:
    """Remember that a stream is lost. A stream that is lost already keeps its first date and reason."""
    statement = insert_into(lost_streams, connection.dialect.name).values(
        demarche=demarche, stream=lost.kind, since=lost.since, reason=lost.reason
    )
    connection.execute(statement.on_conflict_do_nothing())


def find_stream(connection: Connection, demarche: int, kind: DeletionKind) -> bool:
    """The stream was followed to its end: it is lost no more. Returns whether it was lost before."""
    table = lost_streams.c
    found = connection.execute(delete(lost_streams).where(table.demarche == demarche, table.stream == kind))
    return found.rowcount > 0


def list_lost_streams(connection: Connection, demarche: int) -> list[LostStream]:
    """Those that are lost, by name."""
    table = lost_streams.c
    query = select(table.stream, table.since, table.reason).where(table.demarche == demarche)
    return [LostStream(*row) for row in connection.execute(query.order_by(table.stream))]
