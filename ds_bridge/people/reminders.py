"""Reminders: takes what coverage found, gives a roster of the people to write to, each with a link or draft.

A person who has not deposited gets a link, or their open draft. So does a person whose draft expires within a
day. A person who may have deposited (only a similar name was found) is `possible`, never `missing`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import BinaryIO

from ds_bridge.config import Settings
from ds_bridge.form import Form
from ds_bridge.people.batch import ADDED as BATCH_ADDED
from ds_bridge.people.batch import Batch, Prepare
from ds_bridge.people.coverage import Coverage, Covered
from ds_bridge.people.followup import DYING
from ds_bridge.people.ledger import Ledger
from ds_bridge.people.links import match_columns
from ds_bridge.people.roster import Cell, Roster, RosterFormat, Row, write_roster
from ds_bridge.prefill.drafts import Choice, Prepared, prepare
from ds_bridge.prefill.identity import Identity
from ds_bridge.prefill.values import ChampValue
from ds_bridge.store import Store, StoredDeletion, StoredDraft

ADDED = ("reminder", *BATCH_ADDED, "until", "possible", "note")
"""The columns added to each row. `reminder`: `missing`, `possible`, or `draft` for one that expires soon."""


@dataclass(frozen=True, slots=True, repr=False)
class Reminded:
    """Somebody to write to, the reason, and their open draft."""

    person: Covered
    reminder: str
    draft: StoredDraft | None = None

    @property
    def until(self) -> dt.datetime | None:
        """When the platform destroys the draft, if nobody opens it."""
        return self.draft.expires_at if self.draft is not None and self.draft.is_unclaimed else None

    def describe(self) -> dict[str, Cell]:
        """The columns that this module adds."""
        return {
            "reminder": self.reminder,
            "until": self.until.isoformat(timespec="minutes") if self.until else None,
            "possible": [deposit.number for deposit in self.person.possible],
            "note": _note(self.person),
        }


def find_reminded(store: Store, demarche: int, found: Coverage, now: dt.datetime) -> list[Reminded]:
    """The people to write to, in the roster's order."""
    waiting = _list_waiting(store, demarche, now)
    reminded = []
    for person in found.people:
        draft = waiting.get(person.identifiant) if person.identifiant is not None else None
        if person.status != "deposited":
            reminded.append(Reminded(person, person.status, draft))
        elif draft is not None and draft.is_unclaimed and draft.expires_at <= now + DYING:
            reminded.append(Reminded(person, "draft", draft))
    return reminded


def write_reminders(
    settings: Settings,
    name: str,
    roster: Roster,
    reminded: list[Reminded],
    out: BinaryIO,
    *,
    form: Form | None = None,
    method: Choice = "auto",
    output_format: RosterFormat | None = None,
    check_stop: Callable[[], None] | None = None,
) -> Batch:
    """Write their rows with a link or their open draft. Gives the batch, which tells what could not be made.

    Raises ConfigurationError when no column is known, OSError when `out` cannot be written.
    """
    some = replace(roster, rows=[each.person.row for each in reminded])
    columns = match_columns(settings, name, roster, form)
    with Ledger(settings, name) as ledger:
        make = partial(prepare, settings, name, form=form, client=ledger.open_client, method=method)
        waiting = {each.person.identifiant: each.draft for each in reminded if each.draft is not None}
        batch = Batch(
            some,
            columns,
            partial(_give, settings, name, waiting, make),
            ledger=ledger,
            check_stop=check_stop,
        )
        write_roster(some, _join(batch, reminded), ADDED, out, output_format)
    return batch


def _join(batch: Batch, reminded: list[Reminded]) -> Iterator[tuple[Row, Mapping[str, Cell]]]:
    for each, (row, made) in zip(reminded, batch.run(), strict=True):
        yield row, {**each.describe(), **made}


def _give(
    settings: Settings,
    name: str,
    waiting: Mapping[int | None, StoredDraft],
    make: Prepare,
    identity: Identity,
    champs: Mapping[str, ChampValue],
) -> Prepared:
    """The open draft, else a new link: nobody needs two dossiers for one person."""
    draft = waiting.get(identity.identifiant) if identity.identifiant is not None else None
    path = settings.demarche(name).path
    if draft is None or (draft.is_unclaimed and path is None):
        return make(identity, champs)
    origin = settings.api.url
    # An unclaimed draft opens by its token. A claimed draft opens only for the person who claimed it.
    url = f"{origin}/dossiers/{draft.number}"
    if draft.is_unclaimed:
        url = f"{origin}/commencer/{path}?prefill_token={draft.token}"
    return Prepared(url, "draft", len(url))


def _list_waiting(store: Store, demarche: int, now: dt.datetime) -> dict[int, StoredDraft]:
    """Each person's latest draft that can still be completed."""
    waiting: dict[int, StoredDraft] = {}
    for draft in store.drafts(demarche, states=["prefilled", "claimed"]):
        if draft.identifiant is None or (draft.is_unclaimed and draft.expires_at <= now):
            continue
        known = store.read_dossier(demarche, draft.number)
        if known is None or isinstance(known, StoredDeletion):  # else it was deposited meanwhile
            waiting[draft.identifiant] = draft
    return waiting


def _note(person: Covered) -> str | None:
    if person.status == "possible":
        return "a dossier under a like name may be theirs: look before you write"
    if person.status == "missing" and person.identifiant is None:
        return "no identifiant can be read, so whether they deposited is not sure"
    return None
