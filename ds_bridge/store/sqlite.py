"""The SQLite side of the store: the file, who may read it, how connections are set up.

Takes the text after `sqlite:///`, gives a private file and an engine. Every transaction that writes begins
IMMEDIATE: so two writers wait for each other, and none fails half-way.

`synchronous=FULL`: with NORMAL, a power cut could undo the last transactions. The next run would repair lost
pages and their checkpoint, but not what cannot be pulled again (which draft became which dossier). The price
is one fsync for each page of a hundred dossiers.
"""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from ds_bridge.errors import ConfigurationError, StoreError
from ds_bridge.store.encoding import decode_json, encode_json
from ds_bridge.store.failures import BUSY_SECONDS, is_code

PREFIX = "sqlite:///"
WRITES = "ds_bridge_writes"
_PRIVATE = 0o600


def read_path(url: str) -> Path:
    """The file a URL names: everything behind `sqlite:///`, taken literally, made absolute."""
    text = url.removeprefix(PREFIX)
    if text in ("", ":memory:"):
        raise ConfigurationError("store.url: a store is a file: write sqlite:///path/to/file.db")
    return Path(text).absolute()


def prepare_file(path: Path) -> None:
    """Make sure the file exists (created private, whatever the umask) and can be written.

    SQLite gives its `-wal` and `-shm` files the mode of the main file, so they are as private.
    Raises StoreError naming the path and the remedy.
    """
    if path.is_dir():
        raise _describe_folder(path)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _PRIVATE))
        path.chmod(_PRIVATE)
    except FileExistsError:
        _check_writable(path)
    except (FileNotFoundError, NotADirectoryError):
        raise StoreError(
            f"store {str(path)!r}: the folder {str(path.parent)!r} does not exist: create it first"
        ) from None
    except OSError as error:
        raise StoreError(
            f"store {str(path)!r}: it cannot be created ({error.strerror}): let this user write the folder"
            f" {str(path.parent)!r}, or give another path"
        ) from None


def _check_writable(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_RDWR))
    except OSError as error:
        raise StoreError(
            f"store {str(path)!r}: it cannot be written ({error.strerror}): let this user read and write the"
            " file, or give another path"
        ) from None


def check_readable(path: Path) -> None:
    """Raise StoreError unless there is a file that this user may read."""
    if path.is_dir():
        raise _describe_folder(path)
    try:
        os.close(os.open(path, os.O_RDONLY))
    except (FileNotFoundError, NotADirectoryError):
        raise StoreError(f"no store at {str(path)!r} yet: run ds-bridge sync first") from None
    except OSError as error:
        raise StoreError(
            f"store {str(path)!r}: it cannot be read ({error.strerror}): let this user read the file and"
            " enter its folder"
        ) from None


def _describe_folder(path: Path) -> StoreError:
    return StoreError(f"store {str(path)!r}: it is a folder: give the path of a file in it")


def create_sqlite_engine(path: Path) -> Engine:
    """An engine on the file. Opens nothing yet, writes nothing when it connects."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        hide_parameters=True,
        json_serializer=encode_json,
        json_deserializer=decode_json,
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", begin)
    return engine


def _set_up(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    del record
    connection.isolation_level = None  # the driver must not begin transactions: `begin` does
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def begin(connection: Connection) -> None:
    """Begin a transaction. One that will write waits for other writers now, not half-way."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def use_wal(engine: Engine) -> None:
    """Turn the write-ahead log on, once for the life of the file: readers then never wait for a writer.

    SQLite makes this change only when no other process uses the file, and does not wait for that. So this
    tries again until another process that opens the same new store has finished.
    """
    give_up_at = time.monotonic() + BUSY_SECONDS
    pooled = engine.raw_connection()
    try:
        while True:
            try:
                pooled.cursor().execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if not is_code(error, sqlite3.SQLITE_BUSY) or time.monotonic() > give_up_at:
                    raise
                time.sleep(0.02)
            else:
                return
    finally:
        pooled.close()
