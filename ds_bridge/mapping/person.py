"""Person: finds the champ that holds the person's number in the pilotage, and reads it in each dossier.

The model declares it (`personal="id"`, or a field named `identifiant`), or the configuration says it. Takes a
form and a resolved plan once, then each dossier's JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ds_bridge.form import Form
from ds_bridge.ids import ChampId, MalformedIdError, read_reference
from ds_bridge.mapping.declared import DeclaredObject, read_model
from ds_bridge.mapping.labels import normalise
from ds_bridge.mapping.plan import Plan

NAME = "identifiant"
_MOST_DIGITS = 18  # what 64 bits hold


@dataclass(frozen=True, slots=True)
class PersonChamp:
    """The champ. `path` leads to its value in a document; `numbers` are its stable numbers."""

    numbers: tuple[int, ...] = ()
    path: tuple[str, ...] | None = None

    @property
    def key(self) -> str:
        """The champ, as text. When it changes, all dossiers must be looked at again.

        A field of the model keeps its key, whatever champs feed it on the revisions of the form.
        """
        return ",".join(map(str, sorted(self.numbers))) if self.path is None else ".".join(self.path)

    def read(self, document: Mapping[str, Any], node: Mapping[str, Any]) -> int | None:
        """The number typed in a dossier; None without one. `document` is as mapped, `node` as pulled."""
        if not self.numbers:
            return None
        if self.path is not None:
            return read_number(_follow(document, self.path))
        champs = node.get("champs")
        for champ in champs if isinstance(champs, list) else ():
            if isinstance(champ, dict) and _stable(champ.get("id")) in self.numbers:
                return read_number(champ.get("stringValue"))
        return None


def find_person(
    plan: Plan | None, form: Form, champs: Mapping[str, str], person: str | None = None
) -> PersonChamp:
    """The champ of the form that holds the person's number. When there is none, its `numbers` are empty.

    `champs` and `person` are the configuration's: `champs.identifiant` comes first, then `person`, then what
    the model says.
    """
    name = NAME if NAME in champs else person
    if plan is None:
        return PersonChamp() if name is None else _refer(champs.get(name, name), form)
    declared = read_model(plan.model)
    if name is not None and name not in plan.numbers:
        return _refer(champs.get(name, name), form)
    name = name or _find_declared(declared)
    if name is None or not plan.numbers.get(name):
        return PersonChamp()
    return PersonChamp(plan.numbers[name], _find_path(declared, name))


def read_number(value: object) -> int | None:
    """A positive whole number, given as an int or as digits; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 < value < 10**_MOST_DIGITS else None
    text = value.strip() if isinstance(value, str) else ""
    if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS:
        return int(text) or None
    return None


def _find_declared(declared: DeclaredObject) -> str | None:
    names = {leaf.name: leaf.source.personal for leaf in declared.all_leaves}
    if NAME in names:
        return NAME
    marked = [name for name, personal in names.items() if personal == "id"]
    return marked[0] if len(marked) == 1 else None


def _find_path(declared: DeclaredObject, name: str) -> tuple[str, ...] | None:
    """Where the field stands in a document. None when documents leave the field out, or a block holds it."""
    for leaf in declared.leaves:
        if leaf.name == name:
            excluded = declared.model.model_fields[leaf.attribute].exclude
            return None if excluded else (leaf.attribute,)
    for attribute, group in declared.groups:
        if (inner := _find_path(group, name)) is not None:
            return (attribute, *inner)
    return None


def _refer(reference: str, form: Form) -> PersonChamp:
    champ = read_reference(reference)
    if isinstance(champ, ChampId):
        return PersonChamp((champ.stable,))
    label = normalise(champ)
    alike = [each.number for each in form.fields if normalise(each.label) == label]
    found = tuple(number for number in alike if number is not None)
    return PersonChamp(found) if len(found) == 1 else PersonChamp()


def _follow(value: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _stable(typed_id: object) -> int | None:
    try:
        return ChampId.parse(typed_id).stable if isinstance(typed_id, str) else None
    except MalformedIdError:
        return None
