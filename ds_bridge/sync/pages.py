"""A page of dossiers on its way into the store: taken from a walk, read, saved with the place behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ds_bridge.api.pages import Unreadable
from ds_bridge.encoding import encode_json
from ds_bridge.errors import DsBridgeError, GarbledAnswerError, ProtocolError, ServerFaultError
from ds_bridge.log import get_logger
from ds_bridge.mapping import Plan
from ds_bridge.mapping.content import Content, pull_contents
from ds_bridge.store import Checkpoint, LoadPart, PreparedEntry
from ds_bridge.sync.ahead import PagesAhead, TakenPage
from ds_bridge.sync.beside import Collected
from ds_bridge.sync.context import Run
from ds_bridge.sync.entries import make_entry
from ds_bridge.sync.single import set_aside

_log = get_logger("ds_bridge.sync")


class LostPlaceError(Exception):
    """A cursor leads nowhere: go on from the date. `cause` is what happened."""

    def __init__(self, cause: DsBridgeError) -> None:
        super().__init__(str(cause))
        self.cause = cause


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What can be kept of a page, and what the platform cannot give or is not even a dossier."""

    entries: Sequence[PreparedEntry]
    unreadable: Sequence[Unreadable]


def take_page(pages: PagesAhead, *, has_cursor: bool, is_old: bool = False) -> TakenPage | None:
    """The next page, None at the end.

    Raises LostPlaceError when the cursor it is asked with may be the matter. A cursor of an earlier run
    (`is_old`) may also be what the platform stumbles over.
    """
    try:
        return pages.take()
    except (ProtocolError, ServerFaultError, GarbledAnswerError) as error:
        if not (is_old or (has_cursor and isinstance(error, ProtocolError))):
            raise
        raise LostPlaceError(error) from error


def read_dossiers(run: Run, taken: TakenPage, plan: Plan | None) -> ReadPage:
    """Map the page's dossiers, or collect what the process beside made of them.

    Raises BadDataError when one that is none has no number.
    """
    page, collected = taken.page, None
    if taken.ticket is not None and run.beside is not None:
        collected = run.beside.collect(taken.ticket, run.stop)
    if collected is None:
        raws = [encode_json(node) for node in page.nodes]
        collected = Collected(raws, pull_contents(plan, raws, run.number))
    entries, unreadable = [], list(page.unreadable)
    for node, raw, content in zip(page.nodes, *collected, strict=True):
        if isinstance(content, Content):
            entries.append(make_entry(node, raw, content))
            continue
        number = node.get("number")
        if not isinstance(number, int):
            raise content
        unreadable.append(Unreadable(number, f"{type(content).__name__}: {content}"))
    return ReadPage(entries, unreadable)


def save_page(run: Run, read: ReadPage, place: Checkpoint | LoadPart) -> None:
    """Save what was read with the place behind it, and tell.

    Raises InterruptedRunError, with all of that done, when the end was asked for.
    """
    # Before the place that steps over them: a kill in between must not forget them.
    for one in read.unreadable:
        set_aside(run, one.number, one.reason)
    counts = run.store.save_page(run.number, read.entries, place)
    run.forget_set_aside(one.entry.number for one in read.entries)
    run.summary.pages += 1
    run.summary.add_page(counts, delivered=len(read.entries))
    _log.info("page stored", page=run.summary.pages, dossiers=len(read.entries), requests=run.requests)
    run.progress(run.summary)
    run.stop.check()
