"""Ahead: the next page is asked for while the one in hand is mapped and stored. Takes pages, gives them on.

The next page is asked for as soon as the cursor of the last one is decoded and that page is taken: memory
holds two of them. The walk runs in a thread of its own and nowhere else; it ends by itself when it is left,
and never outlives the process.
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

# Not for ever: the system may hand a signal to another thread, which wakes nobody here.
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class TakenPage(Generic[P]):
    """A page, and a moment before it was asked for: what is in it is no older than that."""

    page: P
    asked_at: dt.datetime


class PagesAhead(Generic[P]):
    """Pages of a walk, one of them ahead. `now` tells the time by the platform's clock.

    Of several walks side by side, each tells `arrivals` that it has something to take.
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
        # In the context of who makes it: its log lines name the run.
        run = contextvars.copy_context().run
        self._thread = threading.Thread(target=run, args=(self._walk,), name=type(self).__name__, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Nobody waits for the answer on its way: an end that was asked for is at once.
        self._left = True
        self._wanted.release()

    def take(self) -> TakenPage[P] | None:
        """The next page, None at the end; the one behind it is asked for from now on.

        Raises what the walk raised, and InterruptedRunError when the end is asked for in the meantime.
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
                del page  # whoever took it may be done with it before the next one comes
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
    """The next walk that has something to take. Raises InterruptedRunError when the end is asked for."""
    return wait_for(arrivals, stop)


def wait_for(arrived: queue.SimpleQueue[T], stop: Stop) -> T:
    """The next thing that arrives. Raises InterruptedRunError when the end is asked for."""
    while True:
        try:
            return arrived.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            stop.check()
