"""Views for people who query the store in SQL: one a block, with one real column a field.

`cra` + `evenements` gives `cra_evenements`: dossier, state, position, then the fields. Live dossiers only.
Lists come as JSON text; PostgreSQL gives every field as text. A view is made again only when its definition
changes, and is renamed there when only its name does, so that what was granted on it stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import DDL, Connection, delete, inspect, select, update

from ds_bridge.errors import StoreError
from ds_bridge.store.tables import metadata, published_views

_LONGEST_NAME = 63  # bytes: PostgreSQL silently cuts what is longer
_RESERVED = ("sqlite_", "pg_")  # beginnings that a database keeps for itself
_OWN_COLUMNS = ("dossier", "state", "position")


def define(
    connection: Connection, demarche: int, name: str, blocks: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """The views of a démarche: name → the statement that creates it."""
    return {
        (view := name_view(name, block)): _define_one(connection, view, demarche, block, fields)
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
            heir = _find_heir(row.definition, definitions, views)
            if heir is not None and name in views and connection.dialect.name != "sqlite":
                _execute(connection, f"ALTER VIEW {_quote(name)} RENAME TO {_quote(heir)}")
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
        _drop(connection, [name] if name in views else [])
        _execute(connection, definition)
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
    if told_apart and not reserved and len(simple.encode()) <= _LONGEST_NAME:
        return simple
    digest = hashlib.blake2b("\0".join(both).encode(), digest_size=8).hexdigest()
    shown = ("v_" if simple.lower().startswith(_RESERVED) else "") + simple.lower()
    return f"{shown.encode()[: _LONGEST_NAME - 19].decode(errors='ignore')}___{digest}"


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
