"""Faults: the script of what goes wrong with which request. The endpoint asks it before and after each
answer.

faults.add(Fault(action="timeout", nth=3))                 the third request
faults.add(Fault(action="status", status=503, times=2))    the next two
faults.add(Fault(action="drop", operation="DossiersPage", probability=0.1, seed=7))
faults.add(Fault(action="drop", operation="CreateDraft"))  the draft is made, the answer never comes
faults.poison(17204311, "invalid_null"); faults.cure(17204311)
faults.slow_above(25)                                      full pages of more than 25 dossiers time out
faults.skew_seconds = 120                                  the server's clock runs ahead

Faults also strike the public addresses, under these names of operations: `CreateDraft` (POST of the prefill
API), `FollowDrafts` (its GET), `PublicSchema` (`/preremplir/<path>/schema`), `File` (a download) and `Upload`
(the PUT of a file), by any action of HTTP, of the body or of the connection. The request is done first, then
its answer is broken: the caller of `CreateDraft` cannot know whether a draft was made. With `early=True`
nothing is done.

Faults strike mutations too: the mutation is done, then its answer is broken, cut, late, a 500, or a time-out
of each of its fields. With `early=True`, and with `limit`, nothing is done. Two faults are for mutations
only:

faults.add(Fault(action="late", operation="DossierAccepter", seconds=20))   the effect comes after 20 s, even
                                                                            when the client is gone
faults.add(Fault(action="race", operation="DossierAccepter", times=2))      two calls look, then both write
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Action: TypeAlias = Literal[
    # inside GraphQL, with status 200
    "timeout",
    "invalid_null",
    "stale_cursor",
    "refused_cursor",
    "empty",
    # of mutations
    "late",
    "race",
    # of HTTP
    "server_error",
    "status",
    "html",
    "limit",
    # of the body
    "truncated",
    "invalid_json",
    "invalid_utf8",
    "wrong_bytes",
    # of the connection
    "drop",
    "drop_inside",
    "delay",
    "never",
]
GRAPHQL_ACTIONS = frozenset({"timeout", "invalid_null", "stale_cursor", "refused_cursor"})
MUTATION_ACTIONS = frozenset({"late", "race"})


class Fault(BaseModel):
    """One fault and the requests that it strikes. All the given conditions must be true.

    - `operation`: the operation's name; `queries`: part of the document's text.
    - `nth`: of the requests that match the other conditions, only this one (from 1); `times`: at most so
    many.
    - `probability`: for each request that matches, drawn from `seed`: the same seed gives the same draws.
    - `dossier`: the answer shows this dossier; `above`: a page shows more dossiers than this; `full`: the
    dossiers have their champs.
    - `after_cursor`: only requests that go on from a cursor.
    - for `timeout`, `partial`: what the query asks before the nodes is answered; for `status`, the `status`;
      for `delay`, `seconds`; for `limit`, `reset_seconds` (from now on the server's clock) or `retry_after`.
    - `early`: of the public addresses and of mutations, strikes before anything is done.
    - for `late`, `seconds` before the effect; for `race`, the most `seconds` (10) that one call waits for
      the other.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Action
    operation: str | None = None
    queries: str | None = None
    nth: Annotated[int, Field(ge=1)] | None = None
    times: Annotated[int, Field(ge=1)] | None = None
    probability: Annotated[float, Field(ge=0, le=1)] = 1
    seed: int = 0
    dossier: int | None = None
    above: Annotated[int, Field(ge=0)] | None = None
    full: bool = False
    after_cursor: bool = False
    partial: bool = True
    early: bool = False
    status: Annotated[int, Field(ge=400, le=599)] = 502
    seconds: Annotated[float, Field(ge=0)] = 0
    reset_seconds: Annotated[int, Field(ge=0)] = 0
    retry_after: Annotated[int, Field(ge=0)] | None = None

    @property
    def breaks_http(self) -> bool:
        """Whether the fault breaks HTTP, the body or the connection, and not GraphQL."""
        return self.action not in GRAPHQL_ACTIONS | MUTATION_ACTIONS | {"server_error"}

    @property
    def needs_answer(self) -> bool:
        """Whether the condition depends on what the answer shows."""
        return self.full or self.dossier is not None or self.above is not None

    def matches_question(self, operation: str | None, text: str, *, has_cursor: bool) -> bool:
        return (
            (self.operation is None or self.operation == operation)
            and (self.queries is None or self.queries in text)
            and (not self.after_cursor or has_cursor)
        )

    def matches_answer(self, numbers: Iterable[int], *, full: bool) -> bool:
        shown = list(numbers)
        return (
            (not self.full or full)
            and (self.dossier is None or self.dossier in shown)
            and (self.above is None or len(shown) > self.above)
        )


@dataclass(slots=True)
class _Scripted:
    fault: Fault
    matched: int = 0
    struck: int = 0
    done: bool = field(default=False)

    def strikes(self) -> bool:
        """Count a request that matches; whether the fault strikes it."""
        self.matched += 1
        fault = self.fault
        if fault.nth is not None and self.matched != fault.nth:
            return False
        if fault.times is not None and self.struck >= fault.times:
            return False
        if fault.probability < 1 and _draw(fault.seed, self.matched) >= fault.probability:
            return False
        self.struck += 1
        return True


class Faults:
    """The script. Safe to change from another thread while the sandbox answers."""

    def __init__(self) -> None:
        self.skew_seconds = 0.0
        self._lock = threading.Lock()
        self._scripted: dict[int, _Scripted] = {}
        self._made = 0

    def add(self, fault: Fault) -> int:
        """Put a fault in the script. Gives the number to remove it by."""
        with self._lock:
            self._made += 1
            self._scripted[self._made] = _Scripted(fault)
            return self._made

    def poison(self, number: int, action: Action = "server_error") -> int:
        """Let every query that shows this dossier with its champs fail, until `cure`."""
        return self.add(Fault(action=action, dossier=number, full=True))

    def list_dossiers(self, action: Action) -> frozenset[int]:
        """The dossiers that faults of this action strike."""
        with self._lock:
            faults = [scripted.fault for scripted in self._scripted.values()]
        return frozenset(one.dossier for one in faults if one.action == action and one.dossier)

    def cure(self, number: int) -> None:
        """Remove every fault that strikes this dossier."""
        with self._lock:
            self._scripted = {
                key: scripted for key, scripted in self._scripted.items() if scripted.fault.dossier != number
            }

    def slow_above(self, size: int) -> int:
        """Let pages that show more than `size` dossiers with their champs time out."""
        return self.add(Fault(action="timeout", above=size, full=True))

    def remove(self, number: int) -> bool:
        with self._lock:
            return self._scripted.pop(number, None) is not None

    def clear(self) -> None:
        """Remove every fault, and set the clock right."""
        with self._lock:
            self._scripted.clear()
            self.skew_seconds = 0.0

    def scripted(self) -> dict[int, tuple[Fault, int]]:
        """By number: the fault, and how many requests it has struck."""
        with self._lock:
            return {key: (scripted.fault, scripted.struck) for key, scripted in self._scripted.items()}

    def strike_question(self, operation: str | None, text: str, *, has_cursor: bool) -> Fault | None:
        """The fault that strikes a request, among faults that do not depend on the answer."""
        with self._lock:
            for scripted in self._scripted.values():
                fault = scripted.fault
                if (
                    not fault.needs_answer
                    and fault.matches_question(operation, text, has_cursor=has_cursor)
                    and scripted.strikes()
                ):
                    return fault
        return None

    def strike_public(self, operation: str) -> Fault | None:
        """The fault that strikes a request to a public address."""
        with self._lock:
            for scripted in self._scripted.values():
                fault = scripted.fault
                if (
                    fault.action not in GRAPHQL_ACTIONS | MUTATION_ACTIONS
                    and not fault.needs_answer
                    and fault.matches_question(operation, "", has_cursor=False)
                    and scripted.strikes()
                ):
                    return fault
        return None

    def strike_answer(
        self, operation: str | None, text: str, numbers: list[int], *, full: bool, has_cursor: bool
    ) -> Fault | None:
        """The fault that strikes an answer which shows these dossiers."""
        with self._lock:
            for scripted in self._scripted.values():
                fault = scripted.fault
                if (
                    fault.needs_answer
                    and fault.matches_question(operation, text, has_cursor=has_cursor)
                    and fault.matches_answer(numbers, full=full)
                    and scripted.strikes()
                ):
                    return fault
        return None


def _draw(seed: int, count: int) -> float:
    """A number in [0, 1) that depends on both alone."""
    digest = hashlib.sha256(f"{seed}:{count}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
