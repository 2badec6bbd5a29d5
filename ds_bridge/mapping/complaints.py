"""Complaints: takes the fields that do not resolve, gives one MappingError that a person can act on.

Each field is listed with the champs that could be meant: id, label, section or block, kind. Labels are the
form's own public text.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from ds_bridge.errors import MappingError
from ds_bridge.form import Field, Form

_SHOWN = 8


@dataclass(frozen=True)
class Complaint:
    """One field that does not resolve, why, and the champs that could be meant.

    `wrong_kind`: the one candidate is the right champ, but its kind is not one that the field takes.
    `setting`: the configuration is wrong; no revision of the form ever agreed with it.
    """

    name: str
    reason: str
    candidates: tuple[Field, ...] = ()
    block: Field | None = None
    wrong_kind: bool = False
    setting: bool = False


def describe_champ(field: Field, block: Field | None = None) -> str:
    """`Q2hh… "Précisez" (block "ÉVÉNEMENT", text)`."""
    places = []
    if block is not None:
        places.append(f'block "{_one_line(block.label)}"')
    if field.section is not None:
        places.append(f'section "{_one_line(field.section)}"')
    place = ", ".join([*places, field.kind])
    return f'{field.id} "{_one_line(field.label)}" ({place})'


def unknown_name(name: str, known: Iterable[str]) -> Complaint:
    """A configured name that is no field of the model."""
    names = list(known)
    closest = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"; did you mean {closest[0]!r}?" if closest else f"; it has: {', '.join(names)}"
    return Complaint(name, f"no such field in the model{hint}", setting=True)


def describe_complaint(complaint: Complaint) -> str:
    """The reason and the candidates, in one line."""
    shown = [describe_champ(field, complaint.block) for field in complaint.candidates[:_SHOWN]]
    return " ".join([complaint.reason, "; ".join(shown)]).strip().rstrip(":")


def mapping_error(
    model: str, form: Form, complaints: list[Complaint], kind: type[MappingError] = MappingError
) -> MappingError:
    """All complaints in one error, fields in the model's order."""
    revision = f", revision {form.revision}" if form.revision else ""
    count = f"{len(complaints)} field{'s' if len(complaints) > 1 else ''}"
    lines = [f"{model} does not resolve on the form of démarche {form.number}{revision}: {count}"]
    for complaint in complaints:
        lines.append(f"  {complaint.name}: {complaint.reason}")
        shown = complaint.candidates[:_SHOWN]
        lines.extend(f"    - {describe_champ(field, complaint.block)}" for field in shown)
        if len(complaint.candidates) > _SHOWN:
            lines.append(f"    - and {len(complaint.candidates) - _SHOWN} more")
    lines.append(
        "  Give the champ of each in the configuration: [demarches.NAME.champs] field = "
        '"<id, stable number or exact label>"'
    )
    return kind("\n".join(lines))


def _one_line(label: str) -> str:
    text = " ".join(label.split())
    return text if len(text) <= 90 else text[:89] + "…"
