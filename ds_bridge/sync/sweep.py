"""`--full`: compares every number and date of the platform with the store, and mends what differs.

It finds what a walk by date cannot see: what was missed, what was restored without a new date, what vanished
without a deletion. What is the same is not touched. A dossier counts as vanished only after it was asked for
by number, and a run never makes more than a share of the store vanish unless it is told to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Literal

from ds_bridge.api.base import parse_record
from ds_bridge.api.client import EPOCH
from ds_bridge.api.records import DossierDate
from ds_bridge.errors import ProtocolError, SweepRefusedError
from ds_bridge.log import get_logger
from ds_bridge.mapping import Plan
from ds_bridge.store import DeletionEntry
from ds_bridge.sync.census import Census
from ds_bridge.sync.context import Run
from ds_bridge.sync.single import pull_one

Verdict = Literal["missing", "differs", "gone"]

_log = get_logger("ds_bridge.sync")


def sweep(run: Run, plan: Plan | None, *, may_empty: bool) -> None:
    """Mend the store by number. `may_empty` lets any share of it vanish.

    Raises SweepRefusedError, with everything else mended, when more would vanish than the settings allow.
    """
    with Census() as census, Census() as gone:
        _count_all(run, census)
        run.failed_in_a_row = 0
        stored = run.store.modification_dates(run.number)
        earliest = run.store.purged_before(run.number) or EPOCH
        for number, verdict in _compare(census, stored, earliest):
            run.stop.check()
            if verdict == "gone":
                gone.add([(number, run.client.now())])
            elif number not in run.waiting:  # it is asked for when its time comes
                pull_one(run, plan, number)
        _bury(run, plan, gone, may_empty=may_empty)


def pull_missing(run: Run, plan: Plan | None) -> None:
    """Pull by number what the store lacks altogether: a load by groupes cannot see who has none."""
    with Census() as census:
        _count_all(run, census)
        run.failed_in_a_row = 0
        earliest = run.store.purged_before(run.number) or EPOCH
        for number, verdict in _compare(census, run.store.modification_dates(run.number), earliest):
            run.stop.check()
            if verdict == "missing" and number not in run.waiting:
                pull_one(run, plan, number)


def _count_all(run: Run, census: Census) -> None:
    try:
        _count(run, census)
    except ProtocolError as error:
        # A list cut short would look as if all behind had vanished. What is counted twice counts once.
        _log.warning("numbers are counted again from the start", detail=str(error))
        _count(run, census)


def _count(run: Run, census: Census) -> None:
    for page in run.client.walk_numbers(run.number):
        records = [parse_record(DossierDate, node) for node in page.nodes]
        census.add((record.number, record.date_derniere_modification) for record in records)
        run.summary.pages += 1
        run.progress(run.summary)
        run.stop.check()


def _compare(
    census: Census, stored: Iterator[tuple[int, dt.datetime]], earliest: dt.datetime
) -> Iterator[tuple[int, Verdict]]:
    """Walk two lists ordered by number; yield the numbers that are not the same in both.

    What the store lacks and was last modified before `earliest` was purged: it is not missed.
    """
    mine = next(stored, None)
    for number, moment in census:
        while mine is not None and mine[0] < number:
            yield mine[0], "gone"
            mine = next(stored, None)
        if mine is None or mine[0] > number:
            if moment >= earliest:
                yield number, "missing"
            continue
        if mine[1] != moment:
            yield number, "differs"
        mine = next(stored, None)
    while mine is not None:
        yield mine[0], "gone"
        mine = next(stored, None)


def _bury(run: Run, plan: Plan | None, gone: Census, *, may_empty: bool) -> None:
    count = sum(1 for _ in gone)
    live = run.store.count(run.number)
    limit = run.settings.vanish_limit_percent
    if count * 100 > live * limit and not may_empty:
        raise SweepRefusedError(
            f"{count} of {live} dossiers are not on the platform any more, over {limit} % "
            "(sync.vanish_limit_percent): none was marked as vanished; if it is right, run again with --yes"
        )
    for number, _ in gone:
        run.stop.check()
        if pull_one(run, plan, number) or number in run.waiting:
            continue
        entry = DeletionEntry(number=number, state=None, reason="vanished", deleted_at=run.client.now())
        run.summary.deleted += run.store.save_deletions(run.number, "vanished", [entry], None)
        _log.info("dossier vanished", dossier=number)
