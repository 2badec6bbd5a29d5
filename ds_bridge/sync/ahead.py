"""Ahead: asks for the next page while the current page is mapped and stored. Takes pages, passes them on.

A walk asks for its next page once the last page is decoded and taken, so memory holds two pages. The walk
runs in its own thread. The thread ends by itself when nobody takes pages any more, and never outlives the
process.
"""

from __future__ import annotations

import contextvars
import datetime as dt
import queue
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Self, TypeVar

from ds_bridge.sync.stop import Stop

T = TypeVar("T")
P = TypeVar("P")

# Wait in short steps: the system may hand a signal to another thread, which does not wake this one.
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class TakenPage(Generic[P]):
    """A page, and a moment just before the request: the content of the page is not older than that moment."""

    page: P
    asked_at: dt.datetime


class PagesAhead(Generic[P]):
    """The pages of a walk, one page ahead. `now` gives the time by the platform's clock.

    When several walks run side by side, each tells `arrivals` that it has a page to take.
    """

    def __init__(
        self,
        pages: Generator[P],
        *,
        now: Callable[[], dt.datetime],
        stop: Stop,
        arrivals: queue.SimpleQueue[PagesAhead[P]] | None = None,
    ) -> None:
        self._pages, self._now, self._stop, self._arrivals = pages, now, stop, arrivals
        self._wanted = threading.Semaphore(1)
        self._taken: queue.SimpleQueue[TakenPage[P] | BaseException | None] = queue.SimpleQueue()
        self._left = False
        # The thread runs in the context of its maker, so that its log lines name the run.
        run = contextvars.copy_context().run
        self._thread = threading.Thread(target=run, args=(self._walk,), name=type(self).__name__, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Do not wait for the answer that is on its way: the run must end at once when asked to.
        self._left = True
        self._wanted.release()

    def take(self) -> TakenPage[P] | None:
        """The next page, None at the end. The walk then asks for the page after it.

        Raises what the walk raised, and InterruptedRunError when the run is asked to end meanwhile.
        """
        found = wait_for(self._taken, self._stop)
        if isinstance(found, BaseException):
            raise found
        self._wanted.release()
        return found

    def _walk(self) -> None:
        try:
            while True:
                self._wanted.acquire()
                if self._left:
                    return
                asked_at = self._now()
                page = next(self._pages, None)
                if page is None:
                    break
                self._put(TakenPage(page, asked_at))
                del page  # free this page: its taker may finish with it before the next page comes
        except BaseException as error:  # noqa: BLE001 - raised again by `take`, in the thread that waits
            self._put(error)
        else:
            self._put(None)
        finally:
            self._pages.close()

    def _put(self, found: TakenPage[P] | BaseException | None) -> None:
        self._taken.put(found)
        if self._arrivals is not None:
            self._arrivals.put(self)


def wait_for_any(arrivals: queue.SimpleQueue[PagesAhead[P]], stop: Stop) -> PagesAhead[P]:
    """The next walk that has a page to take. Raises InterruptedRunError when the run is asked to end."""
    return wait_for(arrivals, stop)


def wait_for(arrived: queue.SimpleQueue[T], stop: Stop) -> T:
    """The next thing that arrives. Raises InterruptedRunError when the run is asked to end."""
    while True:
        try:
            return arrived.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            stop.check()
