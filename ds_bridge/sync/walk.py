"""Walk: how far a walk through the dossiers has come, and what the next may rely on. No network, no store.

Two things make a date less sure than it looks. A dossier whose transaction commits late appears behind a
page already read: only what was older than the overlap when its page was read is surely complete. And a
dossier modified while its page was being read carries a date far ahead of its place. So:

- the next walk starts from the highest date seen that is not later than this walk's beginning, less the
  overlap: whatever a page missed is later than that;
- a cursor is written down only until the first page that holds something younger than the overlap: it would
  skip what appears late behind it.

A dossier dated in the future can thereby not pull the others' start ahead.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from ds_bridge.api.client import EPOCH
from ds_bridge.api.options import hash_query, list_added
from ds_bridge.store import Checkpoint

STREAM = "dossiers"
# Dates and the platform's clock both come in whole seconds.
ROUNDING = dt.timedelta(seconds=2)


def find_start(checkpoint: Checkpoint | None, options: tuple[str, ...]) -> dt.datetime | None:
    """The date that a walk may start from, less the overlap; None when it is a first one.

    Options that no walk asked for yet make it one: dossiers that do not change must get them too.
    """
    if checkpoint is None or list_added(checkpoint.query_hash, options):
        return None
    return checkpoint.high_water


@dataclass
class Walk:
    """One way through the dossiers modified `since`: from a cursor of an earlier run, or from the start.

    `high_water` is what the next walk starts from, `began` when this one did by the platform's clock,
    `reached` the highest date seen.
    """

    since: dt.datetime
    cursor: str | None
    high_water: dt.datetime | None
    overlap: dt.timedelta
    began: dt.datetime
    is_near: bool = False
    reached: dt.datetime = EPOCH
    options: tuple[str, ...] = ()

    @classmethod
    def by_date(
        cls,
        checkpoint: Checkpoint | None,
        earliest: dt.datetime,
        overlap: dt.timedelta,
        now: dt.datetime,
        options: tuple[str, ...] = (),
    ) -> Self:
        """A walk from the date of the checkpoint, not before `earliest`."""
        known = find_start(checkpoint, options)
        if known is None:
            return cls(earliest, None, None, overlap, now, options=options)
        return cls(max(min(known, now) - overlap, earliest), None, known, overlap, now, options=options)

    def pass_page(self, dates: Collection[dt.datetime], now: dt.datetime) -> None:
        """A page was read: the dates of its dossiers."""
        sure = [date for date in dates if date <= self.began - ROUNDING]
        self.high_water = max([*sure, self.high_water] if self.high_water else sure, default=None)
        self.reached = max([*dates, self.reached])
        self.is_near = self.is_near or any(date > now - self.overlap for date in dates)

    def checkpoint(self, cursor: str | None) -> Checkpoint:
        """What to write down behind that page; `cursor` is None at the end."""
        kept = None if self.is_near else cursor
        return Checkpoint(
            stream=STREAM,
            since=self.since if kept else None,
            cursor=kept,
            high_water=self.high_water,
            query_hash=hash_query(self.options),
        )
