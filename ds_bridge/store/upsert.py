"""Upsert: an insert that may replace the row of the same key. Takes a table and a dialect."""

from __future__ import annotations

from typing import TypeAlias

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

Upsert: TypeAlias = sqlite.Insert | postgresql.Insert


def insert_into(table: Table, dialect: str) -> Upsert:
    """An insert with `on_conflict_do_update`. Each database has its own class for it."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
