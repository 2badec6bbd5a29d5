"""Census: keeps on disk what the platform lists of every dossier: number, modification date, revision.

A démarche may hold more dossiers than fit in memory, so SQLite keeps them in a temporary file that goes with
the connection. Takes what the light walk gives, and the numbers that are to be pulled. Gives dossiers back by
number, and gives the stretches of a walk by date in which a page brings enough of them.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple, Self, TypeAlias

from ds_bridge.api.client import EPOCH

_MICROSECOND = dt.timedelta(microseconds=1)
_MOST_IN_A_STRETCH = 5000  # so many numbers are held at a time

_Row: TypeAlias = tuple[int, int, int]
"""Number, moment in microseconds, whether the dossier is to be pulled."""


class Seen(NamedTuple):
    """A dossier as the platform lists it. `revision` is the id of its form's revision, None when unknown."""

    number: int
    moment: dt.datetime
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Dossiers to pull that lie close together by date: from the date of the first to that of the last."""

    since: dt.datetime
    until: dt.datetime
    numbers: tuple[int, ...]


class Census:
    """Dossiers by number. When one is added twice, the last values count."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")
        self._database.execute(
            "CREATE TABLE seen (number INTEGER PRIMARY KEY, moment INTEGER NOT NULL, revision TEXT)"
        )
        self._database.execute("CREATE TABLE wanted (number INTEGER PRIMARY KEY)")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def __len__(self) -> int:
        count: int = self._database.execute("SELECT count(*) FROM seen").fetchone()[0]
        return count

    def __iter__(self) -> Iterator[Seen]:
        for number, moment, revision in self._database.execute(
            "SELECT number, moment, revision FROM seen ORDER BY number"
        ):
            yield Seen(number, _read(moment), revision)

    def add(self, seen: Iterable[Seen]) -> None:
        """Count some dossiers."""
        self._database.executemany(
            "INSERT OR REPLACE INTO seen (number, moment, revision) VALUES (?, ?, ?)",
            ((one.number, (one.moment - EPOCH) // _MICROSECOND, one.revision) for one in seen),
        )

    def want(self, number: int) -> None:
        """Mark this dossier as one to pull."""
        self._database.execute("INSERT OR IGNORE INTO wanted VALUES (?)", (number,))

    def wants(self, number: int) -> bool:
        """Whether this dossier is, or was, one to pull."""
        return self._has("wanted", number)

    def holds(self, number: int) -> bool:
        """Whether the census has this dossier."""
        return self._has("seen", number)

    def _has(self, table: str, number: int) -> bool:
        found = self._database.execute(f"SELECT 1 FROM {table} WHERE number = ?", (number,))  # noqa: S608 - ours
        return found.fetchone() is not None

    def stretches(self, page_size: int, worth: int) -> Iterator[Stretch]:
        """What is to be pulled, in the order of dates.

        Dossiers stand in one stretch as long as each page of a walk through it brings at least `worth` of
        them. One that stands alone is a stretch of its own.
        """
        pending: list[_Row] = []
        for page, follows in self._pages(page_size):
            wanted = [row for row in page if row[2]]
            is_worth = len(wanted) >= worth
            if pending and not (follows and is_worth and len(pending) < _MOST_IN_A_STRETCH):
                yield _stretch(pending)
                pending = []
            if is_worth:
                pending += wanted
            else:
                yield from (_stretch([row]) for row in wanted)
        if pending:
            yield _stretch(pending)

    def _pages(self, size: int) -> Iterator[tuple[list[_Row], bool]]:
        """Pages by date that begin with a dossier to pull, and whether each follows the page before it."""
        rows = self._database.execute(
            "SELECT seen.number, moment, wanted.number IS NOT NULL FROM seen"
            " LEFT JOIN wanted ON wanted.number = seen.number ORDER BY moment, seen.number"
        )
        page: list[_Row] = []
        gap_since: int | None = None  # dossiers after this moment were left out
        for row in rows:
            if not page and not row[2]:
                gap_since = row[1] if gap_since is None else gap_since
                continue
            if not page:
                # Both have the same second, and a new walk would begin with the first again: so this walk
                # goes on.
                follows = gap_since is None or gap_since == row[1]
                gap_since = None
            page.append(row)
            if len(page) == size:
                yield page, follows
                page = []
        if page:
            yield page, follows


def _stretch(rows: list[_Row]) -> Stretch:
    return Stretch(_read(rows[0][1]), _read(rows[-1][1]), tuple(row[0] for row in rows))


def _read(moment: int) -> dt.datetime:
    return EPOCH + moment * _MICROSECOND
