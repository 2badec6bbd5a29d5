"""Locks: at most one run for a démarche, a store and a kind of work. A lock ends with its process.

The kinds of work are pulling (`sync`), changing (`act`) and archiving (`lake`); they may go on side by side.
SQLite: a lock file beside the database (`<file>.<démarche>.lock`, `<file>.<démarche>.act.lock`…), which the
system holds for the life of the process. PostgreSQL: an advisory lock on a connection of its own, which also
keeps other machines out. After a crash neither lock is left: there is never an old lock to delete.

When a server restarts or ends the connection, a run loses its lock. The run must then stop writing, because
another run may have begun.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, TypeAlias

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from ds_bridge.errors import LockedError, StoreError

Work: TypeAlias = Literal["sync", "act", "lake"]

# "dsbr": advisory locks of one database share a number space with every application that uses it.
_SPACES: Mapping[Work, int] = {"sync": 0x64736272, "act": 0x64736273, "lake": 0x64736274}
_HOLDER = re.compile(r"process ([0-9]+) on (.*)")
_TRY = text("SELECT pg_try_advisory_lock(:space, :demarche)")
_UNLOCK = text("SELECT pg_advisory_unlock(:space, :demarche)")
_NAME = text("SELECT set_config('application_name', :name, false)")
# Without these settings, a server notices only after two hours that the holder's machine lost its power.
_KEEP_ALIVE = text(
    "SELECT set_config('tcp_keepalives_idle', '30', false),"
    " set_config('tcp_keepalives_interval', '10', false), set_config('tcp_keepalives_count', '3', false)"
)
_PROBE = text("SELECT 1")
_WHO = text(
    "SELECT activity.application_name, activity.backend_start FROM pg_locks AS held"
    " JOIN pg_stat_activity AS activity USING (pid)"
    " WHERE held.locktype = 'advisory' AND held.classid = :space AND held.objid = :demarche"
    " AND held.objsubid = 2 AND held.granted"
    " AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def name_lock_file(database: Path, demarche: int, work: Work = "sync") -> Path:
    """The lock file of a démarche in a SQLite store."""
    what = "" if work == "sync" else f".{work}"
    return database.with_name(f"{database.name}.{demarche}{what}.lock")


@contextmanager
def lock_file(database: Path, demarche: int, work: Work = "sync") -> Iterator[Callable[[], None]]:
    """Hold the lock of a démarche in a SQLite store. Raises LockedError at once when another run holds it.

    Gives a check that does nothing: this lock cannot be lost before the process ends.
    """
    path = name_lock_file(database, demarche, work)
    lock = FileLock(path, mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise LockedError(_tell(demarche, _read_holder(path))) from None
    try:
        path.write_text(json.dumps({"holder": _name_self(), "since": _now()}), encoding="utf-8")
        yield _stay_sure
        path.write_text("", encoding="utf-8")
    finally:
        lock.release()


@contextmanager
def lock_server(engine: Engine, demarche: int, work: Work = "sync") -> Iterator[Callable[[], None]]:
    """Hold the lock of a démarche in a PostgreSQL store, on a connection of its own.

    Gives a check that raises when the lock is lost: a database error the first time, StoreError after that.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(_NAME, {"name": f"ds-bridge {_name_self()}"[:63]})
        connection.execute(_KEEP_ALIVE)
        keys = {"space": _SPACES[work], "demarche": demarche}
        if not connection.execute(_TRY, keys).scalar_one():
            raise LockedError(_tell(demarche, _find_holder(connection, keys)))

        def check() -> None:
            # SQLAlchemy would connect again silently, without the lock.
            if connection.invalidated:
                raise StoreError("the lock of this run was lost with its connection: run again")
            connection.execute(_PROBE)

        try:
            yield check
        finally:
            # The server frees the lock when it notices that the connection is closed. That is too late for a
            # run that starts right after this one. If the connection is lost, the lock is free already.
            if not connection.invalidated:
                with suppress(DBAPIError):
                    connection.execute(_UNLOCK, keys)
            # Do not give it back to the pool: the session's name says what it was used for.
            connection.invalidate()


def find_file_holder(database: Path, demarche: int) -> str | None:
    """Who holds the lock of a SQLite store. Reads the lock file only, and does not touch the lock.

    Gives None for a holder on another machine, or one that has ended.
    """
    holder = _read_holder(name_lock_file(database, demarche))
    match = _HOLDER.fullmatch(holder[0]) if holder else None
    if holder is None or match is None or match[2] != socket.gethostname():
        return None
    try:
        os.kill(int(match[1]), 0)
    except ProcessLookupError:
        return None
    except PermissionError:  # the process lives, and belongs to another user
        pass
    return f"{holder[0]} since {holder[1]}"


def find_server_holder(engine: Engine, demarche: int) -> str | None:
    """Who holds the lock of a PostgreSQL store."""
    with engine.connect() as connection:
        holder = _find_holder(connection, {"space": _SPACES["sync"], "demarche": demarche})
    return f"{holder[0]} since {holder[1]}" if holder else None


def _find_holder(connection: Connection, keys: dict[str, int]) -> tuple[str, str] | None:
    row = connection.execute(_WHO, keys).first()
    if row is None:
        return None
    return str(row[0]).removeprefix("ds-bridge "), row[1].astimezone(dt.UTC).isoformat(timespec="seconds")


def _read_holder(path: Path) -> tuple[str, str] | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        content = json.loads(path.read_text(encoding="utf-8"))
        return str(content["holder"]), str(content["since"])
    return None


def _tell(demarche: int, holder: tuple[str, str] | None) -> str:
    who = f"{holder[0]} holds it since {holder[1]}" if holder else "it has only just begun"
    return f"another run of démarche {demarche} is under way on this store: {who}"


def _stay_sure() -> None:
    pass


def _name_self() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
