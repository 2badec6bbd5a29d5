"""Pulls the two streams of deletions, final and pending, as tombstones. Each has its checkpoint, a date.

The lists are short: a run walks each from its highest date less an overlap. The overlap is long, because the
platform may date a deletion back to the day when its usager hid the dossier. When a cursor is lost, the run
walks the list once more from its start.

For a very large démarche the platform cannot give the pending deletions: it times out whatever the page size.
Such a stream is lost: each later run tries it with one request, and the sweep finds what was deleted.
"""

from __future__ import annotations

import datetime as dt

from ds_bridge.errors import DsBridgeError, ProtocolError, RetriableError
from ds_bridge.log import get_logger
from ds_bridge.store import Checkpoint, DeletionKind, LostStream
from ds_bridge.sync.context import Run
from ds_bridge.sync.entries import read_deletion

KINDS: tuple[DeletionKind, ...] = ("deleted", "pending")

_log = get_logger("ds_bridge.sync")


def follow_deletions(run: Run) -> list[str]:
    """Pull both streams. Returns the error for which the run fails: a stream that was lost in this run.

    A stream lost by an earlier run is reported; it is no failure as long as sweeps come by themselves.
    """
    known = {lost.kind for lost in run.store.list_lost_streams(run.number)}
    failures = []
    for kind in KINDS:
        try:
            if kind in known:
                _knock(run, kind)
            sync_deletions(run, kind)
        except (RetriableError, ProtocolError) as error:
            _lose(run, kind, error)
            if kind not in known or not run.settings.sweep_days:
                failures.append(f"{kind} dossiers could not be followed: {error}")
        else:
            if kind in known:
                run.store.find_stream(run.number, kind)
                _log.info("deletions are followed again", kind=kind)
    return failures


def sync_deletions(run: Run, kind: DeletionKind) -> None:
    """Pull the deletions of one kind. A page without deletions does not change the checkpoint."""
    checkpoint = run.store.read_checkpoint(run.number, kind)
    high_water = checkpoint.high_water if checkpoint else None
    try:
        _follow(run, kind, high_water)
    except ProtocolError as error:
        _log.warning("deletions are walked again from the start", kind=kind, detail=str(error))
        _follow(run, kind, high_water)


def _knock(run: Run, kind: DeletionKind) -> None:
    """Ask for a single deletion. While the stream is still lost, it is not worth trying every page size."""
    since = run.client.now()
    next(run.client.walk_deleted(run.number, since=since, pending=kind == "pending", page_size=1), None)


def _lose(run: Run, kind: DeletionKind, error: DsBridgeError) -> None:
    run.summary.lost_streams += (kind,)
    lost = LostStream(kind, run.client.now(), f"{type(error).__name__}: {error}")
    run.store.lose_stream(run.number, lost)
    _log.error("deletions not followed", kind=kind, reason=type(error).__name__, detail=str(error))


def _follow(run: Run, kind: DeletionKind, high_water: dt.datetime | None) -> None:
    # A date in the future must not move the next start past today.
    began = run.client.now()
    start = min(high_water, began) if high_water else None
    since = start - dt.timedelta(days=run.settings.deletion_overlap_days) if start else None
    for page in run.client.walk_deleted(run.number, since=since, pending=kind == "pending"):
        entries = [read_deletion(node) for node in page.nodes]
        dates = [entry.deleted_at for entry in entries if entry.deleted_at <= began]
        high_water = max([*dates, high_water] if high_water else dates, default=None)
        reached = Checkpoint(stream=kind, since=None, cursor=None, high_water=high_water, query_hash=None)
        run.summary.deleted += run.store.save_deletions(run.number, kind, entries, reached)
        run.forget_set_aside(entry.number for entry in entries)
        run.summary.pages += 1
        run.progress(run.summary)
        run.stop.check()
