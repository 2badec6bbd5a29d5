"""Outbox: what is to be changed on the platform. It is written before and after each request.

The room `actions` decides; the outbox only keeps. A key names one action of a démarche for ever. The state of
an action goes `planned → sent → done | refused | unknown`. `content` is what people wrote (a message, a
motivation). `purge` removes the content once the action is over; the key stays, so that the action is not
done again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, func, select, update

from ds_bridge.store.tables import actions
from ds_bridge.store.upsert import insert_into

ActionState: TypeAlias = Literal["planned", "sent", "done", "refused", "unknown"]
OPEN: tuple[ActionState, ...] = ("planned", "sent")
"""States of actions that are not over: the next run goes on with them."""

_KEYS_AT_A_TIME = 400


@dataclass(frozen=True, slots=True)
class StoredAction:
    """An action as last written. `fingerprint`: of its content. `read`: what was read before it was sent.

    `reason`: why it was refused, or why its outcome is unknown. `warning`: what else was seen. `tries`: how
    often it was sent.
    """

    key: str
    dossier: int
    action: str
    fingerprint: str
    content: Mapping[str, Any] | None = field(repr=False)
    created_at: datetime
    state: ActionState = "planned"
    position: int = 0
    tries: int = 0
    read: Mapping[str, Any] | None = field(default=None, repr=False)
    reason: str | None = None
    warning: str | None = None
    sent_at: datetime | None = None
    settled_at: datetime | None = None


_NAMES = tuple(each.name for each in fields(StoredAction))
_COLUMNS = tuple(actions.c[name] for name in _NAMES)
Transaction: TypeAlias = Callable[[], AbstractContextManager[Connection]]


class Outbox:
    """The actions of a store. Every method is one transaction. `read` and `write` open one."""

    def __init__(self, read: Transaction, write: Transaction) -> None:
        self._read, self._write = read, write

    def plan(self, demarche: int, entries: Sequence[StoredAction]) -> None:
        """Write each action after those already there. It replaces what was known under its key."""
        if not entries:
            return
        with self._write() as connection:
            query = select(func.max(actions.c.position)).where(actions.c.demarche == demarche)
            last = connection.execute(query).scalar_one() or 0
            statement = insert_into(actions, connection.dialect.name)
            statement = statement.on_conflict_do_update(
                index_elements=["demarche", "key"],
                set_={name: statement.excluded[name] for name in _NAMES if name != "key"},
            )
            rows = [
                {"demarche": demarche, **{name: getattr(each, name) for name in _NAMES}, "position": place}
                for place, each in enumerate(entries, start=last + 1)
            ]
            connection.execute(statement, rows)

    def note(self, demarche: int, key: str, **changes: Any) -> None:
        """Write what became of one action."""
        with self._write() as connection:
            where = (actions.c.demarche == demarche, actions.c.key == key)
            connection.execute(update(actions).where(*where).values(**changes))

    def find(self, demarche: int, keys: Collection[str]) -> dict[str, StoredAction]:
        """The known actions among these keys."""
        wanted, found = sorted(set(keys)), {}
        with self._read() as connection:
            for start in range(0, len(wanted), _KEYS_AT_A_TIME):
                some = wanted[start : start + _KEYS_AT_A_TIME]
                query = select(*_COLUMNS).where(actions.c.demarche == demarche, actions.c.key.in_(some))
                found.update({row.key: StoredAction(*row) for row in connection.execute(query)})
        return found

    def entries(
        self,
        demarche: int,
        *,
        states: Collection[str] | None = None,
        dossier: int | None = None,
    ) -> list[StoredAction]:
        """Actions in the order in which they were planned."""
        query = select(*_COLUMNS).where(actions.c.demarche == demarche).order_by(actions.c.position)
        if states is not None:
            query = query.where(actions.c.state.in_(list(states)))
        if dossier is not None:
            query = query.where(actions.c.dossier == dossier)
        with self._read() as connection:
            return [StoredAction(*row) for row in connection.execute(query)]

    def list_keys(self, demarche: int, prefix: str) -> dict[int, set[str]]:
        """By dossier, the keys that begin with this prefix, of actions that were not refused."""
        query = select(actions.c.dossier, actions.c.key).where(
            actions.c.demarche == demarche,
            actions.c.key.startswith(prefix, autoescape=True),
            actions.c.state != "refused",
        )
        found: dict[int, set[str]] = {}
        with self._read() as connection:
            for dossier, key in connection.execute(query):
                found.setdefault(dossier, set()).add(key)
        return found


def count_states(connection: Connection, demarche: int) -> dict[str, int]:
    """How many actions are in each state; a state without actions is left out."""
    query = (
        select(actions.c.state, func.count()).where(actions.c.demarche == demarche).group_by(actions.c.state)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def forget_content(connection: Connection, demarche: int, before: datetime) -> None:
    """Remove what people wrote from the actions that were over before that moment."""
    connection.execute(
        update(actions)
        .where(actions.c.demarche == demarche, actions.c.settled_at < before)
        .values(content=None, read=None, reason=None, warning=None)
    )
