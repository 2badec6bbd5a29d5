"""Pulls the stream of dossiers: pages in modification order, each stored with its checkpoint.

A walk starts at the highest date of which an earlier walk was sure, less an overlap (`walk.py`). A cursor
resumes only its own walk, with the query that made it. When the platform refuses a cursor, or gives nothing
for it, the walk goes on from the date, also in the middle of a run: it does no harm to read a dossier twice.
"""

from __future__ import annotations

import datetime as dt

from ds_bridge.api.client import EPOCH
from ds_bridge.api.options import hash_query
from ds_bridge.log import get_logger
from ds_bridge.mapping import Plan
from ds_bridge.store import Checkpoint
from ds_bridge.sync.ahead import PagesAhead
from ds_bridge.sync.context import Run
from ds_bridge.sync.pages import LostPlaceError, save_page, take_page
from ds_bridge.sync.pulled import PulledPage
from ds_bridge.sync.walk import STREAM, Walk

_log = get_logger("ds_bridge.sync")


def sync_dossiers(run: Run, plan: Plan | None) -> None:
    """Pull every dossier modified since the last run, or go on from where the last run was stopped.

    Raises the error of the cursor when a walk from the date does not get further either.
    """
    overlap = dt.timedelta(minutes=run.settings.overlap_minutes)
    # Dossiers modified before this day were purged: an earlier start would bring them back.
    earliest = run.store.purged_before(run.number) or EPOCH
    checkpoint = run.store.read_checkpoint(run.number, STREAM)
    options = run.client.options
    walk = _resume(checkpoint, earliest, overlap, run.client.now(), options)
    run.summary.resumed = run.summary.resumed or walk is not None
    reached = EPOCH
    while True:
        is_resumed = walk is not None
        walk = walk or Walk.by_date(checkpoint, earliest, overlap, run.client.now(), options)
        try:
            _follow(run, plan, walk, is_resumed=is_resumed)
        except LostPlaceError as lost:
            if not is_resumed and walk.reached <= reached:
                raise lost.cause from None
            _log.warning("cursor refused, going on by date", detail=str(lost))
            reached = max(reached, walk.reached)
            checkpoint = run.store.read_checkpoint(run.number, STREAM)
            walk = None
        else:
            return


def _resume(
    checkpoint: Checkpoint | None,
    earliest: dt.datetime,
    overlap: dt.timedelta,
    now: dt.datetime,
    options: tuple[str, ...] = (),
) -> Walk | None:
    """The unfinished walk; None when there is none, or when its cursor must not be used."""
    if checkpoint is None or checkpoint.cursor is None or checkpoint.since is None:
        return None
    if checkpoint.since < earliest:
        _log.info("dossiers were purged since the last run, going on by date")
        return None
    if checkpoint.query_hash != hash_query(options):
        _log.warning("the query changed since the last run, going on by date")
        return None
    return Walk(checkpoint.since, checkpoint.cursor, checkpoint.high_water, overlap, now, options=options)


def _follow(run: Run, plan: Plan | None, walk: Walk, *, is_resumed: bool) -> None:
    walked = run.client.walk_dossiers(run.number, since=walk.since, after=walk.cursor)
    with PagesAhead(walked, now=run.client.now, stop=run.stop) as pages:
        taken = take_page(pages, has_cursor=is_resumed, is_old=is_resumed)
        while taken is not None:
            page = PulledPage.of(taken.page)
            walk.pass_page(page.dates, taken.asked_at)
            save_page(run, plan, page, walk.checkpoint(page.cursor if page.has_next else None))
            del taken, page  # free this page before the next one comes
            taken = take_page(pages, has_cursor=True)
