import threading

from hypothesis import given
from hypothesis import strategies as st

from ds_bridge.api.pace import Pace


class Time:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = 1000.0

    def sleep(self, seconds):
        assert seconds > 0
        self.now += seconds


def make_pace(limit):
    time = Time()
    return time, Pace(limit, clock=lambda: time.now, sleep=time.sleep)


def test_a_burst_passes_then_the_minute_is_kept():
    time, pace = make_pace(3)
    assert [pace.wait() for _ in range(3)] == [0, 0, 0]
    assert pace.wait() == 60
    assert time.now == 1060.0


@given(st.integers(1, 5), st.lists(st.floats(0, 90), max_size=40))
def test_no_minute_ever_holds_more_than_the_limit(limit, gaps):
    time, pace = make_pace(limit)
    sent = []
    for gap in gaps:
        time.now += gap
        pace.wait()
        sent.append(time.now)
    for index in range(len(sent) - limit):
        # The clock is a float far from zero: 60 s may measure an ulp less.
        assert sent[index + limit] - sent[index] >= 60 - 1e-6


def test_a_closed_gate_is_closed_for_everybody():
    time, pace = make_pace(10)
    pace.close_for(30)
    pace.close_for(5)
    assert pace.wait() == 30
    assert pace.wait() == 0
    assert time.now == 1030.0


def test_threads_share_one_minute():
    time, pace = make_pace(50)
    threads = [threading.Thread(target=lambda: [pace.wait() for _ in range(10)]) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.now == 1000.0
    assert pace.wait() == 60
