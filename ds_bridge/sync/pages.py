"""A page of dossiers: takes it from the walk, then saves it with the place behind it."""

from __future__ import annotations

from ds_bridge.api.pages import Page
from ds_bridge.errors import DsBridgeError, GarbledAnswerError, ProtocolError, ServerFaultError
from ds_bridge.log import get_logger
from ds_bridge.mapping import Plan
from ds_bridge.store import Checkpoint, LoadPart
from ds_bridge.sync.ahead import PagesAhead, TakenPage
from ds_bridge.sync.content import pull_content
from ds_bridge.sync.context import Run
from ds_bridge.sync.entries import make_entry
from ds_bridge.sync.pulled import PulledPage
from ds_bridge.sync.single import set_aside

_log = get_logger("ds_bridge.sync")


class LostPlaceError(Exception):
    """A cursor cannot be used: go on from the date. `cause` is the error."""

    def __init__(self, cause: DsBridgeError) -> None:
        super().__init__(str(cause))
        self.cause = cause


def take_page(pages: PagesAhead[Page], *, has_cursor: bool, is_old: bool = False) -> TakenPage[Page] | None:
    """The next page, None at the end.

    Raises LostPlaceError when the page's cursor may be the cause of the error. With a cursor of an earlier
    run (`is_old`), errors of the platform count as such too.
    """
    try:
        return pages.take()
    except (ProtocolError, ServerFaultError, GarbledAnswerError) as error:
        if not (is_old or (has_cursor and isinstance(error, ProtocolError))):
            raise
        raise LostPlaceError(error) from error


def save_page(run: Run, plan: Plan | None, page: PulledPage, place: Checkpoint | LoadPart | None) -> None:
    """Map a page, save it with the place behind it (None: no walk goes on from there), report progress.

    After all of that, raises InterruptedRunError when the run was asked to end, and PlatformUnavailableError
    when the query or the instance is at fault (see `blame.py`).
    """
    entries = [
        make_entry(each, pull_content(plan, each.node, run.number), run.person) for each in page.dossiers
    ]
    # Write this before the place that steps over them: a kill in between must not lose them.
    for one in page.unreadable:
        set_aside(run, one.number, one.reason)
    counts = run.store.save_page(run.number, entries, place)
    run.forget_set_aside(entry.number for entry in entries)
    run.summary.pages += 1
    run.summary.add_page(counts, delivered=len(entries))
    _log.info("page stored", page=run.summary.pages, dossiers=len(entries), requests=run.client.requests)
    run.progress(run.summary)
    run.blame.note(len(entries), page.unreadable)
    run.stop.check()
