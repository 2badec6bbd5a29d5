"""Retries: bounded tries with growing, jittered waits; a 429 is obeyed to the second.

tenacity does the looping. Only errors that `errors` calls retriable are tried again. When the platform says
how long to wait, we wait that long.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import tenacity

from ds_bridge.errors import PlatformUnavailableError, RateLimitedError, RetriableError
from ds_bridge.log import get_logger

T = TypeVar("T")

LONGEST_WAIT_SECONDS = 60.0
LONGEST_RATE_WAIT_SECONDS = 900.0
RATE_LIMIT_TRIES = 10

_log = get_logger("ds_bridge.api")
_backoff = tenacity.wait_exponential_jitter(initial=1, max=LONGEST_WAIT_SECONDS, jitter=1)


class Retry:
    """Runs a call until it passes. `sleep` may raise to give up at once (a signal asked for the end)."""

    def __init__(self, attempts: int, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._attempts = attempts
        self._sleep = sleep

    def run(
        self,
        call: Callable[[], T],
        *,
        attempts: int | None = None,
        hopeless: tuple[type[RetriableError], ...] = (),
    ) -> T:
        """`call()`, again after each RetriableError, `attempts` times at most (429s counted apart).

        An error of a class in `hopeless` is not tried again: the same question would fail the same way.
        Raises the last error; PlatformUnavailableError when a 429 asks for longer than we may wait.
        """
        tries = _Tries(attempts or self._attempts)
        loop = tenacity.Retrying(
            retry=tenacity.retry_if_exception(
                lambda error: isinstance(error, RetriableError) and not isinstance(error, hopeless)
            ),
            wait=_wait,
            stop=tries.spent,
            sleep=self._sleep,
            before_sleep=_tell,
            reraise=True,
        )
        return loop(call)


class _Tries:
    """Counts failures and refusals apart: being asked to slow down is not a failure."""

    def __init__(self, attempts: int) -> None:
        self._left = attempts
        self._rate_left = RATE_LIMIT_TRIES

    def spent(self, state: tenacity.RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, RateLimitedError):
            self._rate_left -= 1
            return self._rate_left <= 0
        self._left -= 1
        if isinstance(error, RetriableError):
            error.tries = state.attempt_number
        return self._left <= 0


def _wait(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, RateLimitedError):
        if error.wait_seconds > LONGEST_RATE_WAIT_SECONDS:
            raise PlatformUnavailableError(
                f"the platform asks us to stay away for {error.wait_seconds:.0f} s: run again later"
            )
        return error.wait_seconds
    return _backoff(state)


def _tell(state: tenacity.RetryCallState) -> None:
    error: Any = state.outcome.exception() if state.outcome else None
    wait = state.next_action.sleep if state.next_action else 0.0
    _log.warning(
        "asking again",
        attempt=state.attempt_number,
        wait_seconds=round(wait, 1),
        reason=type(error).__name__,
        detail=str(error),
    )
