"""Where: takes a person's number in the pilotage, gives their drafts, their dossiers, and what comes next.

It reads the store only, so the answer is as of the last good run. A dossier is tied to a person by the number
typed in it, else by the draft from which it was made; never by a name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from ds_bridge.config import DemarcheSettings, Settings
from ds_bridge.errors import MappingError, PrefillError
from ds_bridge.form import read_forms
from ds_bridge.mapping import make_plan
from ds_bridge.mapping.person import PersonChamp, find_person
from ds_bridge.prefill.identity import Identity
from ds_bridge.store import PersonDossier, PersonRecord, Store, StoredDraft

NOTHING = "nothing yet"
CORRECTION = "correction asked for"
_OF_STATES = {
    "en_construction": "deposited",
    "en_instruction": "under instruction",
    "accepte": "accepted",
    "refuse": "refused",
    "sans_suite": "closed without follow-up",
}
_OF_DRAFTS = {
    "prefilled": "prefilled, not opened",
    "claimed": "opened, not deposited",
    "deposited": "deposited",
    "processed": "processed",
    "gone": "draft gone",
}
_EXPIRED = "draft expired"
_OPEN = frozenset({_OF_DRAFTS["prefilled"], _OF_DRAFTS["claimed"]})


@dataclass(frozen=True, slots=True)
class DraftStand:
    """A draft made for the person. `until`: when it expires unopened. `checked_at`: when it was last
    followed."""

    number: int
    state: str
    next: str
    created_at: dt.datetime
    until: dt.datetime | None
    checked_at: dt.datetime | None

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "number": self.number,
            "state": self.state,
            "next": self.next,
            "created_at": _write(self.created_at),
            "until": _write(self.until),
            "checked_at": _write(self.checked_at),
        }


@dataclass(frozen=True, slots=True)
class DossierStand:
    """A dossier of the person. `by`: how that is known. `url` opens it for the person who deposited it."""

    number: int
    state: str
    next: str
    by: str
    deposited_at: dt.datetime
    modified_at: dt.datetime
    correction_asked_at: dt.datetime | None
    valid: bool
    errors: int
    warnings: int
    url: str

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "number": self.number,
            "state": self.state,
            "next": self.next,
            "by": self.by,
            "deposited_at": _write(self.deposited_at),
            "modified_at": _write(self.modified_at),
            "correction_asked_at": _write(self.correction_asked_at),
            "valid": self.valid,
            "anomalies": {"error": self.errors, "warning": self.warnings},
            "url": self.url,
        }


@dataclass(frozen=True)
class Whereabouts:
    """The answer. `next`: where the person stands, in one word. `as_of`: when the last good run began."""

    name: str
    identifiant: int
    next: str
    drafts: Sequence[DraftStand]
    dossiers: Sequence[DossierStand]
    as_of: dt.datetime | None
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "name": self.name,
            "identifiant": self.identifiant,
            "next": self.next,
            "drafts": [draft.to_json() for draft in self.drafts],
            "dossiers": [dossier.to_json() for dossier in self.dossiers],
            "as_of": _write(self.as_of),
            "warnings": list(self.warnings),
        }


def where(
    settings: Settings,
    name: str,
    identifiant: int | str,
    *,
    store: Store | None = None,
    now: dt.datetime | None = None,
) -> Whereabouts:
    """Where the person with this number stands with the démarche called `name` in the configuration.

    >>> where(load_settings(), "cra", 4211).next  # doctest: +SKIP
    'deposited'

    Opens the store of the configuration to read, unless one is given. Raises PrefillError for a value that is
    not a number, ConfigurationError for an unknown name, StoreError when there is no store yet.
    """
    settings.demarche(name)
    number = read_identifiant(identifiant)
    with Store.open_to_read(settings.store.url) if store is None else nullcontext(store) as opened:
        return look(settings, name, number, opened, find_champs(settings, name, opened), now)


def read_identifiant(identifiant: int | str) -> int:
    """The number. Raises PrefillError, without the value."""
    number = Identity(identifiant=identifiant).identifiant
    if number is None:
        raise PrefillError("identifiant: empty")
    return number


def find_champs(settings: Settings, name: str, store: Store) -> str:
    """The champs by which the store should tell people apart, on the form that it keeps; empty without such a
    champ."""
    demarche = settings.demarche(name)
    return find_person_champ(demarche, store.read_form(demarche.number)).key


def find_person_champ(demarche: DemarcheSettings, document: Mapping[str, Any] | None) -> PersonChamp:
    """The champ that holds the person's number, on the form that a sync kept; empty without a form."""
    if document is None:
        return PersonChamp()
    active, others = read_forms(dict(document))
    try:
        plan = make_plan(demarche.model, demarche.champs, active, others, lenient=True)
    except MappingError:  # every sync reports this; the champ may still be known
        plan = None
    return find_person(plan, active, demarche.champs, demarche.person)


