"""Views for people who query the store in SQL: one a block, with one real column a field.

`cra` + `evenements` gives `cra_evenements`: dossier, state, position, then the fields. Live dossiers only.
Lists come as JSON text; PostgreSQL gives every field as text. A view is made again only when its definition
changes, so that what was granted on it stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import DDL, Connection, delete, inspect, select

from ds_bridge.errors import StoreError
from ds_bridge.store.tables import published_views

_LONGEST_NAME = 63  # bytes: PostgreSQL silently cuts what is longer
_OWN_COLUMNS = ("dossier", "state", "position")


def define(
    connection: Connection, demarche: int, name: str, blocks: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """The views of a démarche: name → the statement that creates it."""
    return {
        (view := fit_name(f"{name}_{block}")): _define_one(connection, view, demarche, block, fields)
        for block, fields in blocks.items()
    }


def is_published(connection: Connection, demarche: int, definitions: Mapping[str, str]) -> bool:
    """Whether the démarche's views are there already, as defined. Reads only."""
    registered = {
        row.name: row.definition
        for row in connection.execute(select(published_views).where(published_views.c.demarche == demarche))
    }
    return registered == definitions and definitions.keys() <= set(inspect(connection).get_view_names())


def publish(connection: Connection, demarche: int, definitions: Mapping[str, str]) -> None:
    """Create what is new or differs, drop what the démarche no longer has.

    Raises StoreError when a name is taken by a table or view that is not ours.
    """
    registered = {row.name: row for row in connection.execute(select(published_views))}
    inspector = inspect(connection)
    views, tables = set(inspector.get_view_names()), set(inspector.get_table_names())
    for name, row in registered.items():
        if row.demarche == demarche and name not in definitions:
            _drop(connection, [name] if name in views else [])
            connection.execute(delete(published_views).where(published_views.c.name == name))
    for name, definition in definitions.items():
        known = registered.get(name)
        if name in tables or (name in views and known is None):
            raise StoreError(f"the view {name!r} cannot be made: a table or view of that name exists already")
        if known is not None and known.definition == definition and name in views:
            continue
        _drop(connection, [name] if name in views else [])
        _execute(connection, definition)
        connection.execute(delete(published_views).where(published_views.c.name == name))
        connection.execute(
            published_views.insert(), {"name": name, "demarche": demarche, "definition": definition}
        )


def drop_all(connection: Connection) -> list[str]:
    """Drop every view before a migration, which they would hinder. Returns their definitions."""
    inspector = inspect(connection)
    if published_views.name not in inspector.get_table_names():
        return []
    views = set(inspector.get_view_names())
    rows = [row for row in connection.execute(select(published_views)) if row.name in views]
    _drop(connection, [row.name for row in rows])
    return [row.definition for row in rows]


def restore(connection: Connection, definitions: Iterable[str]) -> None:
    """Create again what `drop_all` dropped."""
    for definition in definitions:
        _execute(connection, definition)


def fit_name(name: str) -> str:
    """The name, cut to what PostgreSQL takes, with a digest of the whole so that it stays distinct."""
    encoded = name.encode()
    if len(encoded) <= _LONGEST_NAME:
        return name
    digest = hashlib.blake2b(encoded, digest_size=4).hexdigest()
    return f"{encoded[: _LONGEST_NAME - 9].decode(errors='ignore')}_{digest}"


def _define_one(connection: Connection, view: str, demarche: int, block: str, fields: Sequence[str]) -> str:
    columns = ["d.number AS dossier", "d.state AS state", "b.position AS position"]
    taken = set(_OWN_COLUMNS)
    for field in fields:
        name = fit_name(field)
        while name.lower() in taken:
            name = fit_name(f"{name}_")
        taken.add(name.lower())
        columns.append(f"{_extract(connection, field)} AS {_quote(name)}")
    return (
        f"CREATE VIEW {_quote(view)} AS SELECT {', '.join(columns)}"  # noqa: S608 - every name is quoted
        " FROM dossiers d JOIN block_rows b ON b.dossier = d.number"
        f" WHERE d.demarche = {demarche:d} AND d.deletion_kind IS NULL AND b.block = {_literal(block)}"
    )


def _extract(connection: Connection, field: str) -> str:
    if connection.dialect.name != "sqlite":
        return f"b.data ->> {_literal(field)}"
    if '"' in field or "\\" in field:  # a JSON path cannot spell such a key
        return f"(SELECT value FROM json_each(b.data) WHERE key = {_literal(field)})"  # noqa: S608 - quoted
    path = f'$."{field}"'
    return f"json_extract(b.data, {_literal(path)})"


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _drop(connection: Connection, names: Iterable[str]) -> None:
    for name in names:
        _execute(connection, f"DROP VIEW {_quote(name)}")


def _execute(connection: Connection, statement: str) -> None:
    connection.execute(DDL(statement.replace("%", "%%")))  # type: ignore[no-untyped-call]  # untyped upstream
