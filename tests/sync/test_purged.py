"""What was purged does not come back: not with the next sync, not with a sweep, not from a walk half done."""

import datetime as dt

import pytest

from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.store import Checkpoint
from ds_bridge.sync import Stop


def split(night):
    """A day, with the numbers modified before it and the others."""
    dates = dict(night.store.modification_dates(CRA_NUMBER))
    day = sorted(dates.values())[len(dates) // 2]
    old = {number for number, moment in dates.items() if moment < day}
    assert 20 < len(old) < len(dates) - 20
    return day, old, set(dates) - old


def numbers(night):
    return {number for number, _ in night.store.modification_dates(CRA_NUMBER)}


@pytest.mark.parametrize("full", [False, True])
def test_the_next_run_brings_nothing_back(night, full):
    night.run()
    day, old, kept = split(night)
    assert night.store.purge(CRA_NUMBER, day).dossiers == len(old)
    summary = night.run(full=full)
    assert (summary.outcome, summary.created, summary.deleted) == ("complete", 0, 0)
    assert numbers(night) == kept


def test_a_lost_checkpoint_brings_nothing_back(night):
    night.run()
    day, _, kept = split(night)
    night.store.purge(CRA_NUMBER, day)
    night.store.save_checkpoint(CRA_NUMBER, Checkpoint("dossiers"))
    summary = night.run()
    assert (summary.created, summary.seen) == (0, len(kept))
    assert numbers(night) == kept


def test_a_walk_half_done_does_not_go_on_through_what_was_purged(night):
    night.page_size = 10
    stop = Stop()
    night.run(stop=stop, progress=lambda summary: stop.request())
    assert night.store.count(CRA_NUMBER) == 10
    shown = {number: dt.datetime.fromisoformat(date) for number, (_, date) in night.shown().items()}
    day = sorted(shown.values())[len(shown) // 2]
    night.store.purge(CRA_NUMBER, day)
    summary = night.run()
    assert (summary.outcome, summary.resumed) == ("complete", False)
    assert numbers(night) == {number for number, moment in shown.items() if moment >= day}


def test_a_purge_before_the_first_run_bounds_it(night):
    shown = {number: dt.datetime.fromisoformat(date) for number, (_, date) in night.shown().items()}
    day = sorted(shown.values())[len(shown) // 2]
    night.store.purge(CRA_NUMBER, day)
    night.run(full=True)
    assert numbers(night) == {number for number, moment in shown.items() if moment >= day}


@pytest.mark.parametrize("full", [False, True])
def test_what_was_modified_since_does_come_back(night, full):
    night.run()
    day, old, kept = split(night)
    night.store.purge(CRA_NUMBER, day)
    back = min(old)
    night.server.world.advance(dt.timedelta(hours=1))
    night.server.world.modify(back)
    summary = night.run(full=full)
    assert summary.created == 1
    assert numbers(night) == kept | {back}


def test_old_deletions_stay_forgotten(night):
    night.run()
    world = night.server.world
    for number in sorted(numbers(night))[:3]:
        world.delete(number)
    night.run()
    assert len(list(night.store.deletions(CRA_NUMBER))) == 3
    world.advance(dt.timedelta(hours=1))
    night.store.purge(CRA_NUMBER, world.now())
    assert (night.store.count(CRA_NUMBER), list(night.store.deletions(CRA_NUMBER))) == (0, [])
    summary = night.run(full=True)
    assert (summary.outcome, summary.deleted, summary.created) == ("complete", 0, 0)
    assert list(night.store.deletions(CRA_NUMBER)) == []
