"""Load: pulls the parts of a first load. Each walk asks in its own thread; only this module stores."""

from __future__ import annotations

import datetime as dt
import queue
from contextlib import ExitStack
from dataclasses import dataclass, replace

from ds_bridge.api.client import EPOCH
from ds_bridge.api.pages import Page
from ds_bridge.errors import NotFoundError
from ds_bridge.log import get_logger
from ds_bridge.mapping import Plan
from ds_bridge.store import LoadPart
from ds_bridge.sync.ahead import PagesAhead, wait_for_any
from ds_bridge.sync.context import Run
from ds_bridge.sync.pages import LostPlaceError, save_page, take_page
from ds_bridge.sync.parts import find_route, is_loaded, is_of_groupe, is_stranded, lose_place, pass_page
from ds_bridge.sync.pulled import PulledPage

_log = get_logger("ds_bridge.sync")


@dataclass
class _Walk:
    """A part under way. `is_old`: its cursor comes from an earlier run. `seen`: the latest date so far."""

    name: str
    has_cursor: bool
    is_old: bool
    seen: dt.datetime = EPOCH


class Load:
    """Takes a page from the first walk that has one. `parts` are as the store has them."""

    def __init__(self, run: Run, plan: Plan | None, parts: list[LoadPart]) -> None:
        self._run, self._plan = run, plan
        self._overlap = dt.timedelta(minutes=run.settings.overlap_minutes)
        self._parts = {part.name: part for part in parts}
        self._old = {part.name for part in parts if part.cursor}
        self._stranded = {part.name for part in parts if is_stranded(part)}
        self._lost_at: dict[str, dt.datetime] = {}
        self._arrivals: queue.SimpleQueue[PagesAhead[Page]] = queue.SimpleQueue()
        self._walks: dict[PagesAhead[Page], _Walk] = {}

    def pull(self, walkers: int) -> None:
        """Walk until no part is left, with `walkers` parts at a time."""
        with ExitStack() as stack:
            while not is_loaded(list(self._parts.values())):
                for part in self._list_waiting()[: walkers - len(self._walks)]:
                    pages = stack.enter_context(self._walk(part))
                    is_old = part.name in self._old
                    self._walks[pages] = _Walk(part.name, part.cursor is not None, is_old)
                    self._old.discard(part.name)
                pages = wait_for_any(self._arrivals, self._run.stop)
                if pages in self._walks:  # else this walk was ended while a page was on its way
                    self._take(pages)

    def _list_waiting(self) -> list[LoadPart]:
        busy = {walk.name for walk in self._walks.values()} | self._stranded
        return [part for part in self._parts.values() if not part.complete and part.name not in busy]

    def _walk(self, part: LoadPart) -> PagesAhead[Page]:
        client = self._run.client
        walked = client.walk_dossiers(
            self._run.number, since=part.since, after=part.cursor, route=find_route(part)
        )
        return PagesAhead(walked, now=client.now, stop=self._run.stop, arrivals=self._arrivals)

    def _take(self, pages: PagesAhead[Page]) -> None:
        walk = self._walks[pages]
        try:
            taken = take_page(pages, has_cursor=walk.has_cursor, is_old=walk.is_old)
        except LostPlaceError as lost:
            del self._walks[pages]
            self._go_on_without(walk, lost)
            return
        except NotFoundError:
            if not is_of_groupe(self._parts[walk.name]):
                raise
            # The groupe was deleted meanwhile: its dossiers had gone to other groupes, with a new date.
            del self._walks[pages]
            self._keep(replace(self._parts[walk.name], complete=True))
            return
        if taken is None:
            del self._walks[pages]
            return
        page = PulledPage.of(taken.page)
        cursor = page.cursor if page.has_next else None
        part = pass_page(self._parts[walk.name], page.dates, cursor, self._overlap)
        self._parts[walk.name] = part
        walk.has_cursor, walk.is_old, walk.seen = True, False, max([*page.dates, walk.seen])
        save_page(self._run, self._plan, page, part)

    def _go_on_without(self, walk: _Walk, lost: LostPlaceError) -> None:
        """A cursor leads nowhere: walk on by date, or leave the rest to the walk from the other end."""
        before = self._lost_at.get(walk.name, EPOCH)
        part = lose_place(self._parts[walk.name])
        if find_route(part).backward:
            self._stranded.add(part.name)
        elif not walk.is_old and walk.seen <= before:
            raise lost.cause from None
        self._lost_at[walk.name] = max(before, walk.seen)
        self._keep(part)
        _log.warning("cursor refused", part=part.name, detail=str(lost))

    def _keep(self, part: LoadPart) -> None:
        self._parts[part.name] = part
        self._run.store.save_part(self._run.number, part)
