"""Mutations of annotations: one value, many values at once, one more row in a block.

The platform's surprises: of several values, some may be written and others refused; a value for a row that
does not exist is answered as a success but never listed; a missing row id is a crash; a write that changes
nothing changes no date; `dateDerniereModificationAnnotations` never changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ds_bridge.sandbox.dossiers import Dossier, Row
from ds_bridge.sandbox.forms import Descriptor
from ds_bridge.sandbox.instruction import Instruction, annotation_key
from ds_bridge.sandbox.mutations.annotation_values import KINDS, ONE_KIND, read_annotation_value
from ds_bridge.sandbox.mutations.interface import Input, Mutation, MutationDesk, Refusal
from ds_bridge.sandbox.mutations.uploads import take_upload, write_champ_file
from ds_bridge.sandbox.node import Node, split_typed_id
from ds_bridge.sandbox.request import PlatformCrash, refuse


@dataclass(frozen=True, slots=True)
class Place:
    """An annotation that an id names: a champ of the form's annotations, at top level or in a row."""

    descriptor: Descriptor
    block: Descriptor | None = None
    row: str | None = None


def write_one(kind: str, desk: MutationDesk, given: Input) -> dict[str, Any]:
    """The mutations of one type of value."""
    dossier, instructeur = desk.find_dossier(given), desk.find_instructeur(given)
    desk.check_rights(dossier, instructeur)
    place = _find_place(desk, dossier, given["annotationId"])
    if place is None or place.descriptor.kind not in ONE_KIND[kind]:
        raise Refusal(_unknown(given["annotationId"]))
    value = read_annotation_value(place.descriptor, given["value"])
    desk.meet()
    return {"annotation": _write(desk, dossier.number, place, value)}


def write_many(desk: MutationDesk, given: Input) -> dict[str, Any]:
    """Write the values that can be written; `errors` holds the texts for the others, without their ids."""
    dossier, instructeur = desk.find_dossier(given), desk.find_instructeur(given)
    desk.check_rights(dossier, instructeur)
    errors: list[str] = []
    values: dict[tuple[int, str | None], tuple[Place, Any]] = {}
    for wish in given["annotations"]:
        ((key, value),) = wish["value"].items()
        place = _find_place(desk, dossier, wish["id"])
        if place is None:
            errors.append(_unknown(wish["id"]))
        elif place.descriptor.kind != KINDS[key]:
            errors.append(f"L‘annotation {_quote(wish['id'])} n’est pas de type attendu")
        else:
            try:
                taken = _read_value(desk, key, place.descriptor, value)
            except Refusal as refusal:
                errors.append(str(refusal))
            else:
                values[place.descriptor.stable, place.row] = (place, taken)
    desk.meet()
    nodes = [_write_or_extend(desk, dossier.number, *wish) for wish in values.values()]
    found = [Node(__typename="ValidationError", message=message) for message in errors]
    return {"annotations": nodes, "errors": found or None}


def add_row(desk: MutationDesk, given: Input) -> dict[str, Any]:
    """Add a row at each call."""
    dossier, instructeur = desk.find_dossier(given), desk.find_instructeur(given)
    desk.check_rights(dossier, instructeur)
    place = _find_place(desk, dossier, given["annotationId"])
    if place is None or place.descriptor.kind != "repetition":
        raise Refusal(_unknown(given["annotationId"]))
    desk.meet()
    return {"annotation": _extend(desk, dossier.number, place.descriptor, 1)}


def _find_place(desk: MutationDesk, dossier: Dossier, text: str) -> Place | None:
    """The annotation of an id; None when the form has no such annotation. The id's class is not checked."""
    _, key = split_typed_id(text)
    stable, _, row = key.partition("|")
    if not stable.isascii() or not stable.isdigit():
        raise refuse(f"Invalid input: {text!r}", None)
    revision = desk.world.demarches[dossier.demarche].form.revision(dossier.revision)
    for descriptor in revision.annotations:
        if descriptor.stable == int(stable):
            return Place(descriptor)
        for inner in descriptor.champs:
            if inner.stable == int(stable):
                if not row:
                    raise PlatformCrash
                return Place(inner, descriptor, row)
    return None


