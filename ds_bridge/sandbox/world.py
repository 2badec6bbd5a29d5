"""The World: everything that the sandbox knows, with one lock and one clock.

The GraphQL side reads it; the pages and the prefill API write drafts into it and deposit them:

    form = world.form_at(path)                 the DemarcheForm of /commencer/<path>; `form.active.champs`,
                                               `forms.is_visible(descriptor, values, row_values)`
    world.is_old_path(path)                    the current path when `path` redirects (301), else None
    draft = world.create_draft(number, identity, values)             by a link or by the prefill API
    draft = world.create_draft(number, Identity(), {}, prefilled=False)     somebody starts by hand
    draft = world.draft(token)                 None when unknown or dead (unclaimed for five days)
    draft = world.claim_draft(token, email)    somebody logged in and goes on with it
    draft = world.save_draft(token, identity, values)                replaces both
    dossier = world.deposit(token, email)      a Dossier, at once in GraphQL; the draft's state: "deposited"
    world.dossier(draft.number)                what became of it (state, processed_at), None when gone
    world.new_row_id()                         the id of a row that a person adds

`dossiers.py` describes the values. Every object from the World is frozen: change it through the World.
`world.mails` are the e-mails queued so far: the dossier's number and what happened.
`world.max_complexity` is the highest cost of a document (None: no limit). `world.rules` are the rules that
depend on the instance's version (`prefill.PrefillRules`).

With a state file, the World starts from it and writes it whole (and atomically) after each change.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ds_bridge.sandbox.demarche import Demarche
from ds_bridge.sandbox.dossiers import (
    ENDED_STATES,
    STATES,
    DeletedDossier,
    Dossier,
    Draft,
    Identity,
    Kept,
    Row,
    SandboxError,
    Token,
    Values,
    make_row_id,
    make_secret,
)
from ds_bridge.sandbox.files import Cabinet
from ds_bridge.sandbox.forms import DemarcheForm, Revision, load_forms
from ds_bridge.sandbox.instruction import EVENTS, Instruction, Message
from ds_bridge.sandbox.prefill import NEWEST_RULES, PrefillRules
from ds_bridge.sandbox.seed import make_dossiers
from ds_bridge.sandbox.seed_instruction import read_instruction
from ds_bridge.sandbox.staff import INSTRUCTEURS, Label
from ds_bridge.sandbox.state import load_world, save_world
from ds_bridge.sandbox.uploads import Uploads

DRAFT_LIFE = dt.timedelta(days=5)
FIRST_NUMBER = 17_204_311
CRA_NUMBER = 82349
ALL_KINDS_NUMBER = 99001
ALL_KINDS_DOSSIERS = 36
OTHER_DOSSIERS = 7
MAX_COMPLEXITY = 60_000
MAILS_KEPT = 50_000
TOKEN_NAMES = ("full", "readonly", "narrow", "expired", "network")


def read_clock() -> dt.datetime:
    """The machine's clock."""
    return dt.datetime.now(dt.UTC)


