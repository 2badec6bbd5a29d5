"""Upsert: an insert that may replace the row of the same key. Takes a table and a dialect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Upsert: TypeAlias = sqlite.Insert | postgresql.Insert


def insert_into(table: Table, dialect: str) -> Upsert:
    """An insert with `on_conflict_do_update`. Each database has its own class for it."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def replace_row(
    connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Write the row of this key. Columns that are not given stay as they are."""
    statement = insert_into(table, connection.dialect.name).values(**key, **values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(key), set_={name: statement.excluded[name] for name in values}
        )
    )
