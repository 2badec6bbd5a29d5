"""Several processes that map beside a run: which of them gets a page, and when there are none."""

import os
import signal

from ds_bridge.mapping.content import pull_contents
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.sync import Parallel, Stop, crew
from ds_bridge.sync.beside import Beside
from ds_bridge.sync.crew import Crew
from tests.sync.conftest import CRA, PLAIN
from tests.sync.test_beside import (
    START,
    besides,
    dump,
    helps_at_once,
    night,
    pull_alone,
    pulled,
    pytestmark,
    wait_until,
)

START_ALL = Crew.start
__all__ = ["besides", "helps_at_once", "night", "pulled", "pytestmark"]


def test_walks_side_by_side_have_several(night, tmp_path, besides):
    alone = pull_alone(night.server, tmp_path / "alone", CRA)
    night.page_size = 5
    del besides[:]
    assert night.run(parallel=Parallel("states", 3)).created == 120
    assert dump(night.store) == alone
    *loaded, _ = [each._process is not None for each in besides]
    assert len(loaded) == min(3, crew.count_useful())
    assert sum(loaded) >= 2  # the third is needed where the others are slow


def test_a_load_in_parallel_starts_them_before_its_first_page(night, monkeypatch, besides):
    monkeypatch.setattr(crew, "count_useful", lambda: 2)
    monkeypatch.setattr(crew, "DOSSIERS_ALONE", 100_000)
    monkeypatch.setattr(Crew, "start", START_ALL)
    assert night.run(parallel=Parallel("ends")).created == 120
    assert [each._process is not None for each in besides] == [True, True, False]


def test_there_are_no_more_of_them_than_walks(night, monkeypatch, besides):
    monkeypatch.setattr(crew, "count_useful", lambda: 8)
    night.page_size = 5
    assert night.run(parallel=Parallel("ends", 4)).created == 120
    assert len(besides) == 2 + 1  # two ends, and what changed meanwhile


def test_a_walk_alone_has_one(night, besides):
    night.page_size = 5
    assert night.run().created == 120
    assert sum(each._process is not None for each in besides) == 1


def test_a_page_goes_to_who_has_the_least_to_do(pulled, besides):
    walked, form = pulled
    with Crew(PLAIN, form, size=2) as both:
        first, second = besides
        assert both.begin(walked[0])(Stop()) == pull_contents(None, walked[0], CRA_NUMBER)
        assert second._process is None  # it was not needed
        os.kill(first._process.pid, signal.SIGSTOP)
        late = both.begin(walked[1])
        for raws in walked[2:4]:
            assert both.begin(raws)(Stop()) == pull_contents(None, raws, CRA_NUMBER)
        assert (first.waiting, second.waiting) == (1, 0)
        os.kill(first._process.pid, signal.SIGCONT)
        assert late(Stop()) == pull_contents(None, walked[1], CRA_NUMBER)
    assert first._process.returncode == second._process.returncode == -signal.SIGKILL


def test_while_they_start_pages_are_for_whoever_has_them(pulled, besides, monkeypatch):
    walked, form = pulled
    monkeypatch.setattr(Beside, "start", START)
    with Crew(PLAIN, form, size=2) as both:
        first, second = besides
        assert both.begin(walked[0]) is both.begin(walked[1]) is None
        assert (first.is_started, second.is_started) == (True, False)  # one after the other
        wait_until(lambda: first.is_ready)
        os.kill(first._process.pid, signal.SIGSTOP)
        late = both.begin(walked[2]), both.begin(walked[3])
        assert (first.waiting, second.is_started) == (2, True)
        wait_until(lambda: second.is_ready)
        assert both.begin(walked[4])(Stop()) == pull_contents(None, walked[4], CRA_NUMBER)
        os.kill(first._process.pid, signal.SIGCONT)
        for collect, raws in zip(late, walked[2:], strict=False):
            assert collect(Stop()) == pull_contents(None, raws, CRA_NUMBER)


def test_one_that_died_idle_is_given_nothing(pulled, besides):
    walked, form = pulled
    with Crew(PLAIN, form, size=2) as both:
        first, second = besides
        assert both.begin(walked[0])(Stop()) is not None
        first._process.kill()
        wait_until(lambda: first.is_over)
        for raws in walked[1:3]:
            assert both.begin(raws)(Stop()) == pull_contents(None, raws, CRA_NUMBER)
        second._process.kill()
        wait_until(lambda: second.is_over)
        assert both.begin(walked[3]) is None


def test_a_small_night_starts_none(night, monkeypatch, besides):
    monkeypatch.setattr(crew, "DOSSIERS_ALONE", 120)
    assert night.run().created == 120
    assert [each._process for each in besides] == [None]


def test_none_starts_where_it_is_not_wanted_or_has_no_processor(pulled, monkeypatch, besides):
    walked, form = pulled
    with Crew(CRA, form, size=0) as unwanted:
        assert unwanted.begin(walked[0]) is None
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0})
    with Crew(CRA, form) as crowded:
        assert crowded.begin(walked[0]) is None
    assert not besides
