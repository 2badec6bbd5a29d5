"""Run: executes the orders of `steps` on the platform and in the outbox. Decides only which dossier is next.

While one dossier waits for a request to end, the others go on.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ds_bridge.actions.steps import Dossier, Order, Read, Request, Wait, Work, Write, carry_out
from ds_bridge.actions.verdicts import Call
from ds_bridge.api.client import Client
from ds_bridge.api.mutations import Refused, Result, Unknown
from ds_bridge.api.situations import Situation
from ds_bridge.api.uploads import Blob
from ds_bridge.errors import (
    BadDataError,
    BadRequestError,
    DsBridgeError,
    NotFoundError,
    OutOfScopeError,
    PlatformUnavailableError,
)
from ds_bridge.store import Store

MOST_FAILURES_IN_A_ROW = 5
_OVER = ("done", "refused", "unknown")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one action."""

    key: str
    state: str
    reason: str | None = None
    warning: str | None = None

    def to_json(self) -> dict[str, str | None]:
        """JSON-ready."""
        return {"key": self.key, "state": self.state, "reason": self.reason, "warning": self.warning}


@dataclass(slots=True)
class Summary:
    """What a run did. `error`: what ended it early; the other actions stay planned or sent, for the next
    run."""

    outcomes: list[Outcome] = field(default_factory=list)
    requests: int = 0
    error: DsBridgeError | None = None

    def count(self, state: str) -> int:
        """How many actions ended with this outcome."""
        return Counter(each.state for each in self.outcomes)[state]

    @property
    def exit_code(self) -> int:
        """0; 4 when the outcome of some is unknown; or the error's own code."""
        if self.error is not None:
            return self.error.exit_code
        return 4 if self.count("unknown") else 0


@dataclass(slots=True)
class Backend:
    """The platform and the outbox. After `wait_seconds`, a request without an answer has ended."""

    client: Client
    store: Store
    demarche: int
    wait_seconds: float
    clock: Callable[[], dt.datetime]
    messages: bool = True
    annotations: bool = True

    def execute(self, order: Write | Request | Read) -> Any:
        """Execute an order. An error raised by a Request means that the request did not arrive."""
        if isinstance(order, Write):
            return self._write(order)
        if isinstance(order, Read):
            return self._read(order.number)
        return self._send(order.call, order.dossier)

    def due(self, order: Wait) -> dt.datetime:
        """When the wait is over."""
        return (order.since or self.clock()) + dt.timedelta(seconds=self.wait_seconds)

    def _write(self, order: Write) -> None:
        changes, now = dict(order.changes), self.clock()
        if changes["state"] == "sent":
            changes |= {"sent_at": now, "settled_at": None}
        elif changes["state"] in _OVER:
            changes["settled_at"] = now
        self.store.outbox.note(self.demarche, order.key, **changes)

    def _read(self, number: int) -> Situation | None:
        try:
            return self.client.situation(
                self.demarche, number, messages=self.messages, annotations=self.annotations
            )
        except (NotFoundError, OutOfScopeError):
            return None

    def _send(self, call: Call, dossier: str) -> Result:
        more = {name: value for name, value in call.more.items() if value is not None}
        if call.piece is not None:
            blob = read_piece(call.piece)
            if blob is None:
                return Refused("the file changed, or cannot be read any more")
            try:
                more[call.piece_as] = self.client.mutations.televerser(dossier, blob)
            except (BadRequestError, BadDataError, NotFoundError, OutOfScopeError) as error:
                return Refused(str(error))
        result: Result = getattr(self.client.mutations, call.method)(*call.args, **more)
        return result


def read_piece(piece: Any) -> Blob | None:
    """The file of a row; None when its content is not the planned one."""
    try:
        blob = Blob(piece["filename"], Path(piece["path"]).read_bytes())
    except OSError:
        return None
    return blob if blob.checksum == piece["checksum"] else None


def run(
    dossiers: Iterable[Dossier],
    backend: Backend,
    *,
    sleep: Callable[[float], None],
    check_stop: Callable[[], None],
    tell: Callable[[Outcome], None] | None = None,
) -> Summary:
    """Carry out every action of these dossiers. Raises none of our errors: the summary's `error` holds
    them."""
    turns = _Turns(backend, sleep, check_stop, tell)
    started = backend.client.requests
    try:
        turns.take_all(carry_out(dossier) for dossier in dossiers)
    except DsBridgeError as error:
        turns.summary.error = error
    turns.summary.requests = backend.client.requests - started
    return turns.summary


class _Turns:
    def __init__(
        self,
        backend: Backend,
        sleep: Callable[[float], None],
        check_stop: Callable[[], None],
        tell: Callable[[Outcome], None] | None,
    ) -> None:
        self._backend, self._sleep, self._check_stop, self._tell = backend, sleep, check_stop, tell
        self._waiting: list[tuple[dt.datetime, int, Work]] = []
        self._parked = 0
        self._failures = 0
        self.summary = Summary()

    def take_all(self, works: Iterable[Work]) -> None:
        """Carry each dossier to its end. While one waits, the others go on."""
        ready = deque(works)
        while ready or self._waiting:
            self._check_stop()
            now = self._backend.clock()
            if self._waiting and (self._waiting[0][0] <= now or not ready):
                due, _, work = heapq.heappop(self._waiting)
                if due > now:
                    self._sleep((due - now).total_seconds())
                self._advance(work)
            else:
                self._advance(ready.popleft())

    def _advance(self, work: Work) -> None:
        """Go on with a dossier until it waits or is over."""
        answer: Any = None
        while (order := self._next(work, answer)) is not None:
            if isinstance(order, Wait):
                self._parked += 1
                heapq.heappush(self._waiting, (self._backend.due(order), self._parked, work))
                return
            try:
                answer = self._backend.execute(order)
            except DsBridgeError as error:
                if isinstance(order, Request):
                    self._throw(work, error)
                raise
            self._note(order, answer)
            if isinstance(order, Write) and order.changes["state"] in _OVER:
                self._check_stop()

    def _next(self, work: Work, answer: Any) -> Order | None:
        try:
            return work.send(answer)
        except StopIteration:
            return None

    def _throw(self, work: Work, error: DsBridgeError) -> None:
        """Let the dossier write down that the request did not arrive."""
        order = work.throw(error)
        if isinstance(order, Write):
            self._backend.execute(order)

    def _note(self, order: Order, answer: Any) -> None:
        if isinstance(order, Request):
            self._failures = self._failures + 1 if isinstance(answer, Unknown) else 0
        if isinstance(order, Write) and order.changes["state"] in _OVER:
            changes = order.changes
            outcome = Outcome(order.key, changes["state"], changes.get("reason"), changes.get("warning"))
            self.summary.outcomes.append(outcome)
            if self._tell:
                self._tell(outcome)
        if self._failures >= MOST_FAILURES_IN_A_ROW:
            raise PlatformUnavailableError(
                f"the platform failed {self._failures} times in a row: run the same command again later"
            )
