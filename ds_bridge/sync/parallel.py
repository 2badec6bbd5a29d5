"""Pulls the first load of a démarche in parallel: several walks, each in a thread; one thread stores.

Opt-in, and only when there is no date to start from. The store keeps the parts, and saves the place of each
with its page. When a run ends early, the next run goes on with the load, with or without the option. The
checkpoint of the stream is written only when all parts are finished. The walk by date that follows finds what
changed since the load began.
"""

from __future__ import annotations

from ds_bridge.api.client import EPOCH
from ds_bridge.log import get_logger
from ds_bridge.mapping import Plan
from ds_bridge.store import Checkpoint, LoadPart
from ds_bridge.sync.context import Run
from ds_bridge.sync.load import Load
from ds_bridge.sync.parts import Parallel, is_of_groupe, name_parts
from ds_bridge.sync.sweep import pull_unseen
from ds_bridge.sync.walk import STREAM, find_start

_log = get_logger("ds_bridge.sync")


def load_in_parallel(run: Run, plan: Plan | None, parallel: Parallel | None) -> None:
    """Go on with an unfinished load, or begin one if asked to and there is no date to start from.

    The walk by date does everything else. Raises the error of a part; what was stored is kept.
    """
    parts = _take_up(run) or (_begin(run, parallel) if parallel else [])
    if not parts:
        return
    walkers = min(parallel.walkers if parallel else 1, len(parts))
    Load(run, plan, parts).pull(walkers)
    if any(is_of_groupe(part) for part in parts):
        pull_unseen(run, plan)
    marks = [part.high_water for part in run.store.read_load(run.number) if part.high_water]
    checkpoint = Checkpoint(STREAM, high_water=max(marks, default=None), query_hash=run.client.query_hash)
    run.store.end_load(run.number, checkpoint)
    _log.info("first load through, going on by date", pages=run.summary.pages)


def _take_up(run: Run) -> list[LoadPart]:
    """The parts of the unfinished load; none when there is no such load, or it cannot go on."""
    parts = run.store.read_load(run.number)
    if not parts:
        return []
    earliest = run.store.purged_before(run.number) or EPOCH
    if any(part.since < earliest or part.query_hash != run.client.query_hash for part in parts):
        _log.warning("dossiers were purged or the query changed: the first load begins again")
        run.store.end_load(run.number, None)
        return []
    run.summary.resumed = True
    _log.info(
        "going on with the unfinished first load", parts=[part.name for part in parts if not part.complete]
    )
    return parts


def _begin(run: Run, parallel: Parallel) -> list[LoadPart]:
    checkpoint = run.store.read_checkpoint(run.number, STREAM)
    if find_start(checkpoint, run.client.options) is not None:
        _log.info("not a first load: pulled in order")
        return []
    groupes = run.client.groupes(run.number) if parallel.way == "groupes" else []
    began, since = run.client.now(), run.store.purged_before(run.number) or EPOCH
    names = name_parts(parallel.way, groupes)
    parts = [LoadPart(name, began, since, run.client.query_hash) for name in names]
    if parts:
        run.store.begin_load(run.number, parts)
        _log.info("first load in parallel", parts=names, walkers=parallel.walkers)
    return parts
