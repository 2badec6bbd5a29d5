"""The instruction of one dossier as the API shows it: takes an `Instruction`, gives nodes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ds_bridge.sandbox.instruction import Avis, Instruction, Message, StoredFile, Traitement
from ds_bridge.sandbox.node import Node, typed_id, write_datetime, write_optional
from ds_bridge.sandbox.staff import Label

FileWriter: TypeAlias = Callable[[StoredFile], Node]


@dataclass(frozen=True)
class InstructionWriter:
    """Makes the nodes. `write_file` makes files; `labels` and `instructeurs` are those of the world, by
    number."""

    instruction: Instruction
    write_file: FileWriter
    labels: Mapping[int, Label]
    instructeurs: Mapping[int, str]
    now: dt.datetime

    def write(self) -> dict[str, Any]:
        """The fields of a dossier that instruction fills. Each is made when it is asked for."""
        held = self.instruction
        return {
            "avis": lambda _info, id=None: pick([self._avis(one) for one in held.avis], id),  # noqa: A006 - the API's name
            "messages": lambda _info, id=None: pick([self.message(one) for one in held.messages], id),  # noqa: A006 - the API's name
            "traitements": lambda _info: [_traitement(one) for one in held.traitements],
            "labels": lambda _info: [write_label(self.labels[number]) for number in held.labels],
            "instructeurs": lambda _info: [
                write_instructeur(number, self.instructeurs[number]) for number in held.followers
            ],
            "motivation": held.motivation,
            "motivationAttachment": lambda _info: self._file(held.motivation_file),
            "attestation": lambda _info: self._attestation(),
            "dateDerniereCorrectionEnAttente": self._correction_at(),
        }

    def message(self, message: Message) -> Node:
        files = [self.write_file(file) for file in message.files]
        correction = None
        if message.correction is not None:
            correction = Node(
                __typename="Correction",
                reason=message.correction.reason,
                dateResolution=write_optional(message.correction.resolved_at),
            )
        return Node(
            __typename="Message",
            id=typed_id("Commentaire", message.id),
            email=message.sender,
            body=message.body,
            createdAt=write_datetime(message.at),
            discardedAt=write_optional(message.discarded_at),
            attachments=files,
            attachment=files[0] if files else None,
            correction=correction,
        )

    def _avis(self, avis: Avis) -> Node:
        files = [self.write_file(file) for file in avis.files]
        profile = write_profile("Instructeur", avis.claimant)
        return Node(
            __typename="Avis",
            id=typed_id("Avis", avis.id),
            question=avis.question,
            reponse=avis.answer,
            questionLabel=avis.choice_label,
            questionAnswer=avis.choice,
            dateQuestion=write_datetime(avis.asked_at),
            dateReponse=write_optional(avis.answered_at),
            claimant=profile,
            instructeur=profile,
            expert=write_profile("Expert", avis.expert),
            attachments=files,
            attachment=files[0] if files else None,
        )

    def _file(self, file: StoredFile | None) -> Node | None:
        return None if file is None else self.write_file(file)

    def _attestation(self) -> Node | None:
        """The attestation. A job makes it some time after the decision."""
        file = self.instruction.attestation
        return None if file is None or file.at > self.now else self.write_file(file)

    def _correction_at(self) -> str | None:
        waits = self.instruction.pending_correction
        return None if waits is None else write_datetime(waits.at)


def _traitement(step: Traitement) -> Node:
    return Node(
        __typename="Traitement",
        id=typed_id("Traitement", step.id),
        event=step.event,
        state=step.state,
        dateTraitement=write_datetime(step.at),
        emailAgentTraitant=step.agent,
        motivation=step.motivation,
        changedColumns=[],
    )


def write_label(label: Label) -> Node:
    return Node(__typename="Label", id=typed_id("Label", label.number), name=label.name, color=label.color)


def write_instructeur(number: int, email: str) -> Node:
    return Node(__typename="Profile", id=typed_id("Instructeur", number), email=email)


def write_profile(kind: str, email: str) -> Node:
    return Node(__typename="Profile", id=typed_id(kind, email), email=email)


def pick(nodes: list[Node], wanted: str | None) -> list[Node]:
    """The items with the given id; all of them without an id."""
    return [node for node in nodes if wanted is None or node["id"].rstrip("=") == wanted.rstrip("=")]
