"""Reading live dossiers and what belongs to them, a batch at a time.

Each batch is a short query of its own, which starts after the last number read (keyset). So memory does not
grow with the store, nothing is locked while the reader works, and another connection, or the same store, may
write meanwhile. A dossier that changes between two batches is read once, as it is at that moment.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias, TypedDict

from sqlalchemy import ColumnElement, Connection, Row, Select, Text, cast, func, null, select, tuple_

from ds_bridge.errors import ConfigurationError
from ds_bridge.store.entries import StoredAnomaly, StoredDeletion, StoredDossier
from ds_bridge.store.tables import anomalies, block_rows, dossiers

Part: TypeAlias = Literal["row_ids", "account"]
"""What `Store.documents` can read with the documents, on demand."""

DOSSIERS_A_BATCH = 50
DOCUMENTS_A_BATCH = 200
ROWS_A_BATCH = 1000

# JSON as text: it is decoded later, one dossier at a time, and only when somebody uses it.
_CONTENT = (
    dossiers.c.number,
    dossiers.c.state,
    dossiers.c.archived,
    dossiers.c.modified_at,
    cast(dossiers.c.raw, Text),
    cast(dossiers.c.document, Text),
    dossiers.c.valid,
    dossiers.c.deposited_at,
    dossiers.c.revision,
    dossiers.c.pulled_at,
)
_TOMBSTONE = (
    dossiers.c.deletion_kind,
    dossiers.c.deletion_reason,
    dossiers.c.deleted_at,
    dossiers.c.raw_fingerprint.is_not(None),
)


_MOMENTS = ("since", "until", "deposited_since", "deposited_until")


class Conditions(TypedDict, total=False):
    """Which dossiers, by the store's columns. A key that is left out, or None, is no condition.

    `since` is the earliest modification, `until` the first moment that is too late; `deposited_*` mean the
    same for the deposit. `numbers` is a range, or some hundreds of numbers.
    """

    states: Collection[str] | None
    since: datetime | None
    until: datetime | None
    deposited_since: datetime | None
    deposited_until: datetime | None
    numbers: range | Collection[int] | None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which live dossiers of a démarche: see `Conditions`.

    Raises ConfigurationError for what is no moment with an offset, or no collection of states.
    """

    demarche: int
    states: Collection[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    deposited_since: datetime | None = None
    deposited_until: datetime | None = None
    numbers: range | Collection[int] | None = None

    def __post_init__(self) -> None:
        for name in _MOMENTS:
            value = getattr(self, name)
            if value is not None and (not isinstance(value, datetime) or value.tzinfo is None):
                kind = "one without" if isinstance(value, datetime) else f"a {type(value).__name__}"
                raise ConfigurationError(
                    f"{name}: give a datetime with its offset, as datetime(2024, 5, 1, tzinfo=UTC), not"
                    f" {kind}"
                )
        if isinstance(self.states, str):
            raise ConfigurationError("states: give a list of them, not a text")

    def narrow(self, query: Select[Any]) -> Select[Any]:
        """The query with the conditions added."""
        table = dossiers.c
        query = query.where(table.demarche == self.demarche, table.deletion_kind.is_(None))
        if self.states is not None:
            query = query.where(table.state.in_(list(self.states)))
        if self.since is not None:
            query = query.where(table.modified_at >= self.since)
        if self.until is not None:
            query = query.where(table.modified_at < self.until)
        if self.deposited_since is not None:
            query = query.where(table.deposited_at >= self.deposited_since)
        if self.deposited_until is not None:
            query = query.where(table.deposited_at < self.deposited_until)
        if isinstance(self.numbers, range):
            query = query.where(table.number >= self.numbers.start, table.number < self.numbers.stop)
        elif self.numbers is not None:
            query = query.where(table.number.in_(list(self.numbers)))
        return query


def read_batch(connection: Connection, selection: Selection, after: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """The next dossiers by number, each as a function that makes its `StoredDossier`."""
    table = dossiers.c
    query = selection.narrow(select(*_CONTENT))
    query = query.where(table.number > after).order_by(table.number).limit(DOSSIERS_A_BATCH)
    return connection.execute(query).all()


def read_documents(
    connection: Connection, selection: Selection, after: int, also: Collection[Part]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """The next documents by number, each as a function that makes its `StoredDocument`."""
    table = dossiers.c
    query = selection.narrow(
        select(
            table.number,
            table.valid,
            cast(table.document, Text),
            _collect_row_ids(connection) if "row_ids" in also else null(),
            table.raw["usager"]["email"].as_string() if "account" in also else null(),
        )
    )
    query = query.where(table.number > after).order_by(table.number).limit(DOCUMENTS_A_BATCH)
    return connection.execute(query).all()


def _collect_row_ids(connection: Connection) -> ColumnElement[str]:
    """The block, position and id of each row of a dossier, as JSON, in the same statement as its document.

    A second statement could see the rows of a later version of the dossier.
    """
    rows = block_rows.c
    if connection.dialect.name == "sqlite":
        collected = func.json_group_array(func.json_array(rows.block, rows.position, rows.row_id))
    else:
        collected = func.json_agg(func.json_build_array(rows.block, rows.position, rows.row_id))
    return select(cast(collected, Text)).where(rows.dossier == dossiers.c.number).scalar_subquery()


def read_one(connection: Connection, demarche: int, number: int) -> StoredDossier | StoredDeletion | None:
    """The démarche's dossier with this number: live, or a tombstone. None when there is none."""
    table = dossiers.c
    query = select(*_CONTENT, *_TOMBSTONE).where(table.demarche == demarche, table.number == number)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    content, (kind, reason, deleted_at, pulled) = row[: len(_CONTENT)], row[len(_CONTENT) :]
    if kind is None:
        return StoredDossier(*content)
    return StoredDeletion(number, kind, reason, deleted_at, pulled)


def count(connection: Connection, selection: Selection) -> int:
    """How many live dossiers."""
    query = selection.narrow(select(func.count()).select_from(dossiers))
    return int(connection.execute(query).scalar_one())


def read_newest_deposit(connection: Connection, demarche: int) -> datetime | None:
    """When the newest live dossier was deposited."""
    query = Selection(demarche).narrow(
        select(dossiers.c.deposited_at).order_by(dossiers.c.deposited_at.desc()).limit(1)
    )
    moment: datetime | None = connection.execute(query).scalar_one_or_none()
    return moment


def read_anomalies(
    connection: Connection, demarche: int, after: tuple[int, int]
) -> list[tuple[tuple[int, int], StoredAnomaly]]:
    """The next anomalies of live dossiers, each with its place in the order."""
    table = anomalies.c
    query = Selection(demarche).narrow(
        select(table.dossier, table.position, table.path, table.code, table.severity, table.message).join(
            dossiers, dossiers.c.number == table.dossier
        )
    )
    query = (
        query.where(tuple_(table.dossier, table.position) > tuple_(*after))
        .order_by(table.dossier, table.position)
        .limit(ROWS_A_BATCH)
    )
    return [
        (
            (row.dossier, row.position),
            StoredAnomaly(row.dossier, row.path, row.code, row.severity, row.message),
        )
        for row in connection.execute(query)
    ]


def read_versions(
    connection: Connection, demarche: int, after: int
) -> list[tuple[int, datetime, str | None]]:
    """The next live dossiers' numbers, modification dates and revisions."""
    table = dossiers.c
    query = Selection(demarche).narrow(select(table.number, table.modified_at, table.revision))
    query = query.where(table.number > after).order_by(table.number).limit(ROWS_A_BATCH)
    return [(row.number, row.modified_at, row.revision) for row in connection.execute(query)]


def read_deletions(connection: Connection, demarche: int, after: int) -> list[StoredDeletion]:
    """The next tombstones by number."""
    table = dossiers.c
    query = select(table.number, *_TOMBSTONE).where(
        table.demarche == demarche, table.deletion_kind.is_not(None), table.number > after
    )
    rows = connection.execute(query.order_by(table.number).limit(ROWS_A_BATCH))
    return [StoredDeletion(*row) for row in rows]
