"""Views for people who query the store in SQL: one of dossiers, one of anomalies, one a block.

`cra` + `evenements` gives `cra_evenements`: the row's own columns, then its dossier's. Live dossiers only. A
view is made again only when its definition changes, and renamed when only its name does; on PostgreSQL what
was granted on it stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import DDL, Connection, delete, inspect, select, update

from ds_bridge.errors import StoreError
from ds_bridge.store.grants import list_readers, write_grants
from ds_bridge.store.tables import metadata, published_views
from ds_bridge.store.view_columns import LONGEST_NAME, View
from ds_bridge.store.view_sql import quote, write_view

_RESERVED = ("sqlite_", "pg_")  # beginnings that a database keeps for itself


def define(connection: Connection, demarche: int, name: str, views: Iterable[View]) -> dict[str, str]:
    """The views of a démarche: name → the statement that creates it."""
    dialect = connection.dialect.name
    named = {name_view(name, view.table): view for view in views}
    return {shown: write_view(dialect, shown, demarche, view) for shown, view in named.items()}


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
            heir = _find_heir(row.definition, definitions, views)
            if heir is not None and name in views and connection.dialect.name != "sqlite":
                _execute(connection, f"ALTER VIEW {quote(name)} RENAME TO {quote(heir)}")
                values = {"name": heir, "definition": definitions[heir]}
                connection.execute(
                    update(published_views).where(published_views.c.name == name).values(values)
                )
                continue
            _drop(connection, [name] if name in views else [])
            connection.execute(delete(published_views).where(published_views.c.name == name))
    registered = {row.name: row for row in connection.execute(select(published_views))}
    views = set(inspect(connection).get_view_names())
    for name, definition in definitions.items():
        known = registered.get(name)
        if name in tables or (name in views and known is None):
            raise StoreError(f"the view {name!r} cannot be made: a table or view of that name exists already")
        if known is not None and known.definition == definition and name in views:
            continue
        readers = list_readers(connection, name) if name in views else []
        _drop(connection, [name] if name in views else [])
        for statement in (definition, *write_grants(name, readers)):
            _execute(connection, statement)
        connection.execute(delete(published_views).where(published_views.c.name == name))
        connection.execute(
            published_views.insert(), {"name": name, "demarche": demarche, "definition": definition}
        )


def list_names(connection: Connection, demarche: int) -> list[str]:
    """The views of a démarche that were made."""
    names = select(published_views.c.name).where(published_views.c.demarche == demarche)
    return sorted(connection.execute(names).scalars())


def _find_heir(definition: str, definitions: Mapping[str, str], views: Collection[str]) -> str | None:
    """The new name of a view that is otherwise the same."""
    _, _, content = definition.partition(" AS SELECT ")
    return next(
        (
            name
            for name, new in definitions.items()
            if name not in views and new.partition(" AS SELECT ")[2] == content
        ),
        None,
    )


def drop_all(connection: Connection) -> list[str]:
    """Drop every view before a migration, which they would hinder. Returns what `restore` takes."""
    inspector = inspect(connection)
    if published_views.name not in inspector.get_table_names():
        return []
    views = set(inspector.get_view_names())
    rows = [row for row in connection.execute(select(published_views)) if row.name in views]
    statements = []
    for row in rows:
        statements += [row.definition, *write_grants(row.name, list_readers(connection, row.name))]
    _drop(connection, [row.name for row in rows])
    return statements


def restore(connection: Connection, statements: Iterable[str]) -> None:
    """Create again what `drop_all` dropped."""
    for statement in statements:
        _execute(connection, statement)


def name_view(demarche: str, block: str) -> str:
    """The view of a block: a name that no other block of no other démarche has, on no database.

    `cra_evenements` where neither name has an underscore, `recrutement__missions_longues` where one has. What
    could still meet another (capitals, which a database may not tell apart, underscores in a row or at an
    end, a name too long or one of our tables') ends with three underscores and a digest of both names.
    """
    both = (demarche, block)
    simple = "_".join(both) if not any("_" in each for each in both) else "__".join(both)
    told_apart = all("__" not in each and each == each.strip("_") == each.lower() for each in both)
    reserved = simple in metadata.tables or simple.startswith(_RESERVED)
    if told_apart and not reserved and len(simple.encode()) <= LONGEST_NAME:
        return simple
    digest = hashlib.blake2b("\0".join(both).encode(), digest_size=8).hexdigest()
    shown = ("v_" if simple.lower().startswith(_RESERVED) else "") + simple.lower()
    return f"{shown.encode()[: LONGEST_NAME - 19].decode(errors='ignore')}___{digest}"


def _drop(connection: Connection, names: Iterable[str]) -> None:
    for name in names:
        _execute(connection, f"DROP VIEW {quote(name)}")


def _execute(connection: Connection, statement: str) -> None:
    connection.execute(DDL(statement.replace("%", "%%")))  # type: ignore[no-untyped-call]  # untyped upstream
