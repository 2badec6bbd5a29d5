"""A SQLite store that is only read: by its owner, or by somebody who may read the file and nothing else.

Takes a file, gives an engine that cannot write. A reader who is not the owner makes no file beside the store:
one of theirs would keep the night from writing. Without the write-ahead log of a run under way the file is
then read as one that nobody changes, and `watch` finds out when somebody did.
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
    """A SQLite file to read. For one thread at a time, as the store that holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, ...] | None = None

    def create_engine(self) -> Engine:
        """An engine on the file, with a connection a reading: what is beside the file may change between."""
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
            connection = self._open("mode=rw")  # so that SQLite takes its log away again
            connection.execute("PRAGMA query_only = ON")
            return connection
        if self._path.with_name(f"{self._path.name}-wal").exists():
            return self._open("mode=ro")
        self._seen = self._look()
        return self._open("mode=ro&immutable=1")

    @contextmanager
    def watch(self, target: str) -> Iterator[None]:
        """Raise StoreError when the file changed under a connection that took it for unchanging."""
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
        """Whether SQLite's own files beside it would be those of whoever writes the store."""
        user, owner = os.geteuid(), self._path.stat().st_uid
        may_write = os.access(self._path, os.W_OK) and os.access(self._path.parent, os.W_OK | os.X_OK)
        return user in (0, owner) and may_write

    def _look(self) -> tuple[int, ...]:
        found = self._path.stat()
        return found.st_ino, found.st_size, found.st_mtime_ns
