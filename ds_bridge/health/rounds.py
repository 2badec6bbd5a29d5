"""Rounds: the same run again and again, for a machine without cron. Takes a run, gives nothing but its end.

One at a time, the wait counted from the end of one to the beginning of the next. What a run comes to is
its own business: it told its failure, and the next one goes on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from ds_bridge.errors import InterruptedRunError
from ds_bridge.sync import Stop


def repeat(run: Callable[[], object], every: dt.timedelta, stop: Stop) -> None:
    """Run, wait, run again, until the end is asked for: in a run, which ends after its page, or in a wait."""
    while True:
        run()
        try:
            stop.sleep(every.total_seconds())
        except InterruptedRunError:
            return
