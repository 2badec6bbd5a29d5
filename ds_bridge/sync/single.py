"""Asks for single dossiers by number: those set aside by earlier runs, and those a sweep finds missing.

When the platform fails on every dossier, the dossiers are not at fault: so both uses stop after some failures
in a row.
"""

from __future__ import annotations

from ds_bridge.api.pages import MOST_UNREADABLE_IN_A_ROW, TRIES_FOR_ONE, is_worth_less
from ds_bridge.errors import DsBridgeError, NotFoundError, PlatformUnavailableError
from ds_bridge.log import get_logger
from ds_bridge.mapping import Plan
from ds_bridge.sync.content import pull_content
from ds_bridge.sync.context import Run
from ds_bridge.sync.entries import make_entry
from ds_bridge.sync.pulled import Pulled

# A run tries at most so many that fail again; the others stay due, and come first in the next run.
MOST_RETRIES_IN_A_ROW = 25

_log = get_logger("ds_bridge.sync")


def retry_set_aside(run: Run, plan: Plan | None) -> None:
    """Ask again for each dossier set aside whose next try is due, the longest due first."""
    due = run.store.list_set_aside(run.number, due=run.client.now())
    run.failed_in_a_row = 0
    for place, waiting in enumerate(sorted(due, key=lambda one: one.next_try_at)):
        if run.failed_in_a_row >= MOST_RETRIES_IN_A_ROW:
            _log.warning("the other dossiers set aside wait for the next run", left=len(due) - place)
            return
        run.stop.check()
        _ask_for(run, plan, waiting.number)


def pull_one(run: Run, plan: Plan | None, number: int) -> bool:
    """Ask for one dossier and store it. False when the platform does not have it any more, or cannot give it.

    A dossier that the platform cannot give is set aside, or its tries are counted. Raises errors that concern
    more than this dossier, and PlatformUnavailableError when too many dossiers in a row failed.
    """
    came = _ask_for(run, plan, number)
    if run.failed_in_a_row > MOST_UNREADABLE_IN_A_ROW:
        raise PlatformUnavailableError(
            f"{run.failed_in_a_row} dossiers in a row cannot be read by number: the platform is failing"
        )
    return came


def _ask_for(run: Run, plan: Plan | None, number: int) -> bool:
    try:
        pulled = Pulled.of(run.client.raw_dossier(number, attempts=TRIES_FOR_ONE))
        entry = make_entry(pulled, pull_content(plan, pulled.node, run.number), run.person)
    except NotFoundError:
        run.failed_in_a_row = 0
        run.forget_set_aside([number])
        return False
    except DsBridgeError as error:
        if not is_worth_less(error):
            raise
        run.failed_in_a_row += 1
        set_aside(run, number, f"{type(error).__name__}: {error}")
        return False
    run.failed_in_a_row = 0
    run.summary.add_page(run.store.save_page(run.number, [entry], None), delivered=1)
    run.forget_set_aside([number])
    run.progress(run.summary)
    return True


def set_aside(run: Run, number: int, reason: str) -> None:
    """Set aside a dossier that the platform cannot give, and count one more try."""
    waiting = run.store.set_aside(run.number, number, reason, run.client.now())
    run.waiting.add(number)
    _log.warning(
        "dossier set aside",
        dossier=number,
        reason=reason,
        tries=waiting.tries,
        next_try_at=waiting.next_try_at.isoformat(timespec="seconds"),
    )
