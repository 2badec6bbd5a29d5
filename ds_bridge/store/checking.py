"""The condition of a store: what is damaged, what it holds, and which part of that no pull brings back."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import JSON, Connection, Table, Text, cast, func, null, select, text

from ds_bridge.store.copying import TABLES
from ds_bridge.store.tables import demarches, dossiers, drafts, runs

_MOST_PROBLEMS = 20


@dataclass(frozen=True)
class Condition:
    """`rows` by table; `problems` in words, empty when all is in order.

    What cannot be pulled again: `drafts` (which draft was made for whom), `tombstones`, `runs` (the history),
    `purges` (how many démarches have a day before which nothing comes back).
    """

    problems: tuple[str, ...]
    rows: dict[str, int]
    drafts: int
    tombstones: int
    runs: int
    purges: int


def check(connection: Connection) -> Condition:
    """Read every row of every table."""
    problems = _check_file(connection) if connection.dialect.name == "sqlite" else []
    rows = {}
    for table in TABLES:
        rows[str(table.name)] = _read_whole(connection, table)
        if connection.dialect.name == "sqlite":
            problems += _check_json(connection, table)
    tombstones = select(func.count()).where(dossiers.c.deletion_kind.is_not(None))
    purges = select(func.count()).where(demarches.c.purged_before.is_not(None))
    return Condition(
        problems=tuple(problems),
        rows=rows,
        drafts=rows[drafts.name],
        tombstones=connection.execute(tombstones).scalar_one(),
        runs=rows[runs.name],
        purges=connection.execute(purges).scalar_one(),
    )


def _check_file(connection: Connection) -> list[str]:
    """SQLite's own check of its pages and indexes, and of what rows refer to."""
    found = connection.execute(text(f"PRAGMA integrity_check({_MOST_PROBLEMS})")).scalars().all()
    problems = [str(line) for line in found if line != "ok"]
    lost: dict[str, int] = {}
    for row in connection.execute(text("PRAGMA foreign_key_check")):
        lost[row[0]] = lost.get(row[0], 0) + 1
    return problems + [f"{count} rows of {name} belong to no dossier" for name, count in lost.items()]


def _read_whole(connection: Connection, table: Table) -> int:
    """The number of rows. Reads every value, so that a server finds the ones that it cannot read."""
    lengths = [func.sum(func.length(cast(column, Text))) for column in table.columns]
    count: int = connection.execute(select(func.count(), *lengths).select_from(table)).one()[0]
    return count


def _check_json(connection: Connection, table: Table) -> list[str]:
    """PostgreSQL checks JSON itself. SQLite keeps any text, so it is checked here."""
    problems = []
    for column in table.columns:
        if isinstance(column.type, JSON):
            broken = select(func.count()).where(column.is_not(null()), func.json_valid(column) == 0)
            if count := connection.execute(broken).scalar_one():
                problems.append(f"{count} rows of {table.name} hold a {column.name} that is not JSON")
    return problems
