"""The simplest way to pull a démarche: the baseline of pulls. `python -m benchmarks.bare URL FILE`."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

import httpx
import orjson

from ds_bridge.api.queries import load

CRA = 82349
TABLE = "CREATE TABLE bare (number INTEGER PRIMARY KEY, raw TEXT)"
Rows = Iterable[tuple[int, str]]


def pull_bare(url: str, file: str) -> None:
    """Ask, decode, insert raw JSON: one transaction for each page, as safe on the disk as the store."""
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", TABLE):
            database.execute(statement)
        for rows in _walk(url):
            database.execute("BEGIN")
            database.executemany("INSERT INTO bare VALUES (?, ?)", rows)
            database.execute("COMMIT")


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
