"""Drafts: which prefilled draft was made for whom, and what became of it.

`prefill` makes drafts and never sees the store; `followup` connects the two. A draft and its dossier have the
same number: by it a deposited dossier finds the person for whom it was prefilled.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, bindparam, select

from ds_bridge.store.tables import drafts
from ds_bridge.store.upsert import insert_into

DraftState: TypeAlias = Literal["prefilled", "claimed", "deposited", "processed", "gone"]

DRAFT_LIFE = timedelta(days=5)
"""After this time the platform destroys a draft that nobody has claimed."""


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A draft as last seen. The identifiants are the pilotage's; `token` is never printed.

    `state`: `prefilled` (nobody has claimed it, the platform destroys it at `expires_at`), `claimed`
    (somebody who logged in works on it), `deposited`, `processed` (accepted, refused or closed), `gone` (the
    platform does not have it any more).
    """

    number: int
    token: str = field(repr=False)
    created_at: datetime
    expires_at: datetime
    identifiant: int | None = None
    structure_identifiant: int | None = None
    state: DraftState = "prefilled"
    submitted_at: datetime | None = None
    processed_at: datetime | None = None
    gone_at: datetime | None = None
    checked_at: datetime | None = None

    @property
    def is_unclaimed(self) -> bool:
        """Whether the platform destroys it at `expires_at` if nobody opens it."""
        return self.state == "prefilled"


_COLUMNS = (
    drafts.c.number,
    drafts.c.token,
    drafts.c.created_at,
    drafts.c.expires_at,
    drafts.c.identifiant,
    drafts.c.structure_identifiant,
    drafts.c.state,
    drafts.c.submitted_at,
    drafts.c.processed_at,
    drafts.c.gone_at,
    drafts.c.checked_at,
)

# Made once: a service asks for somebody's drafts at each request.
_OF_PERSON = (
    select(*_COLUMNS)
    .where(drafts.c.demarche == bindparam("demarche"), drafts.c.identifiant == bindparam("identifiant"))
    .order_by(drafts.c.created_at, drafts.c.number)
)


def save_drafts(connection: Connection, demarche: int, entries: Sequence[StoredDraft]) -> None:
    """Write each draft. It replaces what the store knew under its number."""
    if not entries:
        return
    statement = insert_into(drafts, connection.dialect.name)
    names = [column.name for column in _COLUMNS]
    statement = statement.on_conflict_do_update(
        index_elements=["number"],
        set_={name: statement.excluded[name] for name in ("demarche", *names) if name != "number"},
    )
    connection.execute(
        statement,
        [{"demarche": demarche, **{name: getattr(each, name) for name in names}} for each in entries],
    )


def list_drafts(
    connection: Connection, demarche: int, *, states: Collection[DraftState] | None = None
) -> list[StoredDraft]:
    """A démarche's drafts, the oldest first."""
    query = select(*_COLUMNS).where(drafts.c.demarche == demarche)
    if states is not None:
        query = query.where(drafts.c.state.in_(list(states)))
    return _read(connection, query.order_by(drafts.c.created_at, drafts.c.number))


def list_drafts_of(connection: Connection, demarche: int, identifiant: int) -> list[StoredDraft]:
    """A person's drafts, the oldest first."""
    rows = connection.execute(_OF_PERSON, {"demarche": demarche, "identifiant": identifiant})
    return [StoredDraft(*row) for row in rows]


def find_open_drafts(
    connection: Connection, demarche: int, identifiant: int, now: datetime
) -> list[StoredDraft]:
    """Drafts that this person can still complete: claimed ones, and unclaimed ones that have not expired."""
    query = (
        select(*_COLUMNS)
        .where(drafts.c.demarche == demarche, drafts.c.identifiant == identifiant)
        .where(drafts.c.state.in_(["prefilled", "claimed"]))
        .order_by(drafts.c.number)
    )
    found = _read(connection, query)
    return [each for each in found if not each.is_unclaimed or each.expires_at > now]


def _read(connection: Connection, query: Any) -> list[StoredDraft]:
    return [StoredDraft(*row) for row in connection.execute(query)]
