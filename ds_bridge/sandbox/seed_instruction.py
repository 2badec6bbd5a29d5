"""Invents instruction: takes a seed and a dossier, gives what instructeurs did with it.

Every dossier gets steps and followers. Only the démarche with a champ of every kind gets messages, avis,
annotations, labels and files, dated between the deposit and the last change.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from ds_bridge.sandbox.dossiers import ENDED_STATES, Dossier, Row, make_row_id
from ds_bridge.sandbox.forms import DemarcheForm
from ds_bridge.sandbox.instruction import (
    EVENTS,
    Avis,
    Correction,
    Instruction,
    Message,
    StoredFile,
    Traitement,
)
from ds_bridge.sandbox.seed import draw
from ds_bridge.sandbox.staff import EXPERT, INSTRUCTEUR

PLATFORM_SENDER = "contact@demarches.example"
_NOTE, _CHECKED, _REPORT = 700901, 700902, 700903
_PDF = "application/pdf"
_TALKATIVE = 99001


def read_instruction(seed: int, form: DemarcheForm, dossier: Dossier) -> Instruction:
    """The dossier's own instruction, else the one that the seed makes."""
    if dossier.instruction is not None:
        return dossier.instruction
    decided = dossier.state in ENDED_STATES
    made: dict[str, Any] = {
        "traitements": _draw_traitements(dossier),
        "followers": () if dossier.instruction_at is None else (1,),
        "motivation": "Dossier complet." if decided else None,
        "annotations": {
            block.stable: [Row(make_row_id(seed, "annotation", dossier.number, block.stable), {})]
            for block in form.revision(dossier.revision).annotations
            if block.kind == "repetition"
        },
    }
    if dossier.demarche == _TALKATIVE:
        made |= _Talk(seed, form, dossier).write(made["annotations"])
    return Instruction(**made)


def _draw_traitements(dossier: Dossier) -> tuple[Traitement, ...]:
    """The states a dossier went through, oldest first."""
    steps: list[tuple[str, str, dt.datetime]] = [("depose", "en_construction", dossier.deposited_at)]
    if dossier.instruction_at is not None:
        steps.append(("passe_en_instruction", "en_instruction", dossier.instruction_at))
    if dossier.processed_at is not None:
        steps.append((EVENTS[dossier.state], dossier.state, dossier.processed_at))
    return tuple(
        Traitement(
            dossier.number * 1000 + place,
            event,
            state,
            at,
            agent=None if event == "depose" else INSTRUCTEUR,
        )
        for place, (event, state, at) in enumerate(steps)
    )


class _Talk:
    """What people write about one dossier."""

    def __init__(self, seed: int, form: DemarcheForm, dossier: Dossier) -> None:
        self._seed = seed
        self._form = form
        self._dossier = dossier

    def write(self, rows: dict[int, Any]) -> dict[str, Any]:
        return {
            "messages": tuple(self._write_messages()),
            "avis": self._write_avis(),
            "annotations": {**rows, **self._write_annotations()},
            "labels": self._choose_labels(),
            "attestation": self._write_attestation(),
            "motivation_file": self._write_decision(),
        }

    def _write_messages(self) -> list[Message]:
        """The platform's own message, then a question with a file; every third dossier gets a correction."""
        number = self._dossier.number
        found = [self._write_message(0, PLATFORM_SENDER, "Votre dossier est bien reçu.", 0)]
        if number % 2 == 0:
            text = f"Pièce demandée pour le dossier {number}\n"
            file = StoredFile("modèle à remplir.pdf", _PDF, text.encode(), self._at(0.3))
            body = "Pouvez-vous compléter ce modèle ?"
            found.append(self._write_message(1, INSTRUCTEUR, body, 0.3, files=(file,)))
        if number % 3 == 0:
            waits = self._dossier.state == "en_construction"
            correction = Correction("incomplete", None if waits else self._at(0.9))
            body = "La date est à corriger."
            found.append(self._write_message(2, INSTRUCTEUR, body, 0.6, correction=correction))
        return found

    def _write_message(self, place: int, sender: str, body: str, share: float, **more: Any) -> Message:
        return Message(self._dossier.number * 1000 + place, sender, body, self._at(share), **more)

    def _write_avis(self) -> tuple[Avis, ...]:
        """One avis once instruction began. It is answered once instruction ended."""
        dossier = self._dossier
        if dossier.instruction_at is None:
            return ()
        answered = dossier.processed_at
        return (
            Avis(
                id=dossier.number,
                question="Ce projet est-il recevable ?",
                asked_at=dossier.instruction_at,
                claimant=INSTRUCTEUR,
                expert=EXPERT,
                answer="Oui, sans réserve." if answered else None,
                choice_label="Favorable ?",
                choice=True if answered else None,
                answered_at=answered,
            ),
        )

    def _write_annotations(self) -> dict[int, Any]:
        """A note, a box, and a file on every second dossier; the others are blank."""
        number = self._dossier.number
        values: dict[int, Any] = {_NOTE: f"Vu le dossier {number}.", _CHECKED: number % 2 == 0}
        if number % 2 == 0:
            text = f"Compte rendu {number}\n"
            values[_REPORT] = [{"filename": "compte rendu.txt", "content_type": "text/plain", "text": text}]
        return values

    def _choose_labels(self) -> tuple[int, ...]:
        """None, one or two."""
        known = [label.number for label in self._form.staff.labels]
        count = min(self._dossier.number % 3, len(known))
        return tuple(sorted(draw(self._seed, "labels", self._dossier.number).sample(known, k=count)))

    def _write_attestation(self) -> StoredFile | None:
        """The attestation of an accepted dossier."""
        dossier = self._dossier
        if dossier.state != "accepte" or dossier.processed_at is None:
            return None
        return write_attestation(dossier.number, dossier.processed_at)

    def _write_decision(self) -> StoredFile | None:
        """The file of a decision to refuse or close."""
        dossier = self._dossier
        if dossier.state not in ENDED_STATES or dossier.state == "accepte" or dossier.processed_at is None:
            return None
        text = f"Décision sur le dossier {dossier.number}\n"
        return StoredFile("décision.pdf", _PDF, text.encode(), dossier.processed_at)

    def _at(self, share: float) -> dt.datetime:
        """A moment between the deposit and the last change, at this share of the time."""
        dossier = self._dossier
        return dossier.deposited_at + (dossier.modified_at - dossier.deposited_at) * share


def write_attestation(number: int, at: dt.datetime) -> StoredFile:
    return StoredFile("attestation.pdf", _PDF, f"Attestation du dossier {number}\n".encode(), at)
