"""What instruction leaves beside a dossier's champs: decisions, messages, avis, annotations, labels.

Plain frozen data, changed by replacing. A dossier that nobody acted on holds none: `seed_instruction`
makes it again at each reading, so that a world of a hundred thousand stays small.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from pydantic import ConfigDict

EVENTS: Mapping[str, str] = {
    "en_construction": "repasse_en_construction",
    "en_instruction": "passe_en_instruction",
    "accepte": "accepte",
    "refuse": "refuse",
    "sans_suite": "classe_sans_suite",
}
"""State → the event that leads to it."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file. In the state file its bytes are base64."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    filename: str
    content_type: str
    content: bytes
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Traitement:
    """A step of a dossier. `agent`: the e-mail of the instructeur; None for what happened by itself."""

    id: int
    event: str
    state: str
    at: dt.datetime
    agent: str | None = None
    motivation: str | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    reason: str
    resolved_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """`sender`: an e-mail, the platform's for its own. Removed: `discarded_at`, an empty body, no file."""

    id: int
    sender: str
    body: str
    at: dt.datetime
    discarded_at: dt.datetime | None = None
    files: tuple[StoredFile, ...] = ()
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class Avis:
    id: int
    question: str
    asked_at: dt.datetime
    claimant: str
    expert: str
    answer: str | None = None
    choice_label: str | None = None
    choice: bool | None = None
    answered_at: dt.datetime | None = None
    files: tuple[StoredFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Instruction:
    """All of it. `annotations` are values as in `dossiers`, `written_at` when each was written last (by the
    key of `annotation_key`), `labels` and `followers` numbers, which may stand twice."""

    traitements: tuple[Traitement, ...] = ()
    messages: tuple[Message, ...] = ()
    avis: tuple[Avis, ...] = ()
    labels: tuple[int, ...] = ()
    followers: tuple[int, ...] = ()
    annotations: Mapping[int, Any] = field(default_factory=dict)
    written_at: Mapping[str, dt.datetime] = field(default_factory=dict)
    motivation: str | None = None
    motivation_file: StoredFile | None = None
    attestation: StoredFile | None = None

    @property
    def pending_correction(self) -> Message | None:
        """The message whose correction nobody resolved."""
        return next(
            (one for one in self.messages if one.correction and one.correction.resolved_at is None), None
        )

    def add_traitement(
        self, number: int, event: str, state: str, at: dt.datetime, agent: str | None, motivation: str | None
    ) -> Instruction:
        """One step more of dossier `number`. Ids grow."""
        new_id = max([number * 1000, *(one.id for one in self.traitements)]) + 1
        step = Traitement(new_id, event, state, at, agent, motivation)
        return replace(self, traitements=(*self.traitements, step))

    def add_message(self, number: int, **parts: Any) -> Instruction:
        """One message more, the last of `messages`."""
        new_id = max([number * 1000, *(one.id for one in self.messages)]) + 1
        return replace(self, messages=(*self.messages, Message(id=new_id, **parts)))

    def replace_message(self, message: Message) -> Instruction:
        """The message in the place of the one with its id."""
        messages = tuple(message if one.id == message.id else one for one in self.messages)
        return replace(self, messages=messages)

    def resolve_correction(self, at: dt.datetime) -> Instruction:
        """The pending correction, if any, is resolved."""
        changed = self
        while (message := changed.pending_correction) is not None and message.correction is not None:
            done = replace(message.correction, resolved_at=at)
            changed = changed.replace_message(replace(message, correction=done))
        return changed


def annotation_key(stable: int, row: str | None = None) -> str:
    """The key of an annotation in `written_at`: `700901`, or `700910|01HX…` in a row."""
    return str(stable) if row is None else f"{stable}|{row}"
