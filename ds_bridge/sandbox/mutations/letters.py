"""Letters: the platform's own messages to the usager, in its HTML, one for each change of state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from html import escape

from ds_bridge.sandbox.node import PARIS

_WORDS: Mapping[str, tuple[str, str]] = {
    "depose": ("a bien été déposé", "<strong>a bien été déposé</strong>."),
    "passe_en_instruction": (
        "va être examiné",
        "a bien été reçu et <strong>pris en charge</strong>.",
    ),
    "repasse_en_instruction": ("est repassé en instruction", "est <strong>repassé en instruction</strong>."),
    "accepte": ("a été accepté", "<strong>a été accepté le {day}</strong>"),
    "refuse": ("a été refusé", "<strong>a été refusé le {day}</strong>"),
    "classe_sans_suite": ("a été classé sans suite", "<strong>a été classé sans suite le {day}</strong>"),
}


def write_letter(event: str, number: int, title: str, at: dt.datetime) -> str:
    """The message for an event."""
    subject, sentence = _WORDS[event]
    day = at.astimezone(PARIS).strftime("%d/%m/%Y")
    return (
        f"<p>[Votre dossier n° {number} {subject} ({escape(title)})]</p><p> Bonjour, </p> "
        f"<p> Votre dossier n°&nbsp;{number}\n{sentence.format(day=day)}\n</p> <p> Cordialement, </p> \n"
    )