def _read_value(desk: MutationDesk, key: str, descriptor: Descriptor, value: Any) -> Any:
    if key == "repetition":
        return value
    if key == "pieceJustificative":
        files = [file for one in value if (file := take_upload(desk, one)) is not None]
        return [write_champ_file(file) for file in files] or None
    return read_annotation_value(descriptor, value)


def _write_or_extend(desk: MutationDesk, number: int, place: Place, value: Any) -> Node:
    if place.descriptor.kind == "repetition":
        return _extend(desk, number, place.descriptor, value)
    return _write(desk, number, place, value)


def _write(desk: MutationDesk, number: int, place: Place, value: Any) -> Node:
    """Keep a value, unless the annotation has it already."""
    dossier = desk.find_again(number)
    held = desk.world.read_instruction(dossier)
    row = _find_row(held, place)
    if place.row is not None and row is None:  # the row is invented: it is never listed
        orphan = Row(place.row, {place.descriptor.stable: value})
        dossier = desk.change(number, lambda _dossier, now_held, _now: (now_held, {}))
        stamped = _stamp(held, place, desk.world.now())
        return desk.nodes.write_annotation(dossier, place.descriptor, stamped, orphan)
    present = held.annotations if row is None else row.values
    if present.get(place.descriptor.stable) != value:

        def change(
            _dossier: Dossier, now_held: Instruction, now: dt.datetime
        ) -> tuple[Instruction, dict[str, Any]]:
            return _stamp(_put(now_held, place, value), place, now), {}

        dossier = desk.change(number, change)
        held = desk.world.read_instruction(dossier)
    return desk.nodes.write_annotation(dossier, place.descriptor, held, _find_row(held, place))


def _extend(desk: MutationDesk, number: int, block: Descriptor, count: int) -> Node:
    """Add rows at the end of a block. No date changes."""
    rows = [Row(desk.world.new_row_id(), {}) for _ in range(count)]

    def change(_dossier: Dossier, held: Instruction, _now: dt.datetime) -> tuple[Instruction, dict[str, Any]]:
        present = held.annotations.get(block.stable, [])
        return replace(held, annotations={**held.annotations, block.stable: [*present, *rows]}), {}

    dossier = desk.change(number, change, touch=False)
    return desk.nodes.write_annotation(dossier, block, desk.world.read_instruction(dossier))


def _find_row(held: Instruction, place: Place) -> Row | None:
    if place.block is None:
        return None
    rows: list[Row] = held.annotations.get(place.block.stable, [])
    return next((row for row in rows if row.id == place.row), None)


def _put(held: Instruction, place: Place, value: Any) -> Instruction:
    """Put the value in its place; None removes it."""
    stable = place.descriptor.stable
    if place.block is None:
        return replace(held, annotations=_with(held.annotations, stable, value))
    rows = [
        replace(row, values=_with(row.values, stable, value)) if row.id == place.row else row
        for row in held.annotations.get(place.block.stable, [])
    ]
    return replace(held, annotations={**held.annotations, place.block.stable: rows})


def _with(values: Mapping[int, Any], stable: int, value: Any) -> dict[int, Any]:
    merged = {**values, stable: value}
    return {key: kept for key, kept in merged.items() if kept is not None}


def _stamp(held: Instruction, place: Place, now: dt.datetime) -> Instruction:
    key = annotation_key(place.descriptor.stable, place.row)
    return replace(held, written_at={**held.written_at, key: now})


def _unknown(text: str) -> str:
    return f"L’annotation {_quote(text)} n’existe pas"


def _quote(text: str) -> str:
    return f'"{text}"'


def _make(kind: str) -> Mutation:
    return lambda desk, given: write_one(kind, desk, given)


ANNOTATIONS: dict[str, Mutation] = {
    **{f"dossierModifierAnnotation{kind}": _make(kind) for kind in ONE_KIND},
    "dossierModifierAnnotationAjouterLigne": add_row,
    "dossierModifierAnnotations": write_many,
}
