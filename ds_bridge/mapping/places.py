"""Places: where champs stand on a form. Takes a scope and what is wanted, gives the champs that fit.

A scope is the top level of a form, or the inside of one block. Labels are not keys: "Je" stands three times
on a form, "Précisez" twice in a block. So a label finds champs, and the place tells them apart. When the
place does not, no champ is chosen.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ds_bridge.form import SILENT, Field
from ds_bridge.mapping.fields import ChampSource
from ds_bridge.mapping.labels import normalise

_LIKE = 0.6


@dataclass(frozen=True)
class Wanted:
    """One field of the model looking for its champ. `name` is relative to the scope."""

    name: str
    source: ChampSource
    kinds: frozenset[str]
    aliases: tuple[str, ...] = ()

    @cached_property
    def labels(self) -> frozenset[str]:
        """The wordings of its label, normalised."""
        return frozenset(normalise(label) for label in self.source.labels)

    def takes(self, field: Field) -> bool:
        """Whether the champ is of a kind this field can hold."""
        return not self.kinds or field.kind in self.kinds

    @property
    def placed(self) -> bool:
        """Whether it names a neighbour."""
        return bool(self.source.follows or self.source.precedes)


@dataclass(frozen=True)
class Scope:
    """Champs that stand together, in order. `block` is the block they stand in, None at top level."""

    fields: tuple[Field, ...]
    block: Field | None = None

    @cached_property
    def holders(self) -> tuple[Field, ...]:
        """Champs that can hold a value."""
        return tuple(field for field in self.fields if field.kind not in SILENT and field.number is not None)

    def labelled(self, wanted: Wanted) -> tuple[Field, ...]:
        """Champs that bear one of its labels, of any kind."""
        return tuple(field for field in self.holders if normalise(field.label) in wanted.labels)

    def neighbour(self, field: Field, step: int) -> Field | None:
        """The champ just before (-1) or after (+1); explications and champs of the same label do not count.

        None at a header or an end. Same labels do not count, so that neither of two twins is "the" neighbour.
        """
        label = normalise(field.label)
        position = self.fields.index(field) + step
        while 0 <= position < len(self.fields):
            other = self.fields[position]
            if other.kind == "header_section":
                return None
            if other.kind not in SILENT and normalise(other.label) != label:
                return other
            position += step
        return None


def fitting(
    wanted: Wanted, scope: Scope, resolved: Mapping[str, Field], *, shared: bool, free: Iterable[Field]
) -> tuple[Field, ...]:
    """The champs of `free` that fit its labels, kinds and place. Exactly one means that the field is found.

    `shared`: other fields bear the same label, so the label counts only in the right place.
    """
    source = wanted.source
    named = [field for field in free if normalise(field.label) in wanted.labels and wanted.takes(field)]
    sections = {normalise(section) for section in source.section}
    here = [field for field in named if field.section is not None and normalise(field.section) in sections]
    beside = [field for field in named if _stands_beside(wanted, field, scope, resolved)]
    both = [field for field in here if field in beside]
    if wanted.placed:
        found = both or _unite(named, here, beside)
    elif shared and sections:
        found = here
    else:
        found = here if here and len(named) > 1 else named
    if source.nth is not None:
        return tuple(found[source.nth - 1 : source.nth])
    return _tell_by_number(wanted, found)


def near(wanted: Wanted, scope: Scope, taken: Iterable[int]) -> tuple[Field, ...]:
    """Champs worth showing for a field that found none: same label, then a similar one, then its kind."""
    used = set(taken)
    free = [field for field in scope.holders if field.number not in used]

    def score(field: Field) -> float:
        label = normalise(field.label)
        return max((difflib.SequenceMatcher(None, label, own).ratio() for own in wanted.labels), default=0.0)

    alike = sorted((field for field in free if score(field) >= _LIKE), key=score, reverse=True)
    same_kind = [field for field in free if wanted.takes(field) and field not in alike]
    return (*alike[:5], *same_kind[: max(0, 5 - len(alike))])


def _stands_beside(wanted: Wanted, field: Field, scope: Scope, resolved: Mapping[str, Field]) -> bool:
    hints = ((wanted.source.follows, -1), (wanted.source.precedes, 1))
    given = [(resolved.get(name), step) for name, step in hints if name]
    return bool(given) and all(
        anchor is not None and scope.neighbour(field, step) == anchor for anchor, step in given
    )


def _unite(named: list[Field], here: list[Field], beside: list[Field]) -> list[Field]:
    # In form order. When section and neighbour point at two different champs, both stay: no guess.
    return [field for field in named if field in here or field in beside]


def _tell_by_number(wanted: Wanted, found: list[Field]) -> tuple[Field, ...]:
    # "1. Nom" and "2. Nom" are one label once normalised: a declared number tells them apart.
    plain = {normalise(label, numbering=True) for label in wanted.source.labels}
    numbered = plain - wanted.labels
    exact = [field for field in found if normalise(field.label, numbering=True) in numbered]
    return tuple(exact or found)
