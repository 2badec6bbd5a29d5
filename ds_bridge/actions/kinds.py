"""Kinds: every action that a row may ask for, what it takes, and in which states the platform allows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FINAL = ("accepte", "refuse", "sans_suite")
CORRECTIONS = ("incorrect", "incomplete", "outdated")


@dataclass(frozen=True, slots=True)
class Move:
    """A change of state: from which state, to which, and the event that the platform writes down."""

    sources: tuple[str, ...]
    state: str
    event: str


MOVES: Mapping[str, Move] = {
    "passer_en_instruction": Move(("en_construction",), "en_instruction", "passe_en_instruction"),
    "accepter": Move(("en_instruction",), "accepte", "accepte"),
    "refuser": Move(("en_instruction",), "refuse", "refuse"),
    "classer_sans_suite": Move(("en_instruction",), "sans_suite", "classe_sans_suite"),
    "repasser_en_construction": Move(("en_instruction",), "en_construction", "repasse_en_construction"),
    "repasser_en_instruction": Move(FINAL, "en_instruction", "repasse_en_instruction"),
}
DECISIONS = ("accepter", "refuser", "classer_sans_suite")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a row of this action must give, and what it may give."""

    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    instructeur: bool = True


_DECIDED = Kind(needs=("motivation",), takes=("piece", "notify"))
KINDS: Mapping[str, Kind] = {
    "passer_en_instruction": Kind(takes=("notify",)),
    "accepter": Kind(takes=("motivation", "piece", "notify")),
    "refuser": _DECIDED,
    "classer_sans_suite": _DECIDED,
    "repasser_en_construction": Kind(takes=("notify",)),
    "repasser_en_instruction": Kind(takes=("notify",)),
    "archiver": Kind(),
    "desarchiver": Kind(),
    "envoyer_message": Kind(needs=("message",), takes=("piece", "correction")),
    "supprimer_message": Kind(needs=("message",)),
    "ajouter_label": Kind(needs=("label",), instructeur=False),
    "retirer_label": Kind(needs=("label",), instructeur=False),
    "suivre": Kind(takes=("value",)),
    "changer_groupe": Kind(needs=("groupe",), instructeur=False),
    "modifier_annotations": Kind(needs=("annotation",), takes=("ligne", "value")),
    "ajouter_ligne": Kind(needs=("annotation",)),
}
"""The row of each action. `message` of supprimer_message is the message's id."""

WITH_MESSAGES = ("envoyer_message", "supprimer_message")
WITH_ANNOTATIONS = ("modifier_annotations", "ajouter_ligne")
ARGUMENTS = (
    "motivation", "message", "correction", "piece", "annotation",
    "ligne", "value", "label", "groupe", "notify",
)  # fmt: skip
COLUMNS = ("dossier", "identifiant", "action", *ARGUMENTS, "key")
