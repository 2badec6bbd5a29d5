"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable

PATIENCE = 30.0


def wait_until(is_so: Callable[[], bool]) -> None:
    """Look again and again; fails when it does not come."""
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.01)
