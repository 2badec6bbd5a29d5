"""A throwaway PostgreSQL server for benchmarks, that writes to the disk as a real one does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.postgres import SETTINGS, PostgresServer, find_binaries

# The tests' server forgets what it promised when the machine stops: no number of it would hold elsewhere.
DURABLE = {key: value for key, value in SETTINGS.items() if key not in {"fsync", "full_page_writes"}}


@contextmanager
def run_postgresql() -> Iterator[str | None]:
    """The store URL of an empty database; None, with the reason on stderr, where PostgreSQL is absent."""
    if find_binaries() is None:
        print("left out: PostgreSQL is not installed (apt-get install postgresql)", file=sys.stderr)
        yield None
        return
    server = PostgresServer(DURABLE)
    try:
        server.start()
        yield server.create_database()
    finally:
        server.close()
