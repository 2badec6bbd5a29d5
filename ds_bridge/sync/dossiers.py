"""The stream of dossiers: pages in modification order into the store, each with its checkpoint.

A walk starts at the highest date seen, less an overlap. A cursor resumes only the walk that made it, with the
query that made it; one that is refused, or answers nothing, falls back to the date: reading twice is free.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from ds_bridge.api.client import EPOCH
from ds_bridge.api.pages import Page
from ds_bridge.api.queries import load
from ds_bridge.errors import GarbledAnswerError, ProtocolError, ServerFaultError
from ds_bridge.log import get_logger
from ds_bridge.mapping import Plan
from ds_bridge.store import Checkpoint, DossierEntry
from ds_bridge.sync.context import Run
from ds_bridge.sync.entries import read_entry
from ds_bridge.sync.single import set_aside

STREAM = "dossiers"

_log = get_logger("ds_bridge.sync")


@dataclass(frozen=True)
class _Walk:
    """One way through the dossiers: modified since, from a cursor of an earlier run or from the start."""

    since: dt.datetime
    cursor: str | None
    high_water: dt.datetime | None


class _StaleCursorError(Exception):
    """The stored cursor proves nothing: start again from the date."""


def sync_dossiers(run: Run, plan: Plan | None) -> None:
    """Pull every dossier modified since the last run, or go on where the last run was stopped."""
    checkpoint = run.store.read_checkpoint(run.number, STREAM)
    earliest = run.store.purged_before(run.number) or EPOCH
    walk = _choose_walk(checkpoint, run.settings.overlap_minutes, earliest)
    run.summary.resumed = walk.cursor is not None
    try:
        _follow(run, plan, walk)
    except _StaleCursorError as stale:
        _log.warning("cursor refused, going on by date", detail=str(stale))
        _follow(run, plan, _walk_by_date(checkpoint, run.settings.overlap_minutes, earliest))


def _choose_walk(checkpoint: Checkpoint | None, overlap_minutes: int, earliest: dt.datetime) -> _Walk:
    """`earliest`: what was last modified before was purged; a walk that began before would bring it back."""
    if checkpoint is None or checkpoint.cursor is None or checkpoint.since is None:
        return _walk_by_date(checkpoint, overlap_minutes, earliest)
    if checkpoint.since < earliest or checkpoint.query_hash != load("dossiers_page").hash:
        return _walk_by_date(checkpoint, overlap_minutes, earliest)
    return _Walk(checkpoint.since, checkpoint.cursor, checkpoint.high_water)


def _walk_by_date(checkpoint: Checkpoint | None, overlap_minutes: int, earliest: dt.datetime) -> _Walk:
    if checkpoint is None or checkpoint.high_water is None:
        return _Walk(earliest, None, None)
    since = checkpoint.high_water - dt.timedelta(minutes=overlap_minutes)
    return _Walk(max(since, earliest), None, checkpoint.high_water)


def _follow(run: Run, plan: Plan | None, walk: _Walk) -> None:
    high_water = walk.high_water
    pages = run.client.walk_dossiers(run.number, since=walk.since, after=walk.cursor)
    page = _first_page(pages, resumed=walk.cursor is not None)
    while page is not None:
        entries = [read_entry(node, plan, run.number) for node in page.nodes]
        dates = [entry.modified_at for entry in entries]
        high_water = max([*dates, high_water] if high_water else dates, default=None)
        _save_page(run, page, entries, walk.since, high_water)
        run.progress(run.summary)
        run.stop.check()
        page = next(pages, None)


def _first_page(pages: Iterator[Page], *, resumed: bool) -> Page | None:
    """The first page. With a cursor of an earlier run, a refusal or an empty page proves nothing."""
    if not resumed:
        return next(pages, None)
    try:
        page = next(pages, None)
    except (ProtocolError, ServerFaultError, GarbledAnswerError) as error:
        raise _StaleCursorError(str(error)) from error
    if page is None or not (page.nodes or page.unreadable):
        raise _StaleCursorError("an empty page")
    return page


def _save_page(
    run: Run, page: Page, entries: list[DossierEntry], since: dt.datetime, high_water: dt.datetime | None
) -> None:
    # Before the checkpoint that steps over them: a kill in between must not forget them.
    for unreadable in page.unreadable:
        set_aside(run, unreadable.number, unreadable.reason)
    checkpoint = Checkpoint(
        stream=STREAM,
        since=since if page.has_next else None,
        cursor=page.cursor if page.has_next else None,
        high_water=high_water,
        query_hash=load("dossiers_page").hash,
    )
    counts = run.store.save_page(run.number, entries, checkpoint)
    run.forget_set_aside(entry.number for entry in entries)
    run.summary.pages += 1
    run.summary.add_page(counts, delivered=len(entries))
    _log.info("page stored", page=run.summary.pages, dossiers=len(entries), requests=run.client.requests)
