"""Described: the champs of a démarche, known without asking the platform. For layouts and pseudonyms.

Takes the configuration and the form that the last sync kept. Gives the plan and the champs of every published
revision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ds_bridge.config import DemarcheSettings
from ds_bridge.errors import ConfigurationError
from ds_bridge.form import Field, Form, read_forms
from ds_bridge.mapping import DomainModel, Plan, make_plan, resolve
from ds_bridge.store import Store
from ds_bridge.tables.by_champ import ChampsLayout
from ds_bridge.tables.by_model import ModelLayout
from ds_bridge.tables.layout import Layout


@dataclass(frozen=True)
class Described:
    """A démarche of the store. `fields`: in the active form's order, then those of older forms only.

    `kinds` has every kind that a champ ever had: a revision may change the kind of an id.
    """

    name: str
    number: int
    title: str
    plan: Plan | None
    fields: tuple[Field, ...]
    kinds: dict[int, frozenset[str]]

    @property
    def by_number(self) -> dict[int, Field]:
        """Champs by stable number, those of blocks too."""
        inner = [champ for field in self.fields for champ in (field, *field.fields)]
        return {field.number: field for field in reversed(inner) if field.number is not None}

    def layout(self, *, pseudonymised: bool = False) -> Layout:
        """The tables of its dump."""
        if self.plan is not None:
            return ModelLayout(self.name, self.plan, self.by_number, pseudonymised=pseudonymised)
        return ChampsLayout(self.name, self.fields, pseudonymised=pseudonymised)


def describe(
    store: Store, name: str, demarche: DemarcheSettings, model: type[DomainModel] | None = None
) -> Described:
    """Read what the store knows of the démarche. `model` replaces the one of the configuration.

    Raises ConfigurationError when the store has no form yet, or when the model has no champ on it.
    """
    document = store.read_form(demarche.number)
    if document is None:
        raise ConfigurationError(
            f"the store holds no form of démarche {demarche.number} yet: run ds-bridge sync {name} first"
        )
    active, others = read_forms(document)
    if model is not None:
        plan: Plan | None = resolve(model, active, others, demarche.champs, lenient=True)
    else:
        plan = make_plan(demarche.model, demarche.champs, active, others, lenient=True)
    return describe_forms(name, demarche.number, plan, active, others)


def describe_forms(
    name: str, number: int, plan: Plan | None, active: Form, others: Sequence[Form]
) -> Described:
    """The same from forms that were read already: the active one, and the others, oldest first."""
    forms = (active, *reversed(others))
    return Described(name, number, active.title, plan, _merge(forms), _collect_kinds(forms))


def _merge(forms: Iterable[Form]) -> tuple[Field, ...]:
    merged: dict[int, Field] = {}
    for form in forms:
        for field in form.fields:
            if field.number is None:
                continue
            known = merged.setdefault(field.number, field)
            inner = {champ.number for champ in known.fields}
            more = tuple(champ for champ in field.fields if champ.number not in inner)
            if more:
                merged[field.number] = replace(known, fields=known.fields + more)
    return tuple(merged.values())


def _collect_kinds(forms: Iterable[Form]) -> dict[int, frozenset[str]]:
    kinds: dict[int, set[str]] = {}
    for form in forms:
        for field, _ in form.walk():
            if field.number is not None:
                kinds.setdefault(field.number, set()).add(_kind_of(field))
    return {number: frozenset(found) for number, found in kinds.items()}


def _kind_of(field: Field) -> str:
    """The kind. A list that accepts "other" counts as text, since anybody may write in it."""
    return "text" if field.other_option else field.kind
