"""A PostgreSQL server for tests: Debian's binaries, a folder of its own, loopback, a port of its own.

`shared_server()` starts one for the whole session at its first use. `server.create_database()` gives the URL
of an empty database, `server.create_store()` of one with an empty store. A test that pulls the server out
starts its own with `PostgresServer()`.
"""

from __future__ import annotations

import atexit
import functools
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest

from ds_bridge.store import Store
from ds_bridge.store.tables import VERSION_TABLE

BINARIES = Path("/usr/lib/postgresql")
READY = "database system is ready to accept connections"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "50",
    "lc_messages": "C",
}


def find_binaries() -> Path | None:
    """The newest installed version's programs."""
    found = [folder for folder in BINARIES.glob("*/bin") if (folder / "initdb").exists()]
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


class PostgresServer:
    """A server with trust authentication. `stop(signal.SIGQUIT)` pulls it out; `start()` puts it back."""

    def __init__(self, settings: Mapping[str, str] = SETTINGS) -> None:
        binaries = find_binaries()
        if binaries is None:
            pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
        self._binaries, self._settings = binaries, settings
        self._folder = Path(tempfile.mkdtemp(prefix="ds-bridge-postgres-"))
        self._identity: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(self._folder, "postgres", "postgres")
            self._identity = {"user": "postgres", "group": "postgres", "extra_groups": []}
        self._process: subprocess.Popen[str] | None = None
        self._numbers = itertools.count(1)
        self._emptied: list[str] = []
        self._stores: list[str] = []
        self._store_looks: list[Any] = []
        self.port = 0
        self._run(
            "initdb", "-D", "data", "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"
        )

    def start(self) -> Self:
        """Start, on the same port as before if there was one, and wait until it answers."""
        for _ in range(5):
            port = self.port or _free_port()
            if self._try_start(port):
                self.port = port
                return self
        raise RuntimeError("PostgreSQL does not start")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop: SIGINT ends sessions and shuts down in order, SIGQUIT is a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def close(self) -> None:
        """Stop and remove everything."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str, user: str = "tester", password: str | None = None) -> str:
        """The store URL of a database."""
        secret = f":{password}" if password else ""
        return f"postgresql+psycopg://{user}{secret}@127.0.0.1:{self.port}/{database}"

    def create_database(self) -> str:
        """The store URL of an empty database."""
        if self._emptied:
            return self._emptied.pop()
        name = f"test_{next(self._numbers)}"
        self._execute("postgres", f"CREATE DATABASE {name} TEMPLATE template0")
        return self.url(name)

    def create_store(self) -> str:
        """The URL of a database with an empty store."""
        if self._stores:
            return self._stores.pop()
        url = self.create_database()
        Store.open(url).close()
        if not self._store_looks:
            with self._connect(url.rpartition("/")[2]) as connection:
                self._store_looks = _look(connection)
        return url

    def give_back(self, url: str) -> None:
        """Empty a database for another test: much quicker than a new one, which copies hundreds of files.

        A store that still looks like a new one stays a store.
        """
        with self._connect(url.rpartition("/")[2]) as connection:
            if self._store_looks and _look(connection) == self._store_looks:
                tables = [name for name, kind, *_ in self._store_looks if kind == "r"]
                tables.remove(VERSION_TABLE)
                connection.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY")
                self._stores.append(url)
                return
            for (schema,) in connection.execute(
                "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|inf)'"
            ).fetchall():
                connection.execute(f"DROP SCHEMA {schema} CASCADE")
            connection.execute("CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC")
        self._emptied.append(url)

    def _execute(self, database: str, statement: str) -> None:
        with self._connect(database) as connection:
            connection.execute(statement)

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="tester", dbname=database, autocommit=True
        )

    def _try_start(self, port: int) -> bool:
        settings = [part for key, value in self._settings.items() for part in ("-c", f"{key}={value}")]
        process = subprocess.Popen(
            [self._binaries / "postgres", "-D", "data", "-p", str(port), *settings],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            **self._identity,
        )
        assert process.stderr is not None
        for line in process.stderr:
            if READY in line:
                # Somebody must go on reading, or the server would wait for us once the pipe is full.
                threading.Thread(target=_drain, args=(process,), daemon=True).start()
                self._process = process
                return True
        process.stderr.close()
        process.wait()
        return False

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._binaries / program, *arguments],
            cwd=self._folder,
            check=True,
            capture_output=True,
            timeout=120,
            **self._identity,
        )


@functools.cache
def shared_server() -> PostgresServer:
    """The session's server. Skips the test when PostgreSQL is not installed."""
    server = PostgresServer()
    atexit.register(server.close)
    return server.start()


def _look(connection: psycopg.Connection) -> list[Any]:
    """The relations of a database, with what a test may have changed of them, and the store's revision."""
    relations = connection.execute(
        "SELECT relname, relkind, relnatts, relchecks, relhastriggers, relacl::text, nspname FROM pg_class"
        " JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname !~ '^(pg_|inf)' ORDER BY 7, 1"
    ).fetchall()
    if not any(name == VERSION_TABLE for name, *_ in relations):
        return []
    revision = connection.execute(f"SELECT version_num, 'revision' FROM {VERSION_TABLE}").fetchall()
    return relations + revision


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _drain(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    with process.stderr:
        for _ in process.stderr:
            pass