class World:
    """Démarches, dossiers, drafts and tokens. Safe to use from several threads.

    `clock` gives aware datetimes; `advance` moves this world's time ahead of the clock.
    """

    def __init__(
        self,
        seed: int = 1,
        clock: Callable[[], dt.datetime] = read_clock,
        state_file: Path | None = None,
        forms: tuple[DemarcheForm, ...] | None = None,
        rules: PrefillRules = NEWEST_RULES,
    ) -> None:
        self.seed = seed
        self.lock = threading.RLock()
        self.state_file = state_file
        self.rules = rules
        self.max_complexity: int | None = MAX_COMPLEXITY
        self.instructeurs: dict[int, str] = dict(INSTRUCTEURS)
        self.drafts: dict[str, Draft] = {}
        self.demarches = {form.number: Demarche(form) for form in (forms or load_forms())}
        self.next_number = FIRST_NUMBER
        self.made = 0
        self.advanced = dt.timedelta(0)
        self._clock = clock
        self._depth = 0
        self.tokens = self.make_tokens()
        self.cabinet = Cabinet(make_secret(seed, "files"))
        self.uploads = Uploads(make_secret(seed, "uploads"))
        self.mails: deque[tuple[int, str]] = deque(maxlen=MAILS_KEPT)

    @classmethod
    def open(
        cls,
        seed: int = 1,
        dossiers: int = 0,
        state_file: Path | None = None,
        clock: Callable[[], dt.datetime] = read_clock,
        rules: PrefillRules = NEWEST_RULES,
    ) -> World:
        """The world of an existing state file; else a new world with so many CRA, and a few other dossiers.

        The CRA come first: their numbers do not depend on the others.
        """
        if state_file is not None and state_file.exists():
            world = cls(seed, clock, rules=rules)
            load_world(world, state_file)
            world.state_file = state_file
            return world
        world = cls(seed, clock, state_file, rules=rules)
        world.seed_dossiers(dossiers)
        for number in world.demarches:
            if number != CRA_NUMBER and dossiers:
                world.seed_dossiers(
                    ALL_KINDS_DOSSIERS if number == ALL_KINDS_NUMBER else OTHER_DOSSIERS, number
                )
        return world

    # --- time, tokens, forms

    def now(self) -> dt.datetime:
        """This world's time, aware, in UTC."""
        return self._clock().astimezone(dt.UTC) + self.advanced

    def advance(self, delta: dt.timedelta) -> dt.datetime:
        """Move this world's time ahead. Gives the new time."""
        with self._change():
            self.advanced += delta
        return self.now()

    def token(self, name: str = "full") -> str:
        """A token's secret. Names: full, readonly, narrow (sees no démarche), expired, network."""
        return self.tokens[name].secret

    def find_token(self, secret: str) -> Token | None:
        return next((token for token in self.tokens.values() if token.secret == secret), None)

    def demarche(self, number: int) -> Demarche | None:
        return self.demarches.get(number)

    def form(self, number: int) -> DemarcheForm | None:
        """A démarche's form by number."""
        demarche = self.demarches.get(number)
        return demarche.form if demarche else None

    def form_at(self, path: str) -> DemarcheForm | None:
        """The form behind `/commencer/<path>` (its current path only)."""
        return next((d.form for d in self.demarches.values() if d.form.path == path), None)

    def is_old_path(self, path: str) -> str | None:
        """The current path of the démarche that used to be at `path`."""
        return next((d.form.path for d in self.demarches.values() if path in d.form.old_paths), None)

    def set_demarche(self, number: int, **changes: Any) -> None:
        """Change a démarche: `state="close"`, `opendata=False`, `path=…`, `revisions=…`."""
        with self._change():
            demarche = self._demarche(number)
            demarche.form = replace(demarche.form, **changes)

    def publish(self, number: int, revision: Revision) -> None:
        """Publish a revision of a form. Open dossiers move to it at once, and keep their date."""
        with self._change():
            demarche = self._demarche(number)
            others = tuple(one for one in demarche.form.revisions if one.number != revision.number)
            demarche.form = replace(demarche.form, revisions=(*others, revision))
            for dossier in list(demarche.dossiers.values()):
                if dossier.state not in ENDED_STATES:
                    kept = Kept(dict(dossier.values))
                    demarche.put(replace(dossier, content=kept, revision=revision.number))

    def labels(self, number: int) -> dict[int, Label]:
        """A démarche's labels, by number."""
        return {label.number: label for label in self._demarche(number).form.staff.labels}

    # --- drafts

    def create_draft(
        self, number: int, identity: Identity, values: Values, *, prefilled: bool = True
    ) -> Draft:
        """Start a dossier of this démarche. Raises SandboxError when there is none or it is closed."""
        with self._change():
            form = self._demarche(number).form
            if form.state not in ("publiee", "brouillon"):
                raise SandboxError(f"démarche {number} is {form.state}: it takes no new dossier")
            draft = Draft(
                token=make_secret(self.seed, "draft", self._count()),
                number=self.take_number(),
                demarche=number,
                revision=form.active.number,
                created_at=self.now(),
                state="prefilled" if prefilled else "brouillon",
                identity=identity,
                values=dict(values),
                prefilled=prefilled,
                prefilled_champs=_list_champs(values) if prefilled else frozenset(),
            )
            self.drafts[draft.token] = draft
            return draft

    def draft(self, token: str) -> Draft | None:
        """A draft by its token; None when there is none, or it died unclaimed."""
        with self.lock:
            draft = self.drafts.get(token)
            if draft is None or (draft.state == "prefilled" and self.now() >= draft.created_at + DRAFT_LIFE):
                return None
            return draft

    def claim_draft(self, token: str, email: str) -> Draft:
        """A person who logged in claims the draft: it is not destroyed after five days any more."""
        with self._change():
            return self._keep_draft(replace(self._open_draft(token), state="brouillon", email=email))

    def save_draft(self, token: str, identity: Identity, values: Values) -> Draft:
        """Replace a draft's identity and values. Raises SandboxError when it is gone or deposited."""
        with self._change():
            return self._keep_draft(replace(self._open_draft(token), identity=identity, values=dict(values)))

    def deposit(self, token: str, email: str) -> Dossier:
        """Make the draft a dossier `en_construction`. Raises SandboxError when it is gone or deposited."""
        with self._change():
            draft = self._keep_draft(replace(self._open_draft(token), state="deposited", email=email))
            now = self.now()
            form = self._demarche(draft.demarche).form
            noted = {one.stable for one in form.revision(draft.revision).annotations} & draft.values.keys()
            dossier = Dossier(
                number=draft.number,
                demarche=draft.demarche,
                revision=draft.revision,
                state="en_construction",
                deposited_at=now,
                modified_at=now,
                construction_at=now,
                champs_modified_at=now,
                content=Kept({key: value for key, value in draft.values.items() if key not in noted}),
                identity=draft.identity,
                email=email,
                prefilled=draft.prefilled,
                prefilled_champs=draft.prefilled_champs,
            )
            if noted:  # annotations may be prefilled by whoever makes the link
                held = self.read_instruction(dossier)
                written = {stable: draft.values[stable] for stable in noted}
                held = replace(held, annotations={**held.annotations, **written})
                dossier = replace(dossier, instruction=held)
            self.demarches[draft.demarche].put(dossier)
            return dossier

    # --- dossiers

    def dossier(self, number: int) -> Dossier | None:
        """A dossier by number, hidden ones included; None when unknown or deleted."""
        with self.lock:
            return next((d.dossiers[number] for d in self.demarches.values() if number in d.dossiers), None)

    def read_instruction(self, dossier: Dossier) -> Instruction:
        """What instructeurs did with a dossier: its own instruction, else the one that the seed makes."""
        return read_instruction(self.seed, self._demarche(dossier.demarche).form, dossier)

    def find_message(self, message_id: int) -> tuple[Dossier, Message] | None:
        """A message by its number, and its dossier."""
        with self.lock:
            likely = self.dossier(message_id // 1000)
            others = (dossier for home in self.demarches.values() for dossier in home.dossiers.values())
            kept = (dossier for dossier in others if dossier.instruction is not None)
            for dossier in ([likely] if likely else []) + list(kept):
                for message in self.read_instruction(dossier).messages:
                    if message.id == message_id:
                        return dossier, message
        return None

    def add_dossier(self, dossier: Dossier) -> Dossier:
        """Put a whole dossier in, or replace it with its new version."""
        with self._change():
            self._demarche(dossier.demarche).put(dossier)
            self.next_number = max(self.next_number, dossier.number + 1)
            return dossier

    def add_dossiers(self, count: int, demarche: int = CRA_NUMBER) -> list[Dossier]:
        """Add invented dossiers that are deposited now."""
        return self._invent(count, demarche, is_new=True)

    def seed_dossiers(self, count: int, demarche: int = CRA_NUMBER) -> list[Dossier]:
        """Add invented dossiers of the past, in every state. Fast, whatever the count."""
        return self._invent(count, demarche, is_new=False)

    def modify(
        self, number: int, values: Values | None = None, *, at: dt.datetime | None = None,
        touch: bool = True, **changes: Any,
    ) -> Dossier:  # fmt: skip
        """Change a dossier: some `values` (None blanks one), or any field of Dossier.

        `at` is its new modification date (by default now); a date in the past makes a late commit.
        `touch=False` does not change the date, like some changes on the platform.
        """
        with self._change():
            dossier = self._dossier(number)
            moment = at or self.now()
            if values is not None:
                merged = {**dossier.values, **values}
                changes["content"] = Kept({key: value for key, value in merged.items() if value is not None})
                changes.setdefault("champs_modified_at", moment)
            if touch:
                changes["modified_at"] = moment
            changed = replace(dossier, **changes)
            self.demarches[changed.demarche].put(changed)
            return changed

    def change_state(self, number: int, state: str, *, at: dt.datetime | None = None) -> Dossier:
        """Move a dossier to another state, with the dates that go with it."""
        if state not in STATES:
            raise SandboxError(f"no such state: {state}")
        moment = at or self.now()
        dates: dict[str, Any] = {"processed_at": moment if state in ENDED_STATES else None}
        if state == "en_construction":
            dates |= {"construction_at": moment, "instruction_at": None}
        else:
            dates["instruction_at"] = self._dossier(number).instruction_at or moment
        held = self._dossier(number).instruction
        if held is not None:
            agent = self.instructeurs[min(self.instructeurs)]
            dates["instruction"] = held.add_traitement(number, EVENTS[state], state, moment, agent, None)
        return self.modify(number, at=moment, state=state, **dates)

    def hide_by_user(self, number: int, *, at: dt.datetime | None = None) -> Dossier:
        """Its usager deletes it: a pending deletion while `en_construction`; later it stays visible."""
        moment = at or self.now()
        return self.modify(number, at=moment, hidden_by_user_at=moment, hidden_reason="user_request")

    def hide_by_administration(self, number: int, *, at: dt.datetime | None = None) -> Dossier:
        """An instructeur deletes it: a pending deletion."""
        moment = at or self.now()
        return self.modify(
            number, at=moment, hidden_by_administration_at=moment, hidden_reason="instructeur_request"
        )

    def restore(self, number: int) -> Dossier:
        """Take a hidden dossier back; its modification date is now."""
        return self.modify(
            number, hidden_by_user_at=None, hidden_by_administration_at=None, hidden_reason=None
        )

    def delete(self, number: int, reason: str = "user_request") -> DeletedDossier:
        """Delete for good. The date goes back to when its usager hid it, as on the platform."""
        with self._change():
            dossier = self._dossier(number)
            backdated = dossier.hidden_by_user_at if dossier.state == "en_construction" else None
            deleted = DeletedDossier(
                id=self._count(),
                number=number,
                demarche=dossier.demarche,
                state=dossier.state,
                reason=reason,
                deleted_at=backdated or self.now(),
            )
            self.demarches[dossier.demarche].remove(deleted)
            return deleted

    def new_row_id(self) -> str:
        """The id of a new row of a block."""
        with self._change():
            return make_row_id(self.seed, "row", self._count())

    def take_number(self) -> int:
        """The next dossier number. Numbers grow, with gaps (other démarches' dossiers)."""
        number = self.next_number
        self.next_number += 1 + (number * 7 + self.seed) % 13
        return number

    # --- inside

    def make_tokens(self) -> dict[str, Token]:
        """The tokens of this seed, by name."""
        secrets = {name: make_secret(self.seed, "token", name, length=48) for name in TOKEN_NAMES}
        long_ago = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
        return {
            "full": Token("full", secrets["full"], can_write=True),
            "readonly": Token("readonly", secrets["readonly"]),
            "narrow": Token("narrow", secrets["narrow"], demarches=frozenset()),
            "expired": Token("expired", secrets["expired"], expires_at=long_ago),
            "network": Token("network", secrets["network"], refused_network=True),
        }

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Hold the lock; save after the outermost change."""
        with self.lock:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
            if self._depth == 0 and self.state_file is not None:
                save_world(self, self.state_file)

    def _invent(self, count: int, demarche: int, *, is_new: bool) -> list[Dossier]:
        with self._change():
            home = self._demarche(demarche)
            numbers = [self.take_number() for _ in range(count)]
            added = make_dossiers(self.seed, home, numbers, self.now(), is_new=is_new)
            home.put_new(added)
            return added

    def _count(self) -> int:
        self.made += 1
        return self.made

    def _demarche(self, number: int) -> Demarche:
        if number not in self.demarches:
            raise SandboxError(f"no démarche {number}")
        return self.demarches[number]

    def _dossier(self, number: int) -> Dossier:
        dossier = self.dossier(number)
        if dossier is None:
            raise SandboxError(f"no dossier {number}")
        return dossier

    def _open_draft(self, token: str) -> Draft:
        draft = self.draft(token)
        if draft is None:
            raise SandboxError("no such draft: unknown, or destroyed after five days")
        if draft.state == "deposited":
            raise SandboxError(f"dossier {draft.number} is deposited already")
        return draft

    def _keep_draft(self, draft: Draft) -> Draft:
        kept = replace(draft, updated_at=self.now())
        self.drafts[kept.token] = kept
        return kept


def _list_champs(values: Values) -> frozenset[int]:
    """The stable numbers of the champs with these values. A block counts by the champs of its rows only."""
    champs: set[int] = set()
    for stable, value in values.items():
        rows = [row for row in value if isinstance(row, Row)] if isinstance(value, list) else []
        champs.update(*(row.values for row in rows)) if rows else champs.add(stable)
    return frozenset(champs)
