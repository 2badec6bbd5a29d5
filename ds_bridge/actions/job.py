"""Job: takes the rows of a file and what an earlier run left over, gives a plan to show and to carry out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ds_bridge.actions.effects import foresee
from ds_bridge.actions.kinds import KINDS, WITH_ANNOTATIONS, WITH_MESSAGES
from ds_bridge.actions.reading import Look, read_situations
from ds_bridge.actions.rows import ReadRow
from ds_bridge.actions.run import Backend, Outcome, Summary, run
from ds_bridge.actions.steps import Dossier
from ds_bridge.actions.verdicts import NO_INSTRUCTEUR, Already, Refuse, judge_wish
from ds_bridge.actions.wishes import Wish
from ds_bridge.api.client import Client
from ds_bridge.errors import ConfigurationError
from ds_bridge.store import Store, StoredAction
from ds_bridge.store.outbox import OPEN

WAIT_SECONDS = 45.0
"""After this time a request without an answer has ended: the platform's own limit is 30 s."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of a plan. `place`: its row; None for an action that an earlier run left over.

    `will`: `do`, `settle` (sent before, without an answer), `already`, `refused`, `unknown` (from an earlier
    run, not sent again), `later` (the platform cannot give the dossier now).
    """

    key: str
    dossier: int
    action: str
    will: str
    reason: str | None = None
    place: int | None = None

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        names = ("place", "key", "dossier", "action", "will", "reason")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Orders:
    """How a job is done. `resend`: keys of unknown actions that somebody checked and wants to send again.

    `name` is the démarche's in the configuration, for messages.
    """

    instructeur: str | None = None
    wait_seconds: float = WAIT_SECONDS
    resend: tuple[str, ...] = ()
    name: str = "NAME"


@dataclass(slots=True)
class Job:
    """A plan. Nothing is written and nothing is changed before `carry_out`."""

    plan: list[Planned]
    fresh: list[StoredAction]
    dossiers: list[Dossier]
    backend: Backend = field(repr=False)

    def count(self, will: str) -> int:
        """How many lines have this `will`."""
        return sum(each.will == will for each in self.plan)

    @property
    def will_change(self) -> bool:
        """Whether there is something to send, or to settle."""
        return bool(self.count("do") or self.count("settle"))

    def carry_out(
        self,
        *,
        sleep: Callable[[float], None],
        check_stop: Callable[[], None],
        tell: Callable[[Outcome], None] | None = None,
    ) -> Summary:
        """Write the intentions down, then do each. `sleep` may raise: then the run ends after the current
        request."""
        outbox, demarche = self.backend.store.outbox, self.backend.demarche
        outbox.plan(demarche, self.fresh)
        known = outbox.find(demarche, [each.key for dossier in self.dossiers for each in dossier.entries])
        for dossier in self.dossiers:
            dossier.entries = [known[each.key] for each in dossier.entries]
        return run(self.dossiers, self.backend, sleep=sleep, check_stop=check_stop, tell=tell)


def now_in_utc() -> dt.datetime:
    """The time by our clock."""
    return dt.datetime.now(dt.UTC)


def prepare(
    client: Client,
    store: Store,
    demarche: int,
    rows: Sequence[ReadRow],
    orders: Orders,
    *,
    clock: Callable[[], dt.datetime] = now_in_utc,
) -> Job:
    """Read the dossiers of these rows and of actions left over by an earlier run, and judge each wish.

    Raises ConfigurationError for a wrong `resend`, or when a wish needs an instructeur and none is set.
    """
    left_over = store.outbox.entries(demarche, states=OPEN)
    resent = [_plan_again(each, clock()) for each in find_unknown(store, demarche, orders.resend)]
    known = store.outbox.find(demarche, [row.wish.key for row in rows if row.wish])
    taken = {each.key for each in [*left_over, *resent]}
    plan: list[Planned] = []
    fresh: list[StoredAction] = []
    for row in rows:
        if row.wish is None or row.wish.key in taken:
            continue
        stored = known.get(row.wish.key)
        if stored is None or stored.state == "refused":
            fresh.append(row.wish.to_stored(clock()))
        else:
            plan.append(_tell_known(row, stored))
    entries = [*left_over, *resent, *fresh]
    if orders.instructeur is None and any(KINDS[each.action].instructeur for each in entries):
        raise ConfigurationError(NO_INSTRUCTEUR.replace("NAME", orders.name))
    backend = Backend(client, store, demarche, orders.wait_seconds, clock)
    dossiers, look = _look(backend, entries, orders.instructeur)
    places = {row.wish.key: row.place for row in rows if row.wish}
    for dossier in dossiers:
        plan += _foresee_all(dossier, places, look.unreadable.get(dossier.number))
    plan.sort(key=lambda each: (each.place is not None, each.place or 0))
    readable = [each for each in dossiers if each.number not in look.unreadable]
    return Job(plan, [*resent, *fresh], readable, backend)


def find_unknown(store: Store, demarche: int, keys: Sequence[str]) -> list[StoredAction]:
    """The unknown actions with these keys. Raises ConfigurationError for any other key."""
    found = store.outbox.find(demarche, keys)
    for key in keys:
        entry = found.get(key)
        if entry is None or entry.state != "unknown" or entry.content is None:
            raise ConfigurationError(
                f"--resend {key}: no action of this key is unknown (ds-bridge actions NAME --state unknown)"
            )
    return [found[key] for key in dict.fromkeys(keys)]


def _plan_again(entry: StoredAction, now: dt.datetime) -> StoredAction:
    return replace(
        entry, state="planned", created_at=now, reason=None, warning=None, read=None, settled_at=None
    )


def _tell_known(row: ReadRow, stored: StoredAction) -> Planned:
    will, reason = "already", "done by an earlier run"
    if stored.state == "unknown":
        will, reason = "unknown", f"look at the dossier, then --resend {stored.key}, or leave it"
    return Planned(stored.key, stored.dossier, stored.action, will, reason, row.place)


def _look(
    backend: Backend, entries: Sequence[StoredAction], instructeur: str | None
) -> tuple[list[Dossier], Look]:
    """The dossiers of these actions, each with where it stands."""
    if not entries:
        return [], Look()
    backend.messages = any(each.action in WITH_MESSAGES for each in entries)
    backend.annotations = any(each.action in WITH_ANNOTATIONS for each in entries)
    desk = backend.client.desk(backend.demarche)
    grouped: dict[int, list[StoredAction]] = {}
    for each in entries:
        grouped.setdefault(each.dossier, []).append(each)
    look = read_situations(
        backend.client,
        backend.store,
        backend.demarche,
        grouped.keys(),
        messages=backend.messages,
        annotations=backend.annotations,
    )
    dossiers = []
    for number, own in grouped.items():
        now = look.situations.get(number)
        dossiers.append(Dossier(number, desk, instructeur, own, now, is_gone=now is None))
    return dossiers, look


def _foresee_all(dossier: Dossier, places: Mapping[str, int], unreadable: str | None) -> Iterator[Planned]:
    """A line for each action, judged on the dossier as the actions before it will leave it."""
    now = dossier.now
    for entry in dossier.entries:
        wish, place = Wish.of(entry), places.get(entry.key)
        will, reason = "do", None
        if unreadable is not None:
            will, reason = "later", f"the platform cannot give the dossier: {unreadable}"
        elif entry.state == "sent":
            will, reason = "settle", "sent before, and nobody answered: the dossier is read first"
        else:
            verdict = judge_wish(wish, now, dossier.desk, dossier.instructeur)
            if isinstance(verdict, Already):
                will, reason = "already", verdict.reason
            elif isinstance(verdict, Refuse):
                will, reason = "refused", verdict.reason
            elif now is not None:
                now = foresee(wish, now, dossier.desk, dossier.instructeur)
        yield Planned(entry.key, entry.dossier, entry.action, will, reason, place)
