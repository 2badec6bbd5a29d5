"""Upsert: an insert that may take the place of what stands under the same key.

Takes a table and the name of the database's dialect. Both say `on_conflict_do_update`, each in a class of its
own, and only the one in use is loaded: PostgreSQL's dialect is a twentieth of a quiet night's start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import Table

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

Upsert: TypeAlias = "sqlite.Insert | postgresql.Insert"


def insert_into(table: Table, dialect: str) -> Upsert:
    """The insert to say `on_conflict_do_update` of."""
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)
