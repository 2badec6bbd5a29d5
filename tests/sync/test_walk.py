"""The walk's rules alone: a platform whose transactions commit late, runs that are stopped anywhere.

No socket and no store: a dossier is a moment it was modified at and a later one it became visible at.
"""

import datetime as dt
import random

import pytest

from ds_bridge.api.client import EPOCH
from ds_bridge.store import Checkpoint
from ds_bridge.sync.dossiers import _resume
from ds_bridge.sync.walk import Walk

OVERLAP = dt.timedelta(minutes=10)
START = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)
PAGE = 2


def at(seconds):
    return START + dt.timedelta(seconds=seconds)


class Platform:
    """Dossiers by (modified, number), each visible from its commit on."""

    def __init__(self, transactions):
        self.keys = sorted(
            (at(modified), number, at(modified + late))
            for number, (modified, late) in enumerate(transactions)
        )

    def page(self, since, after, now):
        """A page, and whether there is a next one. Dates are shown in whole seconds."""
        shown = [
            (moment, number)
            for moment, number, visible in self.keys
            if visible <= now and moment >= since and (after is None or (moment, number) > after)
        ]
        return shown[:PAGE], len(shown) > PAGE


class Sync:
    """Runs that remember only what their checkpoint says, a cursor being its text."""

    def __init__(self, platform):
        self.platform = platform
        self.checkpoint = None
        self.seen = set()

    def run(self, began, pauses, pages=None):
        """Walk from `began`, with a pause before each page, up to so many of them."""
        now = began
        walk = _resume(self.checkpoint, EPOCH, OVERLAP, now)
        walk = walk or Walk.by_date(self.checkpoint, EPOCH, OVERLAP, now)
        after = _read(walk.cursor)
        count = 0
        while pages is None or count < pages:
            now += dt.timedelta(seconds=pauses[count % len(pauses)])
            nodes, more = self.platform.page(walk.since, after, now)
            after = nodes[-1] if nodes else after
            self.seen |= {number for _, number in nodes}
            walk.pass_page([moment.replace(microsecond=0) for moment, _ in nodes], now)
            self.checkpoint = walk.checkpoint(_write(after) if more else None)
            count += 1
            if not more:
                break
        return now


def _write(key):
    return f"{key[0].isoformat()};{key[1]}"


def _read(cursor):
    if cursor is None:
        return None
    moment, _, number = cursor.partition(";")
    return dt.datetime.fromisoformat(moment), int(number)


MINUTES = 60
NIGHTS = 3000


def draw_transactions(chance):
    """Bursts in a few minutes, some of it committed late."""
    minutes = [chance.randint(0, MINUTES) for _ in range(chance.randint(1, 6))]
    return [
        (chance.choice(minutes) * 60.3, chance.choice([0, 0, 30, 200, 590]))
        for _ in range(chance.randint(1, 40))
    ]


@pytest.mark.parametrize("part", range(3))
def test_nothing_on_time_by_the_overlap_is_ever_lost(part):
    """Without either rule of `walk.py` some dozens of these nights lose a dossier."""
    for seed in range(part * NIGHTS // 3, (part + 1) * NIGHTS // 3):
        chance = random.Random(seed)
        made = draw_transactions(chance)
        sync, now = Sync(Platform(made)), START
        for _ in range(chance.randint(0, 8)):
            now += dt.timedelta(seconds=chance.choice([0, 100, 700, 1500]))
            pauses = [chance.choice([0, 1, 60, 700, 1500]) for _ in range(chance.randint(1, 4))]
            now = sync.run(now, pauses, chance.choice([None, 1, 2, 3, 4]))
        # The last night finds everything committed.
        sync.run(max(now, at(MINUTES * 61)) + dt.timedelta(days=1), [1])
        assert sync.seen == set(range(len(made))), f"seed {seed}"


def test_a_cursor_is_kept_while_far_from_the_present():
    walk = Walk.by_date(None, EPOCH, OVERLAP, at(0))
    walk.pass_page([at(-7200), at(-3600)], at(5))
    assert walk.checkpoint("c") == Checkpoint(
        "dossiers", EPOCH, "c", at(-3600), walk.checkpoint(None).query_hash
    )
    walk.pass_page([at(-3000), at(-580)], at(10))
    near = walk.checkpoint("d")
    assert (near.since, near.cursor, near.high_water) == (None, None, at(-580))
    # Once near, a long wait makes it far again: what appeared meanwhile behind it would be skipped.
    walk.pass_page([at(-570)], at(9000))
    assert walk.checkpoint("e").cursor is None


@pytest.mark.parametrize(("date", "moved"), [(-2, True), (-1, False), (0, False), (3600, False)])
def test_a_date_of_the_walks_own_time_does_not_move_the_next_start(date, moved):
    walk = Walk.by_date(Checkpoint("dossiers", high_water=at(-500)), EPOCH, OVERLAP, at(0))
    walk.pass_page([at(date)], at(4000))
    assert walk.high_water == (at(date) if moved else at(-500))
    assert walk.reached == at(date)


def test_a_start_in_the_future_is_brought_back():
    walk = Walk.by_date(Checkpoint("dossiers", high_water=at(10**7)), EPOCH, OVERLAP, at(0))
    assert walk.since == at(0) - OVERLAP


def test_what_was_purged_is_not_walked_again():
    walk = Walk.by_date(Checkpoint("dossiers", high_water=at(-500)), at(-300), OVERLAP, at(0))
    assert walk.since == at(-300)
    checkpoint = Checkpoint("dossiers", at(-900), "c", at(-500), walk.checkpoint(None).query_hash)
    assert _resume(checkpoint, at(-300), OVERLAP, at(0)) is None
    assert _resume(checkpoint, at(-1000), OVERLAP, at(0)) == Walk(at(-900), "c", at(-500), OVERLAP, at(0))
