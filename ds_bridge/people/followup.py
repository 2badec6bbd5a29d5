"""Follow-up: asks the platform what became of the drafts in the store.

A draft is recorded as soon as it is made. Then the platform is asked about drafts, some fifty in one call,
until each is processed or gone. When a call fails, nothing is lost.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ds_bridge.errors import (
    ConfigurationError,
    DsBridgeError,
    PlatformUnavailableError,
    ProtocolError,
    RetriableError,
)
from ds_bridge.log import tell_count
from ds_bridge.prefill.drafts import Prepared
from ds_bridge.prefill.identity import Identity
from ds_bridge.store import DRAFT_LIFE, DraftState, Store, StoredDraft

if TYPE_CHECKING:
    from ds_bridge.api.public import PublicClient

DRAFTS_A_CALL = 50
DYING = dt.timedelta(hours=24)
# Its usager may take back a deleted dossier: so the platform is asked about it for some more days.
ASKED_AFTER_GONE = dt.timedelta(days=7)

_PROCESSED = frozenset({"accepte", "refuse", "sans_suite"})
_DEPOSITED = frozenset({"en_construction", "en_instruction"})


@dataclass(frozen=True)
class FollowUp:
    """A démarche's drafts as they now stand. `changed`: those with news. `dying`: expire within 24 hours.

    `error`: why the platform could not be asked about some drafts; these stay as they were.
    """

    drafts: Sequence[StoredDraft]
    changed: Sequence[StoredDraft] = ()
    dying: Sequence[StoredDraft] = ()
    asked: int = 0
    error: DsBridgeError | None = None

    def describe(self) -> str:
        """Counts by state, in one line."""
        counts = Counter(draft.state for draft in self.drafts)
        states = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
        return f"{tell_count(len(self.drafts), 'draft')} ({states or 'none'}), {len(self.changed)} with news"


def record_draft(
    store: Store, demarche: int, prepared: Prepared, identity: Identity | None, now: dt.datetime
) -> tuple[str, ...]:
    """Keep a draft that was just made. Gives a warning for each other open draft of this person.

    Does nothing for a link. Raises StoreError: then the draft exists and cannot be followed.
    """
    if prepared.number is None or prepared.token is None:
        return ()
    known = identity or Identity()
    others: list[StoredDraft] = []
    if known.identifiant is not None:
        others = store.find_open_drafts(demarche, known.identifiant, now)
    draft = StoredDraft(
        number=prepared.number,
        token=prepared.token,
        created_at=now,
        expires_at=now + DRAFT_LIFE,
        identifiant=known.identifiant,
        structure_identifiant=known.structure_identifiant,
    )
    store.save_drafts(demarche, [draft])
    return tuple(
        f"this person has another draft already: dossier {each.number}, {each.state}" for each in others
    )


def follow_drafts(
    store: Store, client: PublicClient, demarche: int, *, now: dt.datetime | None = None
) -> FollowUp:
    """Ask what became of each draft that is not processed or gone, and record the answer after each call.

    Raises StoreError only. When the platform does not answer, `error` says so and nothing changes.
    """
    moment = now or _read_clock()
    followed = [draft for draft in store.drafts(demarche) if _is_followed(draft, moment)]
    changed: list[StoredDraft] = []
    failure: DsBridgeError | None = None
    asked = 0
    for start in range(0, len(followed), DRAFTS_A_CALL):
        some = followed[start : start + DRAFTS_A_CALL]
        try:
            answers = client.follow(demarche, [draft.token for draft in some])
        except (RetriableError, ProtocolError, PlatformUnavailableError, ConfigurationError) as error:
            failure = error
            break
        fresh = _read_answers(some, answers, moment)
        store.save_drafts(demarche, fresh)
        asked += len(some)
        changed += [new for old, new in zip(some, fresh, strict=True) if new.state != old.state]
    drafts = store.drafts(demarche)
    dying = [draft for draft in drafts if draft.is_unclaimed and moment < draft.expires_at <= moment + DYING]
    return FollowUp(drafts, changed, dying, asked, failure)


def describe_draft(draft: StoredDraft) -> dict[str, Any]:
    """JSON-ready, without the token."""
    return {
        "number": draft.number,
        "identifiant": draft.identifiant,
        "structure_identifiant": draft.structure_identifiant,
        "state": draft.state,
        "created_at": _write(draft.created_at),
        "expires_at": _write(draft.expires_at),
        "submitted_at": _write(draft.submitted_at),
        "processed_at": _write(draft.processed_at),
        "gone_at": _write(draft.gone_at),
        "checked_at": _write(draft.checked_at),
    }


def _is_followed(draft: StoredDraft, now: dt.datetime) -> bool:
    if draft.gone_at is not None:
        return now < draft.gone_at + ASKED_AFTER_GONE
    return draft.state != "processed"


def _read_answers(
    drafts: Sequence[StoredDraft], answers: Sequence[Mapping[str, Any]], now: dt.datetime
) -> list[StoredDraft]:
    by_token = {str(answer.get("dossier_prefill_token")): answer for answer in answers}
    return [_update(draft, by_token.get(draft.token), now) for draft in drafts]


def _update(draft: StoredDraft, answer: Mapping[str, Any] | None, now: dt.datetime) -> StoredDraft:
    if answer is None:  # the platform leaves out drafts that it does not have any more
        return replace(draft, state="gone", gone_at=draft.gone_at or now, checked_at=now)
    submitted, processed = _read_date(answer.get("submitted_at")), _read_date(answer.get("processed_at"))
    state = _read_state(answer.get("state"), submitted, processed)
    if state is None:
        return replace(draft, checked_at=now)
    return replace(
        draft,
        state=state,
        submitted_at=submitted or draft.submitted_at,
        processed_at=processed,
        gone_at=None,
        checked_at=now,
    )


def _read_state(
    state: object, submitted: dt.datetime | None, processed: dt.datetime | None
) -> DraftState | None:
    """Our state for the platform's state; None for an unknown one."""
    if processed or state in _PROCESSED:
        return "processed"
    if submitted or state in _DEPOSITED:
        return "deposited"
    known: dict[object, DraftState] = {"prefilled": "prefilled", "brouillon": "claimed"}
    return known.get(state)


def _read_date(text: object) -> dt.datetime | None:
    if not isinstance(text, str):
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _write(moment: dt.datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _read_clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
