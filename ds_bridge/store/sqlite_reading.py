"""A SQLite store opened to read: by its owner, or by a user who may read the file and nothing else.

Takes a file, gives an engine that cannot write. A reader who is not the owner must not make a file beside the
store: the next run could not write to that file. When there is no write-ahead log, such a reader opens the
file as one that nobody changes, and `watch` finds out when a run changed it after all.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from ds_bridge.errors import StoreError
from ds_bridge.store.encoding import decode_json, encode_json
from ds_bridge.store.failures import BUSY_SECONDS
from ds_bridge.store.sqlite import begin


class ReadOnlyFile:
    """A SQLite file to read. For one thread at a time, like the store that holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, ...] | None = None

    def create_engine(self) -> Engine:
        """An engine on the file. Each reading has its own connection: SQLite's files beside it may change."""
        engine = create_engine(
            URL.create("sqlite", database=str(self._path)),
            creator=self.connect,
            poolclass=NullPool,
            hide_parameters=True,
            json_serializer=encode_json,
            json_deserializer=decode_json,
        )
        event.listen(engine, "begin", begin)
        return engine

    def connect(self) -> sqlite3.Connection:
        """A connection that cannot write."""
        self._seen = None
        if self._is_own():
            connection = self._open("mode=rw")  # so that SQLite removes its log again
            connection.execute("PRAGMA query_only = ON")
            return connection
        if self._path.with_name(f"{self._path.name}-wal").exists():
            return self._open("mode=ro")
        self._seen = self._look()
        return self._open("mode=ro&immutable=1")

    @contextmanager
    def watch(self, target: str) -> Iterator[None]:
        """Raise StoreError when the file changed although this connection reads it as unchanging."""
        yield
        if self._seen is not None and self._seen != self._look():
            raise StoreError(f"{target}: a run began to write it while it was read: run the command again")

    def _open(self, options: str) -> sqlite3.Connection:
        return sqlite3.connect(
            f"file:{quote(str(self._path))}?{options}",
            uri=True,
            timeout=BUSY_SECONDS,
            check_same_thread=False,
            isolation_level=None,
        )

    def _is_own(self) -> bool:
        """Whether a file that SQLite makes beside the store would belong to the user who writes the store."""
        user, owner = os.geteuid(), self._path.stat().st_uid
        may_write = os.access(self._path, os.W_OK) and os.access(self._path.parent, os.W_OK | os.X_OK)
        return user in (0, owner) and may_write

    def _look(self) -> tuple[int, ...]:
        found = self._path.stat()
        return found.st_ino, found.st_size, found.st_mtime_ns
