"""Census: every dossier's number and modification date, kept on disk and given back by number.

A démarche may hold more numbers than a run should hold in memory; SQLite keeps them in a file of its own that
vanishes with the connection.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self


class Census:
    """Numbers with dates. A number added twice keeps its last date."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")
        self._database.execute("CREATE TABLE seen (number INTEGER PRIMARY KEY, moment TEXT NOT NULL)")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, seen: Iterable[tuple[int, dt.datetime]]) -> None:
        """Count some dossiers."""
        self._database.executemany(
            "INSERT OR REPLACE INTO seen VALUES (?, ?)",
            ((number, moment.isoformat()) for number, moment in seen),
        )

    def __iter__(self) -> Iterator[tuple[int, dt.datetime]]:
        for number, moment in self._database.execute("SELECT number, moment FROM seen ORDER BY number"):
            yield number, dt.datetime.fromisoformat(moment)
