"""Who may read a view on PostgreSQL: read before a view is made again, and granted again afterwards.

Without this, a new field in a model would take away a dashboard's right to read the view. SQLite has no
accounts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, text

from ds_bridge.store.view_sql import quote

_READERS = text(
    "SELECT r.rolname, given.attname FROM pg_class c CROSS JOIN LATERAL ("
    " SELECT NULL AS attname, c.relacl AS acl UNION ALL"
    " SELECT a.attname, a.attacl FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL"
    ") given CROSS JOIN LATERAL aclexplode(given.acl) one"
    " LEFT JOIN pg_roles r ON r.oid = one.grantee"
    " WHERE c.oid = to_regclass(:view) AND one.privilege_type = 'SELECT' AND one.grantee <> c.relowner"
    " ORDER BY 1, 2"
)
_COLUMNS = text(
    "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(:view) AND attnum > 0 AND NOT attisdropped"
)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role (None: everybody) that may read the whole view, or one column of it."""

    role: str | None
    column: str | None


def list_grants(connection: Connection, view: str) -> list[Grant]:
    """Who may read the view, without its owner."""
    if connection.dialect.name == "sqlite":
        return []
    return [Grant(*row) for row in connection.execute(_READERS, {"view": quote(view)})]


def write_grants(view: str, grants: Iterable[Grant]) -> list[str]:
    """The statements that give these rights again."""
    return [
        f"GRANT SELECT{f' ({quote(each.column)})' if each.column else ''} ON {quote(view)}"
        f" TO {'PUBLIC' if each.role is None else quote(each.role)}"
        for each in grants
    ]


def keep_possible(connection: Connection, view: str, grants: Iterable[Grant]) -> list[Grant]:
    """The grants, without those on columns that the view does not have any more."""
    listed = list(grants)
    if not any(each.column for each in listed):
        return listed
    columns = set(connection.execute(_COLUMNS, {"view": quote(view)}).scalars())
    return [each for each in listed if each.column is None or each.column in columns]
