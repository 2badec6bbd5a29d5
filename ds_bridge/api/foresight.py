"""Foresight: the next page is asked for while the dossiers of this one are still coming.

Takes the questions of one walk, gives their replies. The platform answers in the order of the query, and ours
name `pageInfo` before `nodes`: the cursor stands at the head of an answer of megabytes. A question that is
not the one foreseen is sent as if nothing had been; what was foreseen in vain is dropped with whatever came.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from ds_bridge.api.queries import BoundQuery
from ds_bridge.api.transport import Reply, Send
from ds_bridge.threads import make_thread

_PAGE_INFO = re.compile(rb'"pageInfo":\s*(\{[^{}]*\})')


@dataclass(frozen=True, slots=True)
class Question:
    """A request for a page, and the one for the page behind it, by what its `pageInfo` says."""

    request: BoundQuery
    foresee: Callable[[Any], Question | None]

    def is_same(self, other: Question) -> bool:
        """Whether both ask for the same page."""
        return self.request == other.request


class Foresight:
    """Asks at most one question ahead of the one that is waited for. `ask` from one thread.

    `send` is called from another as well.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._asked: Question | None = None
        self._foreseen: _Call | None = None

    def ask(self, question: Question) -> Reply:
        """The reply to a question, on its way already or not. Raises what `send` raises."""
        foreseen, asked, self._asked = self._foreseen, self._asked, question
        if foreseen is not None and foreseen.question.is_same(question):
            self._foreseen = None
            foreseen.want(self._start)
            return foreseen.take()
        if asked is None or not asked.is_same(question):  # else it is tried again: what is behind it stays
            self._foreseen = None
        call = _Call(question, self._send)
        call.want(self._start)
        return call.exchange()

    def _start(self, question: Question) -> None:
        if self._foreseen is not None and self._foreseen.question.is_same(question):
            return
        call = _Call(question, self._send)
        try:
            make_thread(call.run, name=type(self).__name__).start()
        except RuntimeError:  # the system gives no more of them: it will be asked in its turn
            return
        self._foreseen = call


class _Call:
    """One exchange. Once its head has come and somebody wants its reply, the question behind it is sent."""

    def __init__(self, question: Question, send: Send) -> None:
        self.question = question
        self._reply: Future[Reply] = Future()
        self._send = send
        self._lock = threading.Lock()
        self._start: _Start | None = None
        self._behind: Question | None = None

    def want(self, start: _Start) -> None:
        """Somebody waits for the reply: from now on the question behind it may be sent."""
        with self._lock:
            self._start = start
            self._go_on()

    def exchange(self) -> Reply:
        """The exchange, to its end, for who wants its reply now."""
        return self._send(self.question.request, self._see)

    def run(self) -> None:
        """The same ahead of its time: the reply is kept."""
        try:
            self._reply.set_result(self.exchange())
        except BaseException as error:  # noqa: BLE001 - raised again where the reply is wanted
            self._reply.set_exception(error)

    def take(self) -> Reply:
        """What `run` kept, once; waits for it. Raises what it met."""
        try:
            return self._reply.result()
        finally:
            # An error leads to where it was raised, and from there to here: no circle, with an answer in it.
            del self._reply

    def _see(self, head: bytes) -> None:
        info = _read_page_info(head)
        with self._lock:
            self._behind = None if info is None else self.question.foresee(info)
            self._go_on()

    def _go_on(self) -> None:
        if self._start is not None and self._behind is not None:
            self._start(self._behind)
            self._behind = None


_Start: TypeAlias = Callable[[Question], None]


def _read_page_info(head: bytes) -> Any:
    """What the head of an answer says of its page; None when it does not."""
    found = _PAGE_INFO.search(head)
    if found is None:
        return None
    try:
        return orjson.loads(found[1])
    except orjson.JSONDecodeError:
        return None
