"""Reading ahead: one page only, in order, errors at their place, and an end at once when asked to end."""

import datetime as dt
import queue
import threading

import pytest

from ds_bridge.api.pages import Page
from ds_bridge.errors import InterruptedRunError, PagingError
from ds_bridge.log import bound, get_logger
from ds_bridge.sync import Stop
from ds_bridge.sync.ahead import PagesAhead, wait_for_any

_log = get_logger("ds_bridge.tests")
PATIENCE = 30.0
NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


class Walk:
    """Pages as they are asked for: how many were, a moment apart, and who waits for that."""

    def __init__(self, pages=5, error=None):
        self.asked = 0
        self.was_asked = threading.Condition()
        self.names = []
        self.left = threading.Event()
        self._pages, self._error = pages, error

    def __iter__(self):
        try:
            for number in range(1, self._pages + 1):
                self.names.append(threading.current_thread().name)
                _log.info("page asked for")
                with self.was_asked:
                    self.asked = number
                    self.was_asked.notify_all()
                yield Page(({"number": number},), str(number), number < self._pages)
            if self._error:
                raise self._error
        finally:
            self.left.set()

    def now(self):
        return NOON + dt.timedelta(minutes=self.asked)

    def ahead(self, stop=None, **options):
        return PagesAhead(iter(self), now=self.now, stop=stop or Stop(), **options)

    def wait_for(self, number):
        with self.was_asked:
            assert self.was_asked.wait_for(lambda: self.asked >= number, PATIENCE)


def number_of(taken):
    return taken.page.nodes[0]["number"]


def test_the_next_page_is_asked_for_while_the_last_one_is_in_hand_and_no_other():
    walk = Walk()
    with walk.ahead() as pages:
        for number in range(1, 6):
            assert number_of(pages.take()) == number
            walk.wait_for(min(number + 1, 5))  # nobody takes it: it is asked for all the same
            assert walk.asked == min(number + 1, 5)
        assert pages.take() is None


def test_of_several_walks_each_asks_for_one_page():
    walk, arrivals = Walk(), queue.SimpleQueue()
    with walk.ahead(arrivals=arrivals) as pages:
        for number in range(1, 6):
            assert wait_for_any(arrivals, Stop()) is pages
            assert walk.asked == number
            pages.take()


def test_a_page_carries_the_moment_before_it_was_asked_for():
    walk = Walk(pages=4)
    with walk.ahead() as pages:
        moments = [pages.take().asked_at for _ in range(4)]
    assert moments == [NOON + dt.timedelta(minutes=minutes) for minutes in (0, 1, 2, 3)]


def test_an_error_comes_behind_the_pages_before_it():
    walk = Walk(pages=2, error=PagingError("its place is lost"))
    with walk.ahead() as pages:
        assert [number_of(pages.take()), number_of(pages.take())] == [1, 2]
        with pytest.raises(PagingError, match="its place is lost"):
            pages.take()


def test_the_walk_is_in_one_other_thread_and_logs_as_the_run_does(caplog):
    walk = Walk(pages=2)
    with caplog.at_level("INFO", "ds_bridge"), bound(run="r1"), walk.ahead() as pages:
        while pages.take():
            pass
    assert walk.names == ["PagesAhead"] * 2
    assert [record.msg["run"] for record in caplog.records] == ["r1"] * 2


def test_the_end_is_at_once_while_an_answer_is_on_its_way():
    """A platform that thinks for a minute does not keep a service manager waiting."""
    stop, answered = Stop(), threading.Event()

    def walk():
        stop.request()
        answered.wait(PATIENCE)
        yield Page((), None, has_next=False)

    with (
        PagesAhead(walk(), now=lambda: NOON, stop=stop) as pages,
        pytest.raises(InterruptedRunError, match="run the same command again"),
    ):
        pages.take()
    assert not answered.is_set()
    answered.set()


def test_a_walk_that_is_left_asks_for_nothing_more():
    walk = Walk()
    with walk.ahead() as pages:
        assert number_of(pages.take()) == 1
        walk.wait_for(2)
    for thread in threading.enumerate():
        if thread.name == "PagesAhead":
            thread.join(PATIENCE)
            assert not thread.is_alive()
    assert walk.asked == 2
