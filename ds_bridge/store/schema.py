"""The schema's versions: brings a store's tables to the revision that this code knows.

Takes an engine, gives nothing: afterwards the tables are there, or an error says why not. Nothing is written
to a database that is not a store. One process migrates at a time, in one transaction. On SQLite, a backup
copy is made beside the file before anything changes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, String, column, inspect, select, table, text

from ds_bridge.errors import StoreError, StoreVersionError
from ds_bridge.store import views
from ds_bridge.store.backup import back_up
from ds_bridge.store.sqlite import WRITES, use_wal
from ds_bridge.store.tables import REVISION, VERSION_TABLE, metadata

MIGRATIONS = Path(__file__).parent / "migrations"
# Any constant will do: it is the advisory lock that every ds-bridge takes on PostgreSQL to migrate.
_ADVISORY_LOCK = 4_458_820_249
# Alembic's environment is global to the process.
_one_at_a_time = threading.Lock()


def ensure_schema(
    engine: Engine, target: str, *, revision: str = REVISION, migrations: Path = MIGRATIONS
) -> None:
    """Create or migrate the tables. `target` is what errors call the store.

    Raises StoreVersionError for a store of a newer version, or a database that is not a store.
    """
    with engine.connect() as connection:
        current = _read_revision(connection, target)
    if current != revision:
        _migrate(engine, target, revision, migrations)
    if engine.dialect.name == "sqlite":
        use_wal(engine)


def check_schema(engine: Engine, target: str) -> None:
    """Raise StoreVersionError unless the tables are of the revision this code knows. Only reads."""
    with engine.connect() as connection:
        current = _read_revision(connection, target)
    if current is None:
        raise StoreError(f"{target}: no store yet: run ds-bridge sync first")
    if current == REVISION:
        return
    from ds_bridge.store import scripts

    if current not in scripts.list_revisions(target, MIGRATIONS):
        raise _describe_newer(target, current)
    raise StoreVersionError(
        f"{target}: its tables are those of an older ds-bridge (revision {current}, this one has {REVISION}):"
        " run ds-bridge sync once, as the user that writes it"
    )


def downgrade(engine: Engine, target: str, revision: str, *, migrations: Path = MIGRATIONS) -> None:
    """Take the tables back to an older revision (`base`: no tables), with the same precautions."""
    with engine.connect() as connection:
        _read_revision(connection, target)
    _migrate(engine, target, revision, migrations, down=True)


def _migrate(engine: Engine, target: str, revision: str, migrations: Path, *, down: bool = False) -> None:
    from ds_bridge.store import scripts

    with _one_at_a_time, _alone(engine) as connection:
        current = _read_revision(connection, target)  # read again: another process may just have migrated
        if current == revision:
            return
        if current is not None:
            if current not in scripts.list_revisions(target, migrations):
                raise _describe_newer(target, current)
            if engine.dialect.name == "sqlite":
                back_up(Path(str(engine.url.database)), current)
            definitions = views.drop_all(connection)
        else:
            definitions = []
        if down:
            scripts.downgrade(connection, target, revision, migrations)
        else:
            scripts.upgrade(connection, target, revision, migrations)
            views.restore(connection, definitions)


def _describe_newer(target: str, current: str) -> StoreVersionError:
    return StoreVersionError(
        f"{target}: it was written by a newer ds-bridge (revision {current}, this one knows {REVISION}):"
        " upgrade ds-bridge"
    )


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A writing transaction that no other migration can share."""
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        yield connection


def _read_revision(connection: Connection, target: str) -> str | None:
    """The store's revision, None for a new one. Reads only."""
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE in tables:
        version = table(VERSION_TABLE, column("version_num", String()))
        return connection.execute(select(version.c.version_num)).scalar_one_or_none()
    # A server's database may be shared. A file that holds something else was given by mistake.
    foreign = tables if connection.dialect.name == "sqlite" else tables & set(metadata.tables)
    if foreign:
        raise StoreVersionError(
            f"{target}: it holds the tables of another application ({min(foreign)!r}…): give ds-bridge"
            " a database of its own"
        )
    return None