def look(
    settings: Settings, name: str, identifiant: int, store: Store, champs: str, now: dt.datetime | None = None
) -> Whereabouts:
    """`where` in an open store, for a program that asks often. `champs` is what `find_champs` gives."""
    record = store.read_person(settings.demarche(name).number, identifiant)
    dossiers = [_stand(dossier, settings.api.url) for dossier in record.dossiers]
    by_number = {dossier.number: dossier for dossier in dossiers}
    moment = now or dt.datetime.now(dt.UTC)
    drafts = [_follow(draft, by_number.get(draft.number), moment) for draft in record.drafts]
    good = record.last_good_run
    return Whereabouts(
        name,
        identifiant,
        _conclude(drafts, dossiers),
        drafts,
        dossiers,
        good.started_at if good else None,
        tuple(_warn(name, record, champs)),
    )


def _stand(dossier: PersonDossier, origin: str) -> DossierStand:
    asked = dossier.correction_asked_at
    return DossierStand(
        number=dossier.number,
        state=dossier.state,
        next=CORRECTION if asked else _OF_STATES.get(dossier.state, dossier.state),
        by="draft" if dossier.by_draft else "identifiant",
        deposited_at=dossier.deposited_at,
        modified_at=dossier.modified_at,
        correction_asked_at=dt.datetime.fromisoformat(asked) if asked else None,
        valid=dossier.valid,
        errors=dossier.errors,
        warnings=dossier.warnings,
        url=f"{origin}/dossiers/{dossier.number}",
    )


def _follow(draft: StoredDraft, dossier: DossierStand | None, now: dt.datetime) -> DraftStand:
    """A draft is deposited when the store has its dossier, even when nobody followed the draft since."""
    state = "deposited" if dossier is not None and draft.state in ("prefilled", "claimed") else draft.state
    unopened = state == "prefilled"
    following = _EXPIRED if unopened and draft.expires_at <= now else _OF_DRAFTS[state]
    return DraftStand(
        number=draft.number,
        state=state,
        next=following if dossier is None else dossier.next,
        created_at=draft.created_at,
        until=draft.expires_at if unopened else None,
        checked_at=draft.checked_at,
    )


def _conclude(drafts: Sequence[DraftStand], dossiers: Sequence[DossierStand]) -> str:
    """One word for everything: first what somebody must do, then what was begun last."""
    if any(dossier.next == CORRECTION for dossier in dossiers):
        return CORRECTION
    last = dossiers[-1] if dossiers else None
    begun = [draft for draft in drafts if draft.next in _OPEN]
    if begun and (last is None or begun[-1].created_at > last.deposited_at):
        return begun[-1].next
    if last is not None:
        return last.next
    return drafts[-1].next if drafts else NOTHING


def _warn(name: str, record: PersonRecord, champs: str) -> list[str]:
    warnings = []
    if record.last_good_run is None:
        warnings.append(f"this démarche has never been synced whole: run ds-bridge sync {name}")
    elif record.champs is None or record.champs != champs:
        warnings.append(
            f"the store does not know yet whose its dossiers are, or used another champ: run ds-bridge"
            f" remap {name}"
        )
    elif not champs:
        warnings.append(
            "no champ is known to hold the person's number, so only drafts tie dossiers to people: set"
            f" demarches.{name}.person"
        )
    return warnings


def _write(moment: dt.datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
