import pytest

from ds_bridge.api.retry import Retry
from ds_bridge.errors import (
    NotFoundError,
    PlatformUnavailableError,
    QueryTimeoutError,
    RateLimitedError,
    ServerFaultError,
)


class Flaky:
    """Fails with each of the errors in turn, then answers."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.calls = 0

    def __call__(self):
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def test_it_tries_again_with_growing_waits():
    waits = []
    call = Flaky(*[ServerFaultError("down") for _ in range(4)])
    assert Retry(5, sleep=waits.append).run(call) == "answer"
    assert len(waits) == 4
    for wait, least in zip(waits, (1, 2, 4, 8), strict=True):
        assert least <= wait <= least + 1


def test_it_gives_up_after_the_last_try_and_says_how_many():
    waits = []
    with pytest.raises(ServerFaultError, match=r"down \(tried 3 times\)"):
        Retry(3, sleep=waits.append).run(Flaky(*[ServerFaultError("down") for _ in range(9)]))
    assert len(waits) == 2


def test_a_refusal_is_not_tried_again():
    call = Flaky(NotFoundError("no"))
    with pytest.raises(NotFoundError):
        Retry(5, sleep=pytest.fail).run(call)
    assert call.calls == 1


def test_what_is_hopeless_is_not_tried_again():
    call = Flaky(QueryTimeoutError("slow"))
    with pytest.raises(QueryTimeoutError):
        Retry(5, sleep=pytest.fail).run(call, hopeless=(QueryTimeoutError,))


def test_a_429_is_obeyed_to_the_second_and_is_no_failure():
    waits = []
    call = Flaky(*[RateLimitedError("429", wait_seconds=17.0) for _ in range(5)])
    assert Retry(2, sleep=waits.append).run(call) == "answer"
    assert waits == [17.0] * 5


def test_endless_429s_end():
    waits = []
    with pytest.raises(RateLimitedError):
        Retry(2, sleep=waits.append).run(
            Flaky(*[RateLimitedError("429", wait_seconds=1.0) for _ in range(99)])
        )
    assert len(waits) == 9


def test_a_429_for_an_hour_is_not_waited_for():
    with pytest.raises(PlatformUnavailableError, match="3600 s: run again later"):
        Retry(5, sleep=pytest.fail).run(Flaky(RateLimitedError("429", wait_seconds=3600.0)))


def test_a_sleep_that_raises_ends_it():
    def stop(seconds):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Retry(5, sleep=stop).run(Flaky(ServerFaultError("down")))
