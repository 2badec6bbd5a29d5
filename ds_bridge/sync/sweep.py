"""Sweep: compares every number, date and revision of the platform with the store, and mends what differs.

It finds what a walk by date cannot see: a dossier that was missed, was restored without a new date, was moved
to another revision, or vanished without a deletion. A dossier that is the same is not touched. Dossiers that
lie close together by date are pulled by pages, others by number. A dossier counts as vanished only after it
was asked for by number. Only a part of the store may vanish in one run, unless the user allows more.

`sync --full` asks for a sweep. Without it, a sweep comes by itself when the last one is `sync.sweep_days`
old.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from typing import Literal

from ds_bridge.api.base import Raw, parse_record
from ds_bridge.api.client import EPOCH
from ds_bridge.api.records import DossierDate
from ds_bridge.errors import ProtocolError, SweepRefusedError
from ds_bridge.log import get_logger
from ds_bridge.mapping import Plan
from ds_bridge.store import Comparison, DeletionEntry
from ds_bridge.sync.census import Census, Seen, Stretch
from ds_bridge.sync.context import Run
from ds_bridge.sync.pages import save_page
from ds_bridge.sync.pulled import PulledPage, read_revision
from ds_bridge.sync.single import pull_one

Verdict = Literal["missing", "differs", "gone"]

# A run may start a little earlier or later than the run of the week before.
_SLACK = dt.timedelta(hours=12)
# The platform needs as long for a page of a hundred dossiers as for a dozen dossiers by number.
_WORTH_A_PAGE = 10

_log = get_logger("ds_bridge.sync")


def is_due(last: Comparison | None, sweep_days: int, now: dt.datetime) -> bool:
    """Whether a sweep is due. Never with 0 days; always in a store that never counted the days."""
    if not sweep_days:
        return False
    return last is None or now - last.counts_from >= dt.timedelta(days=sweep_days) - _SLACK


def sweep(run: Run, plan: Plan | None, *, began: dt.datetime, may_empty: bool) -> None:
    """Mend the store by number. `may_empty` lets any share of it vanish.

    A dossier modified after the run `began` is pulled too, and does not count as a difference. Raises
    SweepRefusedError when more dossiers would vanish than the settings allow; everything else is mended by
    then.
    """
    with Census() as census, Census() as gone:
        _count_all(run, census)
        differences = 0
        for one, verdict in _compare(run, census):
            differences += one.moment <= began
            if verdict == "gone":
                gone.add([one])
            else:
                census.want(one.number)
        _pull_wanted(run, plan, census)
        _bury(run, plan, gone, may_empty=may_empty)
        left = sum(1 for number in run.waiting if census.wants(number) or gone.holds(number))
        now = run.client.now()
        comparison = Comparison(now, now, len(census), differences, max(0, differences - left))
    run.store.save_comparison(run.number, comparison)
    run.summary.compared, run.summary.comparison = True, comparison
    _log.info("compared with the platform", dossiers=comparison.dossiers, differences=differences, left=left)


def pull_unseen(run: Run, plan: Plan | None) -> None:
    """Pull what a load by groupes cannot see: dossiers without a groupe that the store lacks or has as they
    were."""
    with Census() as census:
        _count_all(run, census)
        for one, verdict in _compare(run, census):
            if verdict != "gone":
                census.want(one.number)
        _pull_wanted(run, plan, census)


def _count_all(run: Run, census: Census) -> None:
    try:
        _count(run, census)
    except ProtocolError as error:
        # After a list that was cut short, all the rest would look vanished. Counting a dossier twice does no
        # harm.
        _log.warning("numbers are counted again from the start", detail=str(error))
        _count(run, census)


def _count(run: Run, census: Census) -> None:
    for page in run.client.walk_numbers(run.number):
        census.add(_read_seen(node) for node in page.nodes)
        run.summary.pages += 1
        run.progress(run.summary)
        run.stop.check()


def _read_seen(node: Raw) -> Seen:
    record = parse_record(DossierDate, node)
    return Seen(record.number, record.date_derniere_modification, read_revision(node))


def _compare(run: Run, census: Census) -> Iterator[tuple[Seen, Verdict]]:
    """Walk the platform's list and the store's list, both ordered by number; yield what differs.

    A dossier that the store lacks and that was last modified before a purge was purged: it is not missing.
    """
    earliest = run.store.purged_before(run.number) or EPOCH
    stored = (Seen(*each) for each in run.store.versions(run.number))
    mine = next(stored, None)
    for one in census:
        while mine is not None and mine.number < one.number:
            yield mine, "gone"
            mine = next(stored, None)
        if mine is None or mine.number > one.number:
            if one.moment >= earliest:
                yield one, "missing"
            continue
        if mine.moment != one.moment or one.revision not in (mine.revision, None):
            yield one, "differs"
        mine = next(stored, None)
    while mine is not None:
        yield mine, "gone"
        mine = next(stored, None)


def _pull_wanted(run: Run, plan: Plan | None, census: Census) -> None:
    """Pull the wanted dossiers, by pages where a page brings enough. Those set aside wait for their try."""
    run.failed_in_a_row = 0
    size = run.client.page_size
    for stretch in census.stretches(size, max(2, size // _WORTH_A_PAGE)):
        left = set(stretch.numbers) - run.waiting
        if len(left) > 1:
            left -= _walk_through(run, plan, stretch, left)
        for number in sorted(left - run.waiting):
            run.stop.check()
            pull_one(run, plan, number)


def _walk_through(run: Run, plan: Plan | None, stretch: Stretch, wanted: set[int]) -> set[int]:
    """Pull the pages of a stretch; returns the numbers that came. The others are pulled by number later."""
    came: set[int] = set()
    try:
        with closing(run.client.walk_dossiers(run.number, since=stretch.since)) as pages:
            for each in pages:
                page = PulledPage.of(each)
                save_page(run, plan, page, None)
                came.update(pulled.head.number for pulled in page.dossiers)
                if wanted <= came or min(page.dates, default=stretch.since) > stretch.until:
                    break
    except ProtocolError as error:
        _log.warning("cursor refused, going on by number", detail=str(error))
    return came


def _bury(run: Run, plan: Plan | None, gone: Census, *, may_empty: bool) -> None:
    live = run.store.count(run.number)
    limit = run.settings.vanish_limit_percent
    if len(gone) * 100 > live * limit and not may_empty:
        raise SweepRefusedError(
            f"{len(gone)} of {live} dossiers are not on the platform any more, over {limit} % "
            "(sync.vanish_limit_percent): none was marked as vanished; if this is right, run again with"
            " --full --yes"
        )
    for one in gone:
        run.stop.check()
        if pull_one(run, plan, one.number) or one.number in run.waiting:
            continue
        entry = DeletionEntry(number=one.number, state=None, reason="vanished", deleted_at=run.client.now())
        run.summary.deleted += run.store.save_deletions(run.number, "vanished", [entry], None)
        _log.info("dossier vanished", dossier=one.number)
