"""What instruction leaves beside a dossier's champs: messages, avis, annotations, labels, an attestation.

Drawn from the seed and the number alone, all dated within the dossier's life, for the démarche with a champ
of every kind; the others have had no instructeur who writes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ds_bridge.sandbox.champ_nodes import encode_champ
from ds_bridge.sandbox.champ_values import read_value
from ds_bridge.sandbox.dossiers import ENDED_STATES, Dossier
from ds_bridge.sandbox.node import Node, typed_id, write_datetime, write_optional
from ds_bridge.sandbox.seed import draw

INSTRUCTEUR = "instructrice@anct.example"
EXPERT = "experte@anct.example"
# Filename, content type, text, date: a `File`.
FileWriter: TypeAlias = Callable[[str, str, str, str], Node]

_NOTE, _CHECKED, _REPORT = 700901, 700902, 700903
_LABELS = (
    (1, "À relancer", "yellow_tournesol"),
    (2, "Complet", "green_bourgeon"),
    (3, "Urgent", "pink_macaron"),
)
_PDF = "application/pdf"


@dataclass(frozen=True)
class Instruction:
    """One dossier's. `write_file` makes the files."""

    seed: int
    dossier: Dossier
    write_file: FileWriter

    def messages(self) -> list[Node]:
        """The platform's own first, then a question with a file, then a correction on every third dossier."""
        dossier = self.dossier
        nodes = [self._write_message(0, "contact@demarches.example", "Votre dossier est bien reçu.", 0)]
        if dossier.number % 2 == 0:
            text = f"Pièce demandée pour le dossier {dossier.number}\n"
            file = self.write_file("modèle à remplir.pdf", _PDF, text, self._at(0.3))
            nodes.append(self._write_message(1, INSTRUCTEUR, "Pouvez-vous compléter ce modèle ?", 0.3, file))
        if dossier.number % 3 == 0:
            resolved = None if self.correction_at() else self._at(0.9)
            correction = Node(__typename="Correction", reason="incomplete", dateResolution=resolved)
            nodes.append(self._write_message(2, INSTRUCTEUR, "La date est à corriger.", 0.6))
            nodes[-1]["correction"] = correction
        return nodes

    def correction_at(self) -> str | None:
        """When the correction that still waits was asked for."""
        waits = self.dossier.number % 3 == 0 and self.dossier.state == "en_construction"
        return self._at(0.6) if waits else None

    def avis(self) -> list[Node]:
        """One, once instruction began; answered once it ended."""
        dossier = self.dossier
        if dossier.instruction_at is None:
            return []
        answered = dossier.processed_at
        profile = Node(__typename="Profile", id=typed_id("Instructeur", INSTRUCTEUR), email=INSTRUCTEUR)
        return [
            Node(
                __typename="Avis",
                id=typed_id("Avis", dossier.number),
                question="Ce projet est-il recevable ?",
                reponse="Oui, sans réserve." if answered else None,
                questionLabel="Favorable ?",
                questionAnswer=True if answered else None,
                dateQuestion=write_datetime(dossier.instruction_at),
                dateReponse=write_optional(answered),
                claimant=profile,
                instructeur=profile,
                expert=Node(__typename="Profile", id=typed_id("Expert", EXPERT), email=EXPERT),
                attachments=[],
                attachment=None,
            )
        ]

    def annotations(self) -> list[Node]:
        """A note, a box, and a file on every second dossier."""
        number = self.dossier.number
        files = []
        if number % 2 == 0:
            report = f"Compte rendu {number}\n"
            files = [self.write_file("compte rendu.txt", "text/plain", report, self._at(0.5))]
        return [
            self._write_annotation(_NOTE, "Note interne", "text", "TextChamp", f"Vu le dossier {number}."),
            self._write_annotation(_CHECKED, "Vérifié", "checkbox", "CheckboxChamp", number % 2 == 0),
            Node(
                self._describe_annotation(_REPORT, "Compte rendu"),
                __typename="PieceJustificativeChamp",
                files=files,
                file=files[0] if files else None,
                nature="",
                stringValue=None if files else "",
            ),
        ]

    def labels(self) -> list[Node]:
        """None, one or two."""
        chosen = draw(self.seed, "labels", self.dossier.number).sample(_LABELS, k=self.dossier.number % 3)
        return [
            Node(__typename="Label", id=typed_id("Label", number), name=name, color=color)
            for number, name, color in sorted(chosen)
        ]

    def attestation(self) -> Node | None:
        """Of accepted dossiers."""
        dossier = self.dossier
        if dossier.state != "accepte" or dossier.processed_at is None:
            return None
        text = f"Attestation du dossier {dossier.number}\n"
        return self.write_file("attestation.pdf", _PDF, text, write_datetime(dossier.processed_at))

    def motivation_attachment(self) -> Node | None:
        """Of refused ones."""
        dossier = self.dossier
        if dossier.state not in ENDED_STATES or dossier.state == "accepte" or dossier.processed_at is None:
            return None
        text = f"Décision sur le dossier {dossier.number}\n"
        return self.write_file("décision.pdf", _PDF, text, write_datetime(dossier.processed_at))

    def _write_message(self, place: int, sender: str, body: str, share: float, *files: Node) -> Node:
        return Node(
            __typename="Message",
            id=typed_id("Comment", f"{self.dossier.number}{place}"),
            email=sender,
            body=body,
            createdAt=self._at(share),
            discardedAt=None,
            attachments=list(files),
            attachment=files[0] if files else None,
            correction=None,
        )

    def _write_annotation(self, stable: int, label: str, kind: str, typename: str, value: object) -> Node:
        fields = read_value(kind, typename, value)
        return Node(self._describe_annotation(stable, label), __typename=typename, **fields)

    def _describe_annotation(self, stable: int, label: str) -> Node:
        return Node(
            id=encode_champ(stable),
            champDescriptorId=encode_champ(stable),
            label=label,
            updatedAt=write_datetime(self.dossier.deposited_at),
            prefilled=False,
            columns=[],
        )

    def _at(self, share: float) -> str:
        """So far between the deposit and the last change."""
        span: dt.timedelta = self.dossier.modified_at - self.dossier.deposited_at
        return write_datetime(self.dossier.deposited_at + span * share)
