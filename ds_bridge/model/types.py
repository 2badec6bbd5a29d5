"""Types: takes the kinds that a champ has had, gives the Python type that holds all their values.

What mapping gives for each kind is in `mapping.values`; this is the same table as annotations.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from types import GenericAlias
from typing import Any, Literal

from ds_bridge.form import Field
from ds_bridge.mapping import (
    Address,
    Commune,
    EngagementJuridique,
    GeoArea,
    Named,
    PersonneMorale,
    PieceJointe,
    Rna,
)
from ds_bridge.mapping.kinds import accepted_kinds

_WRITTEN = accepted_kinds(str)[0]
_SEVERAL = frozenset({"multiple_drop_down_list", "linked_drop_down_list"})
_TEXTS = _WRITTEN | _SEVERAL
_LISTS = frozenset({"drop_down_list", "multiple_drop_down_list"})

_SIMPLE: dict[str, tuple[str, Any]] = {
    "checkbox": ("bool", bool),
    "yes_no": ("bool", bool),
    "titre_identite": ("bool", bool),
    "integer_number": ("int", int),
    "number": ("int", int),
    "decimal_number": ("float", float),
    "dossier_link": ("int", int),
    "date": ("dt.date", dt.date),
    "datetime": ("dt.datetime", dt.datetime),
    "address": ("Address", Address),
    "commune": ("Commune", Commune),
    "departement": ("Named", Named),
    "region": ("Named", Named),
    "pays": ("Named", Named),
    "epci": ("Named", Named),
    "siret": ("PersonneMorale", PersonneMorale),
    "rna": ("Rna", Rna),
    "rnf": ("Rna", Rna),
    "engagement_juridique": ("EngagementJuridique", EngagementJuridique),
    "civilite": ('Literal["M", "Mme"]', Literal["M", "Mme"]),
}
_MANY: dict[str, tuple[str, Any]] = {
    "piece_justificative": ("PieceJointe", PieceJointe),
    "carte": ("GeoArea", GeoArea),
}
_ANYTHING = ("Any", Any)


@dataclass(frozen=True)
class Choices:
    """A list's options, each once, in the form's order; then those that only older revisions offer."""

    current: tuple[str, ...]
    older: tuple[str, ...] = ()
    free: bool = False  # any other text may be written


@dataclass(frozen=True)
class HeldType:
    """A field's type: its source `item`, whether it holds `many` of them, and the type that mapping sees.

    With `choices`, `item` is the rest of the type: whoever names the list puts that name before it.
    """

    item: str
    runtime: Any
    many: bool = False
    choices: Choices | None = None

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds of champ mapping lets such a field take."""
        held = GenericAlias(tuple, (self.runtime, ...)) if self.many else self.runtime
        return accepted_kinds(held)[0]


def hold(versions: Sequence[Field]) -> HeldType:
    """The type for a champ that is `versions[0]` now and was the others before."""
    kinds = dict.fromkeys(version.kind for version in versions)
    written = [version for version in versions if version.kind in _TEXTS]
    found: dict[str, Any] = {}
    for kind in kinds:
        text, runtime = ("str", str) if kind in _TEXTS else _MANY.get(kind) or _SIMPLE.get(kind, _ANYTHING)
        found[text] = runtime
    if written == list(versions):
        return _hold_text(written)
    if "Any" in found:
        return HeldType(*_ANYTHING)
    runtime = reduce(or_, found.values())
    many = any(kind in _MANY or kind in _SEVERAL for kind in kinds)
    choices = _hold_text(written).choices if versions[0].kind in _LISTS else None
    if choices is not None:
        del found["str"]
    return HeldType(" | ".join(found), runtime, many, choices)


def may_replace(old: str, new: str) -> bool:
    """Whether values of a champ of kind `old` fit a field made for a champ of kind `new`."""
    if old == new:
        return True
    return (old in _TEXTS and new in _TEXTS) or (old in _SIMPLE and _SIMPLE.get(old) == _SIMPLE.get(new))


def _hold_text(versions: Sequence[Field]) -> HeldType:
    many = any(version.kind in _SEVERAL for version in versions)
    if all(version.kind == "civilite" for version in versions):
        return HeldType(*_SIMPLE["civilite"])
    current = _options(versions[0])
    if not current:
        return HeldType("str", str, many)
    older = dict.fromkeys(option for version in versions[1:] for option in _options(version))
    free = any(version.other_option or not _options(version) for version in versions)
    choices = Choices(current, tuple(option for option in older if option not in current), free)
    return HeldType("", str, many, choices)


def _options(field: Field) -> tuple[str, ...]:
    if field.kind not in _LISTS:
        return ()
    return tuple(dict.fromkeys(option for option in field.options or () if option.strip()))
