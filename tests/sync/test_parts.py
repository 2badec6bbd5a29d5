"""The rules of a parallel load alone: transactions that commit late, walks that take turns, runs that stop.

No socket and no store: a dossier is a list of transactions, each a moment it was modified at and a later one
it became visible at. What is shown of it is its last visible one.
"""

import datetime as dt
import random
from dataclasses import replace

import pytest

from ds_bridge.api.client import EPOCH
from ds_bridge.api.routes import Route
from ds_bridge.store import Checkpoint, LoadPart
from ds_bridge.sync.parts import (
    BACKWARD,
    FORWARD,
    WAYS,
    find_route,
    is_loaded,
    is_stranded,
    lose_place,
    name_parts,
    pass_page,
)
from ds_bridge.sync.walk import STREAM, Walk

OVERLAP = dt.timedelta(minutes=10)
START = dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)
STATES = ("en_construction", "en_instruction", "accepte", "refuse", "sans_suite")
LOADS = 3000


def at(seconds):
    return START + dt.timedelta(seconds=seconds)


class Platform:
    """Dossiers as lists of (modified, visible, state), by number."""

    def __init__(self, chance):
        self.chance = chance
        self.dossiers = [self._draw() for _ in range(chance.randint(1, 40))]

    def _draw(self):
        """Long before the load, during it, or both; of few moments, so that many share a second."""
        moments = sorted(self.chance.choice([-9000, -8000, -700, -400, -90, 60, 900, 2500, 6000])
                         + self.chance.choice([0, 0.3, 0.6, 5])
                         for _ in range(self.chance.choice([1, 1, 1, 2, 3])))  # fmt: skip
        visible = 0.0
        made = []
        for modified in moments:
            visible = max(visible, modified + self.chance.choice([0, 0, 30, 200, 590]))
            visible = visible if modified > 0 else modified + self.chance.choice([0, 0, 500])
            made.append((at(modified), at(visible), self.chance.choice(STATES)))
        return made

    def show(self, now):
        """Keys of what is visible, each with its state."""
        shown = {}
        for number, made in enumerate(self.dossiers):
            for modified, visible, state in made:
                if visible <= now:
                    shown[number] = (modified, number, state)
        return sorted(shown.values())

    def page(self, part, now, size):
        """What the platform answers, in the direction of the walk."""
        route, after = find_route(part), read_cursor(part.cursor)
        keys = [key for key in self.show(now) if key[0] >= part.since]
        if route.state:
            keys = [key for key in keys if key[2] == route.state]
        if route.groupe is not None:
            keys = [key for key in keys if key[1] % 3 == route.groupe]
        if route.backward:
            keys = [key for key in reversed(keys) if after is None or key[:2] < after]
        else:
            keys = [key for key in keys if after is None or key[:2] > after]
        return keys[:size], len(keys) > size

    def look(self, number, now):
        """The dossier as it is now: its page was listed a moment ago."""
        return next(key for key in self.show(now) if key[1] == number)


def write_cursor(key):
    return f"{key[0].isoformat()};{key[1]}"


def read_cursor(cursor):
    if cursor is None:
        return None
    moment, _, number = cursor.partition(";")
    return dt.datetime.fromisoformat(moment), int(number)


