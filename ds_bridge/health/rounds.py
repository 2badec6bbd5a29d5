"""Rounds: repeats a run again and again, for a machine without cron.

Runs come one at a time; the wait is counted from the end of a run to the beginning of the next. A run that
fails tells so itself, and the next one goes on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from ds_bridge.errors import InterruptedRunError
from ds_bridge.sync import Stop


def repeat(run: Callable[[], object], every: dt.timedelta, stop: Stop) -> None:
    """Run, wait, run again, until the end is asked for. A run then ends after its page, a wait at once."""
    while True:
        run()
        try:
            stop.sleep(every.total_seconds())
        except InterruptedRunError:
            return
