"""Steps: takes one dossier's actions from the outbox to their end: says what to write, send, read, await. No
I/O.

    work = carry_out(dossier)          # a generator of orders; `run` executes each and sends back what came
    order = next(work)

Before every order that changes something, another order writes it down. So when a process is killed at any
point, `carry_out` can go on from the outbox: it first settles, by reading, what was `sent`.

The rules. A planned action is judged on what is known now, written down as sent, then sent. Done or refused
is written down. Without an answer: wait until the server has ended the request, read the dossier, and compare
it with what was written down. When the effect is seen, the action is done. When it is absent, the action is
sent again, three times at most. When nobody can tell, the action is unknown and is never sent again by
itself. An action that leaves no trace once somebody undid it (an archive, a follower), and cannot be done
again, is unknown too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ds_bridge.actions.effects import apply_answer
from ds_bridge.actions.kinds import MOVES
from ds_bridge.actions.settling import (
    LEAVES_NO_TRACE,
    Absent,
    Before,
    Seen,
    Unclear,
    count_moves,
    count_twice,
    settle,
    tell_message,
    write_down,
)
from ds_bridge.actions.verdicts import Already, Call, Refuse, Send, judge_wish
from ds_bridge.actions.wishes import Wish
from ds_bridge.api.mutations import Done, Refused, Result, Unknown
from ds_bridge.api.records import Message
from ds_bridge.api.situations import Acted, Desk, Situation
from ds_bridge.errors import DsBridgeError
from ds_bridge.store import StoredAction

MOST_TRIES = 3
"""How often an action is sent in one run at most. Before each further try, its effect is proved absent."""


@dataclass(frozen=True, slots=True)
class Write:
    """Write these columns of the action, in a transaction of its own."""

    key: str
    changes: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """Send it once. The answer is a `Result`; an error thrown into the generator means: it did not arrive."""

    call: Call
    dossier: str


@dataclass(frozen=True, slots=True)
class Read:
    """Read the dossier. The answer is a Situation; None when there is no such dossier."""

    number: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait until the server has ended a request that left at `since` (None: now)."""

    since: dt.datetime | None


Order: TypeAlias = Write | Request | Read | Wait
Work: TypeAlias = Generator[Order, Any, None]


@dataclass(slots=True)
class Dossier:
    """A dossier with its actions, in order. `now`: its situation; None when it must be read first."""

    number: int
    desk: Desk
    instructeur: str | None
    entries: list[StoredAction]
    now: Situation | None = None
    is_gone: bool = False


def carry_out(dossier: Dossier) -> Work:
    """Carry out every action of the dossier, one after the other: at most one request is under way."""
    for entry in sorted(dossier.entries, key=lambda each: (each.state != "sent", each.position)):
        if entry.state == "sent":
            yield from _resume(dossier, entry)
        else:
            yield from _begin(dossier, entry, 0, was_sent=entry.read is not None)


def _resume(dossier: Dossier, entry: StoredAction) -> Work:
    yield Wait(entry.sent_at)
    dossier.now = None
    yield from _settle(dossier, entry, entry.read or {}, 0)


def _begin(dossier: Dossier, entry: StoredAction, tries: int, *, was_sent: bool = False) -> Work:
    """Carry out a planned action. `tries`: how often this run sent it and found it absent. `was_sent`: any
    run sent it."""
    wish = Wish.of(entry)
    yield from _know(dossier)
    verdict = judge_wish(wish, dossier.now, dossier.desk, dossier.instructeur)
    if isinstance(verdict, Already):
        yield Write(wish.key, {"state": "done", "reason": verdict.reason})
    elif isinstance(verdict, Refuse) and was_sent and wish.action in LEAVES_NO_TRACE:
        reason = f"it was sent and nobody answered: perhaps somebody undid it, now {verdict.reason}"
        yield Write(wish.key, {"state": "unknown", "reason": reason})
    elif isinstance(verdict, Refuse):
        yield Write(wish.key, {"state": "refused", "reason": verdict.reason})
    elif tries >= MOST_TRIES:
        reason = f"the platform failed {tries} times, and it is proved not done: give it again later"
        yield Write(wish.key, {"state": "refused", "reason": reason})
    else:
        yield from _send(dossier, entry, verdict, tries + 1, was_sent=was_sent)


def _send(dossier: Dossier, entry: StoredAction, verdict: Send, tries: int, *, was_sent: bool) -> Work:
    wish, now = Wish.of(entry), _known(dossier)
    before = write_down(wish, now, dossier.desk, verdict.agent)
    intent = {"state": "sent", "read": before, "tries": entry.tries + tries, "reason": None, "warning": None}
    yield Write(wish.key, intent)
    try:
        result: Result = yield Request(verdict.call, now.id)
    except DsBridgeError:
        yield Write(wish.key, {"state": "planned"} if was_sent else {"state": "planned", "read": None})
        raise
    if isinstance(result, Done):
        yield Write(wish.key, {"state": "done", "warning": _tell(wish, before, result.value)})
        dossier.now = apply_answer(now, result.value)
    elif isinstance(result, Unknown):
        yield Wait(None)
        dossier.now = None
        yield from _settle(dossier, entry, before, tries)
    else:
        yield from _take_refusal(dossier, wish, result)


def _take_refusal(dossier: Dossier, wish: Wish, refused: Refused) -> Work:
    """The platform refused. What we knew may have been old: perhaps the wish is true already."""
    dossier.now = None
    yield from _know(dossier)
    verdict = judge_wish(wish, dossier.now, dossier.desk, dossier.instructeur)
    if isinstance(verdict, Already):
        yield Write(wish.key, {"state": "done", "reason": f"{verdict.reason}, by somebody else"})
    else:
        yield Write(wish.key, {"state": "refused", "reason": refused.reason})


def _settle(dossier: Dossier, entry: StoredAction, before: Before, tries: int) -> Work:
    wish = Wish.of(entry)
    yield from _know(dossier)
    settled = settle(wish, before, dossier.now, dossier.desk, dossier.instructeur)
    if isinstance(settled, Seen):
        yield Write(wish.key, {"state": "done", "warning": settled.warning})
    elif isinstance(settled, Unclear):
        yield Write(wish.key, {"state": "unknown", "reason": settled.reason})
    elif isinstance(settled, Absent):
        yield Write(wish.key, {"state": "planned"})
        yield from _begin(dossier, entry, tries, was_sent=True)


def _know(dossier: Dossier) -> Work:
    if dossier.now is None and not dossier.is_gone:
        dossier.now = yield Read(dossier.number)
        dossier.is_gone = dossier.now is None


def _known(dossier: Dossier) -> Situation:
    if dossier.now is None:
        raise RuntimeError("a dossier that was not read cannot be changed")
    return dossier.now


def _tell(wish: Wish, before: Before, answer: Any) -> str | None:
    """Warnings from the answer: an effect that a race on the platform wrote twice, a correction that was
    dropped."""
    if isinstance(answer, Message) and wish.action == "envoyer_message":
        return tell_message(wish, answer.correction is not None)
    if isinstance(answer, Acted):
        return count_moves(wish, before, answer) if wish.action in MOVES else count_twice(wish, answer)
    return None
