"""The stream of dossiers: pages in modification order into the store, each with its checkpoint.

A walk starts at the highest date an earlier one was sure of, less an overlap (`walk.py`). A cursor resumes
only the walk that made it, with the query that made it; one that is refused, or leads nowhere, falls back to
the date, in the middle of a run too: reading twice is free.
"""

from __future__ import annotations

import datetime as dt

from ds_bridge.api.base import Raw
from ds_bridge.api.client import EPOCH
from ds_bridge.api.options import hash_query
from ds_bridge.api.pages import Page, Unreadable
from ds_bridge.errors import BadDataError, DsBridgeError, GarbledAnswerError, ProtocolError, ServerFaultError
from ds_bridge.log import get_logger
from ds_bridge.mapping import Plan
from ds_bridge.store import Checkpoint, DossierEntry
from ds_bridge.sync.ahead import PagesAhead, TakenPage
from ds_bridge.sync.context import Run
from ds_bridge.sync.entries import pull_entry
from ds_bridge.sync.single import set_aside
from ds_bridge.sync.walk import STREAM, Walk

_log = get_logger("ds_bridge.sync")


class _LostPlaceError(Exception):
    """A cursor leads nowhere: go on from the date. `cause` is what happened."""

    def __init__(self, cause: DsBridgeError) -> None:
        super().__init__(str(cause))
        self.cause = cause


def sync_dossiers(run: Run, plan: Plan | None) -> None:
    """Pull every dossier modified since the last run, or go on where the last run was stopped.

    Raises what a cursor met when going on by date does not get any further.
    """
    overlap = dt.timedelta(minutes=run.settings.overlap_minutes)
    # What was last modified before was purged: a walk that began before would bring it back.
    earliest = run.store.purged_before(run.number) or EPOCH
    checkpoint = run.store.read_checkpoint(run.number, STREAM)
    options = run.client.options
    walk = _resume(checkpoint, earliest, overlap, run.client.now(), options)
    run.summary.resumed = walk is not None
    reached = EPOCH
    while True:
        is_resumed = walk is not None
        walk = walk or Walk.by_date(checkpoint, earliest, overlap, run.client.now(), options)
        try:
            _follow(run, plan, walk, is_resumed=is_resumed)
        except _LostPlaceError as lost:
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
    """The walk in hand; None when there is none, or its cursor is not to be used."""
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
        taken = _take_page(pages, has_cursor=is_resumed, is_old=is_resumed)
        while taken is not None:
            entries, unreadable = _read_nodes(run, taken.page.nodes, plan)
            walk.pass_page([entry.modified_at for entry in entries], taken.asked_at)
            _save_page(run, taken.page, entries, [*taken.page.unreadable, *unreadable], walk)
            run.progress(run.summary)
            run.stop.check()
            taken = _take_page(pages, has_cursor=True)


def _take_page(pages: PagesAhead, *, has_cursor: bool, is_old: bool = False) -> TakenPage | None:
    """The next page, None at the end.

    Raises _LostPlaceError when the cursor it is asked with may be the matter. A cursor of an earlier run
    (`is_old`) may also be what the platform stumbles over.
    """
    try:
        return pages.take()
    except (ProtocolError, ServerFaultError, GarbledAnswerError) as error:
        if not (is_old or (has_cursor and isinstance(error, ProtocolError))):
            raise
        raise _LostPlaceError(error) from error


def _read_nodes(
    run: Run, nodes: tuple[Raw, ...], plan: Plan | None
) -> tuple[list[DossierEntry], list[Unreadable]]:
    """What can be kept, and what is not even a dossier. Raises BadDataError when that has no number."""
    entries, unreadable = [], []
    for node in nodes:
        try:
            entries.append(pull_entry(node, plan, run.number))
        except BadDataError as error:
            number = node.get("number")
            if not isinstance(number, int):
                raise
            unreadable.append(Unreadable(number, f"{type(error).__name__}: {error}"))
    return entries, unreadable


def _save_page(
    run: Run, page: Page, entries: list[DossierEntry], unreadable: list[Unreadable], walk: Walk
) -> None:
    # Before the checkpoint that steps over them: a kill in between must not forget them.
    for one in unreadable:
        set_aside(run, one.number, one.reason)
    checkpoint = walk.checkpoint(page.cursor if page.has_next else None)
    counts = run.store.save_page(run.number, entries, checkpoint)
    run.forget_set_aside(entry.number for entry in entries)
    run.summary.pages += 1
    run.summary.add_page(counts, delivered=len(entries))
    _log.info("page stored", page=run.summary.pages, dossiers=len(entries), requests=run.client.requests)
