"""Walk: how far a walk through the dossiers has come, and where the next may start. No network, no store.

Two things make a date less sure than it looks. First, when the platform commits a dossier late, the dossier
appears in a page that was already read: only dates older than the overlap, when their page was read, are
surely complete. Second, a dossier that is modified while its page is read has a date far ahead of its place.
So:

- the next walk starts from the highest date seen that is not later than the beginning of this walk, less the
overlap: a dossier that a page missed has a later date;
- a cursor is kept only up to the first page that holds a date younger than the overlap: a later cursor would
skip dossiers that are committed late before it.

So a dossier dated in the future cannot move the next start past other dossiers.
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
    """The date from which a walk may start, less the overlap; None for a first walk.

    New options make it a first walk again: dossiers that do not change must get them too.
    """
    if checkpoint is None or list_added(checkpoint.query_hash, options):
        return None
    return checkpoint.high_water


@dataclass
class Walk:
    """One walk through the dossiers modified `since`: from a cursor of an earlier run, or from the start.

    `high_water` is the date from which the next walk starts, `began` the beginning of this walk by the
    platform's clock, `reached` the highest date seen.
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
        """Take in the dates of a page's dossiers."""
        sure = [date for date in dates if date <= self.began - ROUNDING]
        self.high_water = max([*sure, self.high_water] if self.high_water else sure, default=None)
        self.reached = max([*dates, self.reached])
        self.is_near = self.is_near or any(date > now - self.overlap for date in dates)

    def checkpoint(self, cursor: str | None) -> Checkpoint:
        """The checkpoint after that page; `cursor` is None at the end."""
        kept = None if self.is_near else cursor
        return Checkpoint(
            stream=STREAM,
            since=self.since if kept else None,
            cursor=kept,
            high_water=self.high_water,
            query_hash=hash_query(self.options),
        )
