"""Copies a store into an empty one, of the same database or the other. Then compares every row.

There is one transaction on each side: the copy is the store as it stood at one moment, whole or absent.
Views are not copied, because each database has its own SQL for them. The next sync makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, collate, func, select

from ds_bridge.errors import ConfigurationError, StoreError
from ds_bridge.store.columns import SafeText
from ds_bridge.store.failures import translated
from ds_bridge.store.tables import metadata, published_views

ROWS_A_BATCH = 500
TABLES = tuple(table for table in metadata.sorted_tables if table is not published_views)
"""A store's tables. Each comes after the tables that it refers to."""


@dataclass
class Copied:
    """How far the copy is: `rows` by table, `seen` in total. The progress line shows `name`."""

    name: str = "copy"
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def seen(self) -> int:
        """Rows copied so far."""
        return sum(self.rows.values())


def refuse_content(target: Connection, name: str) -> None:
    """Raise ConfigurationError when there is a row in any table of the store `name`."""
    for table in metadata.sorted_tables:
        if count := target.execute(select(func.count()).select_from(table)).scalar_one():
            raise ConfigurationError(
                f"{name}: it holds something already ({count} rows in {table.name}): a copy goes into an"
                " empty store only"
            )


@dataclass(frozen=True)
class Side:
    """One of the two databases, with what errors call it."""

    connection: Connection
    target: str
    password: str | None = None

    def read(self, table: Table) -> Generator[Row[Any]]:
        """The rows of a table. An error names this side, even when the other side's transaction is open."""
        with (
            translated(self.target, self.password),
            self.connection.execute(_select(table, self.connection)) as rows,
        ):
            yield from rows


def copy(source: Side, target: Side, progress: Callable[[Copied], None]) -> Copied:
    """Copy every table, then read both sides and compare. Raises StoreError when they differ."""
    if source.connection.dialect.name == "postgresql":
        source.connection.execution_options(isolation_level="REPEATABLE READ")
    copied = Copied()
    for table in TABLES:
        name = str(table.name)  # SQLAlchemy's own kind of text cannot be a key in JSON
        copied.rows[name] = 0
        with closing(source.read(table)) as rows:
            while batch := [row._asdict() for row in islice(rows, ROWS_A_BATCH)]:
                target.connection.execute(table.insert(), batch)
                copied.rows[name] += len(batch)
                progress(copied)
    for table in TABLES:
        _compare(table, source, target)
    return copied


def _compare(table: Table, source: Side, target: Side) -> None:
    with closing(source.read(table)) as here, closing(target.read(table)) as there:
        for left, right in zip_longest(here, there):
            if left != right:
                where = _name_row(table, left or right)
                raise StoreError(f"the copy differs in {table.name}, at {where}: nothing was copied")


def _select(table: Table, connection: Connection) -> Select[Any]:
    """Selects the rows in the order of their key. The order does not depend on the database's language."""
    has_languages = connection.dialect.name == "postgresql"
    keys = [
        collate(key, "C") if has_languages and isinstance(key.type, SafeText) else key
        for key in table.primary_key
    ]
    return select(table).order_by(*keys).execution_options(yield_per=ROWS_A_BATCH)


def _name_row(table: Table, row: Row[Any]) -> str:
    return ", ".join(f"{key.name} {getattr(row, key.name)}" for key in table.primary_key)
