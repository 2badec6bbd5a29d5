"""One dossier asked for by its number: those set aside by earlier runs, and those a sweep finds missing."""

from __future__ import annotations

import datetime as dt

from ds_bridge.api.pages import TRIES_FOR_ONE, is_worth_less
from ds_bridge.errors import DsBridgeError, NotFoundError
from ds_bridge.log import get_logger
from ds_bridge.mapping import Plan
from ds_bridge.sync.context import Run
from ds_bridge.sync.entries import read_entry

_log = get_logger("ds_bridge.sync")


def retry_set_aside(run: Run, plan: Plan | None) -> None:
    """Ask again for each dossier set aside whose time has come."""
    for waiting in run.store.list_set_aside(run.number, due=dt.datetime.now(dt.UTC)):
        run.stop.check()
        pull_one(run, plan, waiting.number)


def pull_one(run: Run, plan: Plan | None, number: int) -> bool:
    """Ask for one dossier and store it. False when the platform has it no more, or cannot give it.

    In the second case it is set aside, or its tries are counted. Raises what concerns more than this one.
    """
    try:
        node = run.client.raw_dossier(number, attempts=TRIES_FOR_ONE)
        entry = read_entry(node, plan, run.number)
    except NotFoundError:
        run.forget_set_aside([number])
        return False
    except DsBridgeError as error:
        if not is_worth_less(error):
            raise
        set_aside(run, number, f"{type(error).__name__}: {error}")
        return False
    run.summary.add_page(run.store.save_page(run.number, [entry], None), delivered=1)
    run.forget_set_aside([number])
    run.progress(run.summary)
    return True


def set_aside(run: Run, number: int, reason: str) -> None:
    """Record a dossier the platform cannot give, with one more try."""
    waiting = run.store.set_aside(run.number, number, reason, dt.datetime.now(dt.UTC))
    run.waiting.add(number)
    _log.warning(
        "dossier set aside",
        dossier=number,
        reason=reason,
        tries=waiting.tries,
        next_try_at=waiting.next_try_at.isoformat(timespec="seconds"),
    )
