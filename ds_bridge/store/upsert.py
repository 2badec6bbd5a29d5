"""Upsert: an insert that may take the place of what stands under the same key. A table and a dialect in."""

from __future__ import annotations

from typing import TypeAlias

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

Upsert: TypeAlias = sqlite.Insert | postgresql.Insert


def insert_into(table: Table, dialect: str) -> Upsert:
    """The insert to say `on_conflict_do_update` of: both databases have it, each in a class of its own."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
