"""Connections: limits how many callers are connected, and how long a request may take to arrive.

A caller who opens connections and sends nothing, or sends byte by byte, must not keep the others out. So a
request must arrive whole within a time. When all places are taken, the connection that has been silent
longest is ended for the next caller. A request that is being answered is never cut.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Callable
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from ds_bridge.log import get_logger

ACCEPTED_AT_ONCE = 8
"""asyncio accepts this many connections before it closes the ended ones."""
WAITING_OUTSIDE = 512
"""How many connections the system keeps waiting until they are accepted."""

_KEPT_BACK = 8 * ACCEPTED_AT_ONCE + 48
"""Descriptors kept back from callers: for such a burst, for files, for the store."""
_FEWEST = 8
_TELL_SECONDS = 60.0
_BODY_FACTOR = 3

_log = get_logger("ds_bridge.web")


def count_places(wanted: int, descriptors: int | None = None) -> int:
    """How many connections to allow: as many as wanted, but no more than the process may open.

    `descriptors` defaults to the process's own limit of open files.
    """
    if descriptors is None:
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return wanted
    return max(min(wanted, descriptors - _KEPT_BACK), _FEWEST)


class Hall:
    """The connected callers, at most `places`. The head of a request must arrive within `head_seconds`.

    Its body has three times as long. To be used from the event loop only.
    """

    def __init__(
        self, places: int, head_seconds: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.places = places
        self.head_seconds = head_seconds
        self.body_seconds = head_seconds * _BODY_FACTOR
        self._clock = clock
        self._inside: set[Caller] = set()
        self._silent: dict[Caller, None] = {}  # in the order in which they fell silent
        self._told_at: float | None = None

    def enter(self, caller: Caller) -> None:
        """Let a caller in. Without a free place, the caller silent longest must leave; if there is none, the
        new one."""
        if len(self._inside) >= self.places:
            self._tell()
            next(iter(self._silent), caller).leave()
        self._inside.add(caller)
        self.listen_to(caller)

    def listen_to(self, caller: Caller) -> None:
        """From now on, wait for this caller's request."""
        if caller in self._inside:
            self._silent.pop(caller, None)
            self._silent[caller] = None

    def answer(self, caller: Caller) -> None:
        """The caller's request is whole: the caller keeps the place until the answer is sent."""
        self._silent.pop(caller, None)

    def forget(self, caller: Caller) -> None:
        """A caller has gone."""
        self._inside.discard(caller)
        self._silent.pop(caller, None)

    def _tell(self) -> None:
        now = self._clock()
        if self._told_at is None or now - self._told_at >= _TELL_SECONDS:
            self._told_at = now
            _log.warning(
                "every connection is taken: the most silent caller makes room for the next",
                connections=self.places,
            )


class Caller(H11Protocol):
    """One connection. uvicorn speaks HTTP with it; this class limits the wait for a request."""

    def __init__(self, hall: Hall, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._hall = hall
        self._timer: asyncio.TimerHandle | None = None
        self._had_cycle: object = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._hall.enter(self)
        self._wait(self._hall.head_seconds)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        # Do this before uvicorn does: uvicorn goes on with the bytes after this request.
        self._hall.listen_to(self)
        self._wait(self._hall.head_seconds)
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        self._hall.forget(self)
        self._stop_timer()
        super().connection_lost(exc)

    def leave(self) -> None:
        """End the connection at once, even when data is on its way."""
        self._hall.forget(self)
        self._stop_timer()
        self.transport.abort()

    def _look(self) -> None:
        """What has arrived of the request: nothing new, its head, or all of it."""
        cycle = cast("RequestResponseCycle | None", self.cycle)  # there is none before the first request
        if cycle is None or cycle.response_complete or self.transport.is_closing():
            return
        if not cycle.more_body:
            self._hall.answer(self)
            self._stop_timer()
        elif cycle is not self._had_cycle:
            self._had_cycle = cycle
            self._wait(self._hall.body_seconds)

    def _wait(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self.leave)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
