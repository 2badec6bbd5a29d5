"""Who may read a view on PostgreSQL: noted before it is made again, and granted afterwards.

Without this, a model with a new field would shut a dashboard's account out in the night. SQLite has no
accounts.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, text

from ds_bridge.store.view_sql import quote

_READERS = text(
    "SELECT r.rolname FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a"
    " LEFT JOIN pg_roles r ON r.oid = a.grantee"
    " WHERE c.oid = to_regclass(:view) AND a.privilege_type = 'SELECT' AND a.grantee <> c.relowner"
    " ORDER BY r.rolname"
)


def list_readers(connection: Connection, view: str) -> list[str | None]:
    """The roles that may read the view beside its owner; None stands for everybody."""
    if connection.dialect.name == "sqlite":
        return []
    return list(connection.execute(_READERS, {"view": quote(view)}).scalars())


def write_grants(view: str, readers: Iterable[str | None]) -> list[str]:
    """The statements that let them read it again."""
    roles = ["PUBLIC" if reader is None else quote(reader) for reader in readers]
    return [f"GRANT SELECT ON {quote(view)} TO {role}" for role in roles]
