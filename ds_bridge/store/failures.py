"""Failures: turns whatever a database, a driver or a disk raises into a StoreError.

A message names the store and the remedy. It never quotes the statement, its values, or the detail that
PostgreSQL adds, because these hold people's data. For the same reason the first error is not chained.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ds_bridge.errors import StoreError

BUSY_SECONDS = 30

_BUSY = f"another program kept it locked for {BUSY_SECONDS} s: wait for it, then run again"
# The primary code (the low byte) of SQLite's result codes, and what the user can do about each.
_SQLITE_REMEDIES = {
    sqlite3.SQLITE_FULL: "the disk is full: free some space, then run again (nothing saved before is lost)",
    sqlite3.SQLITE_IOERR: "reading or writing failed: check the disk's free space, quota and health, then run"
    " again",
    sqlite3.SQLITE_READONLY: "it is read-only: let this user write the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: let this user write the file and its folder, and check the"
    " disk's free space",
    sqlite3.SQLITE_PERM: "access is refused: let this user write the file and its folder",
    sqlite3.SQLITE_NOTADB: "the file is not a SQLite database: give another path",
    sqlite3.SQLITE_CORRUPT: "the file is damaged: put back a backup, or remove the file and sync again",
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
}
# SQLSTATE classes whose message is about the server, never about the values that it was given.
_SERVER_STATES = ("08", "28", "2BP01", "3D", "3F", "42501", "42P07", "53", "57", "58")


@contextmanager
def translated(target: str, password: str | None = None) -> Iterator[None]:
    """Raise StoreError, which names `target`, for any foreign error raised inside."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        reason = _explain(error)
    except OSError as error:
        reason = error.strerror or type(error).__name__
    else:
        return
    if password:
        reason = reason.replace(password, "…")
    raise StoreError(f"{target}: {reason}") from None


def is_code(error: BaseException, code: int) -> bool:
    """Whether a foreign error is this SQLite result code, extended ones included."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    found = getattr(origin, "sqlite_errorcode", None)
    return isinstance(found, int) and found & 0xFF == code


def _explain(error: Exception) -> str:
    origin = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(origin, sqlite3.Error):
        return _explain_sqlite(origin)
    if isinstance(error, DBAPIError):
        return _explain_postgresql(error)
    return f"an unexpected failure of the database layer ({type(error).__name__})"


def _explain_sqlite(error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(code, int) and (remedy := _SQLITE_REMEDIES.get(code & 0xFF)):
        return remedy
    return f"SQLite refused: {_first_line(error)}"


def _explain_postgresql(error: DBAPIError) -> str:
    state = getattr(error.orig, "sqlstate", None)
    kind = type(error.orig).__name__
    if state is None and error.connection_invalidated:
        return "the connection to the server was lost: check that it runs, then run again"
    if state is None and kind == "OperationalError":
        return f"the server does not answer or refuses: {_first_line(error.orig)}"
    if state is not None and state.startswith(_SERVER_STATES):
        return f"the server refuses or stopped: {_first_line(error.orig)}"
    return f"the server refused a statement ({kind}, SQLSTATE {state or 'none'})"


def _first_line(error: BaseException | None) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].strip() if lines else type(error).__name__