class Sync:
    """A parallel load and the walk by date behind it. What it knows of each dossier: the latest it read."""

    def __init__(self, platform, way, chance):
        self.platform, self.chance, self.now = platform, chance, START
        self.known = {}
        self.parts = [LoadPart(name, START, EPOCH, "q") for name in name_parts(way, range(3))]

    def load(self):
        """Parts take turns; now and then time passes, a run stops for long, a cursor is lost."""
        for _ in range(1000):
            if is_loaded(self.parts):
                return
            self.pass_time(self.chance.choice([0, 0, 1, 60, 300]))
            if self.chance.random() < 0.03:
                self.pass_time(4000)
            waiting = [part for part in self.parts if not part.complete and not is_stranded(part)]
            part = self.chance.choice(waiting)
            if part.cursor and self.chance.random() < 0.1:
                self.put(lose_place(part))
            else:
                self.put(self.read(part))
        pytest.fail("it never ends")

    def read(self, part):
        keys, more = self.platform.page(part, self.now, size=2)
        self.pass_time(self.chance.choice([0, 0, 20, 200]))
        dates = self.keep(keys)
        return pass_page(part, dates, write_cursor(keys[-1]) if more else None, OVERLAP)

    def keep(self, keys):
        """Read the dossiers of a page that was listed a moment ago. Gives their dates, in whole seconds."""
        read = [self.platform.look(number, self.now) for _, number, _ in keys]
        for moment, number, _ in read:
            self.known[number] = moment
        return [moment.replace(microsecond=0) for moment, _, _ in read]

    def go_on_by_date(self):
        """The ordinary walk, when everything has happened."""
        mark = max((part.high_water for part in self.parts if part.high_water), default=None)
        self.now = max(self.now, at(8000))
        walk = Walk.by_date(Checkpoint(STREAM, high_water=mark), EPOCH, OVERLAP, self.now)
        self.keep([key for key in self.platform.show(self.now) if key[0] >= walk.since])

    def pass_time(self, seconds):
        self.now += dt.timedelta(seconds=seconds)

    def put(self, part):
        self.parts = [part if part.name == known.name else known for known in self.parts]


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_ever_lost(way):
    for seed in range(LOADS):
        chance = random.Random(seed)
        platform = Platform(chance)
        sync = Sync(platform, way, chance)
        sync.load()
        sync.go_on_by_date()
        truth = {number: moment for moment, number, _ in platform.show(sync.now)}
        assert sync.known == truth, f"seed {seed}"


def test_two_ends_meet_when_a_whole_second_is_behind_both():
    up = LoadPart(FORWARD, START, EPOCH, "q", cursor="a", reached=at(-5000))
    down = LoadPart(BACKWARD, START, EPOCH, "q", cursor="b", reached=at(-5000))
    assert not is_loaded([up, down])
    assert is_loaded([replace(up, reached=at(-4999)), down])
    assert is_loaded([up, replace(down, complete=True)])
    assert not is_loaded([up, replace(down, reached=None)])


def test_only_dates_that_did_not_move_tell_how_far_a_walk_has_come():
    up = LoadPart(FORWARD, START, EPOCH, "q")
    dates = [at(-9000), at(-603), at(-602), at(-601), at(-2), at(-1), at(7)]
    passed = pass_page(up, dates, "c", OVERLAP)
    assert (passed.reached, passed.high_water) == (at(-602), at(-2))
    assert (passed.cursor, passed.complete) == ("c", False)
    down = pass_page(replace(up, name=BACKWARD), [at(7), at(-9)], "c", OVERLAP)
    assert (down.reached, down.high_water) == (at(-9), at(-9))
    assert pass_page(passed, [at(-9500)], "c", OVERLAP).reached == at(-602)
    assert pass_page(up, [], "c", OVERLAP).reached is None


def test_a_lost_cursor_goes_on_by_date_or_strands():
    up = LoadPart(FORWARD, START, at(-9000), "q", cursor="c", reached=at(-5000))
    assert lose_place(up) == replace(up, cursor=None, since=at(-5000))
    assert lose_place(replace(up, reached=None)) == replace(up, reached=None, cursor=None)
    down = lose_place(replace(up, name=BACKWARD))
    assert is_stranded(down)
    assert not is_stranded(replace(down, reached=None))
    assert not is_stranded(lose_place(up))


def test_a_walk_backward_is_one_forward_in_a_mirror():
    info = {"hasNextPage": True, "endCursor": "z", "hasPreviousPage": False, "startCursor": "a"}
    connection = {"pageInfo": info, "nodes": [1, 2]}
    assert Route().turn(connection) is connection
    turned = Route(backward=True).turn(connection)
    assert turned == {"pageInfo": {"hasNextPage": False, "endCursor": "a"}, "nodes": [2, 1]}
    assert Route(backward=True).bind(5, "a") == {"last": 5, "before": "a"}
    assert Route(state="accepte").bind(5, None) == {"first": 5, "after": None, "state": "accepte"}


@pytest.mark.parametrize(
    "broken", [None, [], {"nodes": []}, {"pageInfo": None, "nodes": []}, {"pageInfo": {}}]
)
def test_what_is_no_connection_is_left_to_be_refused(broken):
    assert Route(backward=True).turn(broken) is broken
