"""Views for people who query the store in SQL: one of dossiers, one of anomalies, one for each block.

The démarche `cra` and its block `evenements` give the view `cra_evenements`: the row's own columns, then
those of its dossier. Views show live dossiers only. A view is made again only when its definition changes,
and renamed when only its name changes. On PostgreSQL, granted rights stay.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import DDL, Connection, delete, inspect, select, update
from sqlalchemy.exc import DBAPIError

from ds_bridge.store.grants import keep_possible, list_grants, write_grants
from ds_bridge.store.tables import metadata, published_views
from ds_bridge.store.view_columns import LONGEST_NAME, View
from ds_bridge.store.view_sql import quote, write_comments, write_view

_SEPARATOR = "\n-- "  # between statements: none has a line's end, but in a name that has one
_OTHERS_DEPEND = "2BP01"
_RESERVED = ("sqlite_", "pg_")  # beginnings that a database keeps for itself


def define(connection: Connection, demarche: int, name: str, views: Iterable[View]) -> dict[str, str]:
    """The views of a démarche: name → the statement that creates it, on PostgreSQL with its comments."""
    dialect = connection.dialect.name
    defined = {}
    for view in views:
        shown = name_view(name, view.table)
        comments = [] if dialect == "sqlite" else write_comments(shown, view)
        defined[shown] = _SEPARATOR.join((write_view(dialect, shown, demarche, view), *comments))
    return defined


def is_published(connection: Connection, demarche: int, definitions: Mapping[str, str]) -> bool:
    """Whether the démarche's views are there already, as defined. Reads only."""
    registered = {
        row.name: row.definition
        for row in connection.execute(select(published_views).where(published_views.c.demarche == demarche))
    }
    return registered == definitions and definitions.keys() <= set(inspect(connection).get_view_names())


def publish(connection: Connection, demarche: int, definitions: Mapping[str, str]) -> list[str]:
    """Create what is new or differs, drop what the démarche no longer has.

    Returns the names of those left out, because a table or view of somebody else's has the name, or left as
    they were, because somebody's views are made of them.
    """
    left = _retire(connection, demarche, definitions)
    registered = {row.name: row.definition for row in connection.execute(select(published_views))}
    inspector = inspect(connection)
    views, tables = set(inspector.get_view_names()), set(inspector.get_table_names())
    for name, definition in definitions.items():
        known = registered.get(name)
        if name in tables or (name in views and known is None):
            left.append(name)
            continue
        if known == definition and name in views:
            continue
        with _tolerated(connection, name, left):
            _make(connection, name, definition, known if name in views else None)
            connection.execute(delete(published_views).where(published_views.c.name == name))
            values = {"name": name, "demarche": demarche, "definition": definition}
            connection.execute(published_views.insert(), values)
    return left


def _retire(connection: Connection, demarche: int, definitions: Mapping[str, str]) -> list[str]:
    """Rename or drop the views whose names the démarche no longer has."""
    left: list[str] = []
    views = set(inspect(connection).get_view_names())
    for row in connection.execute(
        select(published_views).where(published_views.c.demarche == demarche)
    ).all():
        if row.name in definitions:
            continue
        mine = published_views.c.name == row.name
        heir = _find_heir(row.definition, definitions, views)
        with _tolerated(connection, row.name, left):
            if heir is not None and row.name in views and connection.dialect.name != "sqlite":
                _execute(connection, f"ALTER VIEW {quote(row.name)} RENAME TO {quote(heir)}")
                # Write its comments again: the new name has none noted yet.
                values = {"name": heir, "definition": _split(definitions[heir])[0]}
                connection.execute(update(published_views).where(mine).values(values))
            else:
                _drop(connection, [row.name] if row.name in views else [])
                connection.execute(delete(published_views).where(mine))
    return left


@contextmanager
def _tolerated(connection: Connection, name: str, left: list[str]) -> Iterator[None]:
    """When PostgreSQL refuses because other views depend on this one: undo what is inside, and note the name.

    An analyst's own view must not make every run fail.
    """
    try:
        with connection.begin_nested():
            yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _OTHERS_DEPEND:
            raise
        left.append(name)


def _make(connection: Connection, name: str, definition: str, known: str | None) -> None:
    """Make a view, or make it again. When only comments differ, write only these. `known`: the view as it is
    now."""
    create, comments = _split(definition)
    if known is None or _split(known)[0] != create:
        grants = [] if known is None else list_grants(connection, name)
        _drop(connection, [] if known is None else [name])
        _execute(connection, create)
        for statement in write_grants(name, keep_possible(connection, name, grants)):
            _execute(connection, statement)
    for statement in comments:
        _execute(connection, statement)


def _split(definition: str) -> tuple[str, list[str]]:
    """The statement that creates the view, and its comments."""
    create, *comments = definition.split(_SEPARATOR)
    return create, comments


def list_names(connection: Connection, demarche: int) -> list[str]:
    """The views of a démarche that were made."""
    names = select(published_views.c.name).where(published_views.c.demarche == demarche)
    return sorted(connection.execute(names).scalars())


def _find_heir(definition: str, definitions: Mapping[str, str], views: Collection[str]) -> str | None:
    """The new name of a view that is otherwise the same."""
    content = _read_content(definition)
    same = (name for name, new in definitions.items() if name not in views and _read_content(new) == content)
    return next(same, None)


def _read_content(definition: str) -> str:
    return _split(definition)[0].partition(" AS SELECT ")[2]


def drop_all(connection: Connection) -> list[str]:
    """Drop every view, because views would block a migration. Returns what `restore` takes."""
    inspector = inspect(connection)
    if published_views.name not in inspector.get_table_names():
        return []
    views = set(inspector.get_view_names())
    rows = [row for row in connection.execute(select(published_views)) if row.name in views]
    statements = []
    for row in rows:
        create, comments = _split(row.definition)
        statements += [create, *comments, *write_grants(row.name, list_grants(connection, row.name))]
    _drop(connection, [row.name for row in rows])
    return statements


def restore(connection: Connection, statements: Iterable[str]) -> None:
    """Create again what `drop_all` dropped."""
    for statement in statements:
        _execute(connection, statement)


def name_view(demarche: str, block: str) -> str:
    """The name of a block's view. No other block of any démarche has the same name, on either database.

    `cra_evenements` where neither name has an underscore, `recrutement__missions_longues` where one has. Some
    names could still be equal to another one: names with capitals (a database may ignore case), with
    underscores in a row or at an end, names that are too long, and names of our tables. Such a name ends with
    three underscores and a digest of both names.
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
