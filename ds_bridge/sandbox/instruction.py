"""Instruction: what it adds to a dossier beside its champs: decisions, messages, avis, annotations, labels.

Plain frozen objects: a change replaces one. A dossier on which nobody acted keeps none: `seed_instruction`
makes it at each reading, so that a world of a hundred thousand dossiers stays small.
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
"""For each state, the event that leads to it."""


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
    """A step of a dossier. `agent`: the e-mail of the instructeur; None for an automatic step."""

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
    """A message. `sender`: an e-mail (the platform's own for its messages). A removed message has
    `discarded_at`, an empty body, no file."""

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
    """The whole instruction of a dossier. `annotations` are values as in `dossiers`; `written_at` is when
    each was last written (by the key of `annotation_key`); `labels` and `followers` are numbers, which may be
    there twice."""

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
        """The message with a correction that is not resolved."""
        return next(
            (one for one in self.messages if one.correction and one.correction.resolved_at is None), None
        )

    def add_traitement(
        self, number: int, event: str, state: str, at: dt.datetime, agent: str | None, motivation: str | None
    ) -> Instruction:
        """Add a step to dossier `number`. Ids grow."""
        new_id = max([number * 1000, *(one.id for one in self.traitements)]) + 1
        step = Traitement(new_id, event, state, at, agent, motivation)
        return replace(self, traitements=(*self.traitements, step))

    def add_message(self, number: int, **parts: Any) -> Instruction:
        """Add a message at the end of `messages`."""
        new_id = max([number * 1000, *(one.id for one in self.messages)]) + 1
        return replace(self, messages=(*self.messages, Message(id=new_id, **parts)))

    def replace_message(self, message: Message) -> Instruction:
        """Replace the message with the same id."""
        messages = tuple(message if one.id == message.id else one for one in self.messages)
        return replace(self, messages=messages)

    def resolve_correction(self, at: dt.datetime) -> Instruction:
        """Resolve the pending correction, if any."""
        changed = self
        while (message := changed.pending_correction) is not None and message.correction is not None:
            done = replace(message.correction, resolved_at=at)
            changed = changed.replace_message(replace(message, correction=done))
        return changed


def annotation_key(stable: int, row: str | None = None) -> str:
    """The key of an annotation in `written_at`: `700901`, or `700910|01HX…` in a row."""
    return str(stable) if row is None else f"{stable}|{row}"
