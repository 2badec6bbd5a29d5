"""The least one can do to pull a démarche: the baseline of pulls. `python -m benchmarks.bare URL STORE`.

STORE is a file, for SQLite, or a `postgresql://` address.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

import httpx
import orjson
import psycopg

from ds_bridge.api.queries import load

CRA = 82349
TABLE = "CREATE TABLE bare (number INTEGER PRIMARY KEY, raw {kind})"
Rows = Iterable[tuple[int, str]]


def pull_bare(url: str, store: str) -> None:
    """Ask, decode, insert raw JSON, one transaction a page, as safely on the disk as the store is."""
    if store.startswith("postgresql:"):
        _pull_into_postgresql(url, store)
    else:
        _pull_into_sqlite(url, store)


def _pull_into_sqlite(url: str, file: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"):
            database.execute(statement)
        database.execute(TABLE.format(kind="TEXT"))
        for rows in _walk(url):
            database.execute("BEGIN")
            database.executemany("INSERT INTO bare VALUES (?, ?)", rows)
            database.execute("COMMIT")


def _pull_into_postgresql(url: str, store: str) -> None:
    with psycopg.connect(store) as connection:
        connection.execute(TABLE.format(kind="JSONB"))
        for rows in _walk(url):
            with connection.cursor() as cursor:
                cursor.executemany("INSERT INTO bare VALUES (%s, %s)", rows)
            connection.commit()


def _walk(url: str) -> Iterator[Rows]:
    query = load("dossiers_page")
    variables: dict[str, Any] = {"number": CRA, "first": 100, "updatedSince": "1970-01-01T00:00:00+00:00"}
    with httpx.Client(timeout=60) as http:
        more = True
        while more:
            body = {"query": query.text, "operationName": query.operation, "variables": variables}
            page = orjson.loads(http.post(f"{url}/api/v2/graphql", json=body).content)
            dossiers = page["data"]["demarche"]["dossiers"]
            yield ((node["number"], orjson.dumps(node).decode()) for node in dossiers["nodes"])
            more, variables["after"] = dossiers["pageInfo"]["hasNextPage"], dossiers["pageInfo"]["endCursor"]


if __name__ == "__main__":
    pull_bare(sys.argv[1], sys.argv[2])
