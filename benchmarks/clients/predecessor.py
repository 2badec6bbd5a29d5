"""The predecessor's way: a stand-in, written from a description of it.

The whole démarche each time, without a filter, rows matched one by one. It asks for the same fields as
ds-bridge and keeps raw JSON in SQLite, a transaction a page; it maps nothing and follows no deletion.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time

import httpx

from benchmarks.kinds import is_changed
from benchmarks.platform import CRA
from ds_bridge.api.queries import load

# Without the date the platform lists everything, by deposit.
QUERY = load("dossiers_page").text.replace(
    "$updatedSince: ISO8601DateTime!", "$updatedSince: ISO8601DateTime"
)


def main() -> None:
    """One run."""
    url, folder, _, _ = sys.argv[1:]
    started = time.perf_counter()
    database = sqlite3.connect(f"{folder}/predecessor.db")
    database.execute("CREATE TABLE IF NOT EXISTS dossiers (number INTEGER PRIMARY KEY, raw TEXT)")
    numbers = pull(f"{url}/api/v2/graphql", database)
    seconds = time.perf_counter() - started
    changed = sum(is_changed(raw) for (raw,) in database.execute("SELECT raw FROM dossiers"))
    print(json.dumps({"seconds": seconds, "dossiers": len(numbers), "changed": changed}))


def pull(url: str, database: sqlite3.Connection) -> set[int]:
    """Every page; gives the numbers."""
    numbers: set[int] = set()
    variables = {"number": CRA, "first": 100, "after": None}
    more = True
    with httpx.Client(timeout=60) as http:
        while more:
            answer = http.post(url, json={"query": QUERY, "variables": variables}).json()
            dossiers = answer["data"]["demarche"]["dossiers"]
            for node in dossiers["nodes"]:
                save(database, node["number"], json.dumps(node))
                numbers.add(node["number"])
            database.commit()
            more, variables["after"] = dossiers["pageInfo"]["hasNextPage"], dossiers["pageInfo"]["endCursor"]
    return numbers


def save(database: sqlite3.Connection, number: int, raw: str) -> None:
    """Look for the row, then write it."""
    if database.execute("SELECT 1 FROM dossiers WHERE number = ?", (number,)).fetchone():
        database.execute("UPDATE dossiers SET raw = ? WHERE number = ?", (raw, number))
    else:
        database.execute("INSERT INTO dossiers VALUES (?, ?)", (number, raw))


if __name__ == "__main__":
    main()
