"""The least one can do to pull a démarche: the baseline of pulls. `python -m benchmarks.bare URL FILE`."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import httpx
import orjson

from ds_bridge.api.queries import load

CRA = 82349


def pull_bare(url: str, file: Path) -> None:
    """Ask, decode, insert raw JSON, one transaction a page, as safely on the disk as the store is."""
    query = load("dossiers_page")
    variables = {"number": CRA, "first": 100, "after": None, "updatedSince": "1970-01-01T00:00:00+00:00"}
    database = sqlite3.connect(file, isolation_level=None)
    for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"):
        database.execute(statement)
    database.execute("CREATE TABLE dossiers (number INTEGER PRIMARY KEY, raw TEXT)")
    with httpx.Client(timeout=60) as http:
        more = True
        while more:
            body = {"query": query.text, "operationName": query.operation, "variables": variables}
            page = orjson.loads(http.post(f"{url}/api/v2/graphql", json=body).content)
            dossiers = page["data"]["demarche"]["dossiers"]
            database.execute("BEGIN")
            rows = ((node["number"], orjson.dumps(node).decode()) for node in dossiers["nodes"])
            database.executemany("INSERT INTO dossiers VALUES (?, ?)", rows)
            database.execute("COMMIT")
            more, variables["after"] = dossiers["pageInfo"]["hasNextPage"], dossiers["pageInfo"]["endCursor"]
    database.close()


if __name__ == "__main__":
    pull_bare(sys.argv[1], Path(sys.argv[2]))
