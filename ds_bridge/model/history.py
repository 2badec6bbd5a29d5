"""History: the forms of a démarche, older revisions included, in; one slot a field of the model out.

A slot is one champ over time: its version on the form, its older versions, and the champ that it replaced
under the same label. A champ that is gone from the form keeps its slot, since dossiers of its time still hold
it. Explications and headers of the active form stay among the slots, for the reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ds_bridge.form import SILENT, Field, Form
from ds_bridge.mapping.labels import normalise
from ds_bridge.model.types import may_replace


@dataclass
class Slot:
    """One champ of one scope. `versions`: the current one first, or the last one when the champ is gone."""

    versions: list[Field]
    gone: bool = False
    neighbour: str | None = None
    inner: list[Entry] = field(default_factory=list)

    @property
    def current(self) -> Field:
        """The champ as the form describes it now, or as it last did."""
        return self.versions[0]

    @property
    def numbers(self) -> tuple[int, ...]:
        """Stable numbers, the current champ's first; none in open data."""
        return tuple(dict.fromkeys(each.number for each in self.versions if each.number is not None))

    @property
    def is_block(self) -> bool:
        """Whether this is a repeatable block."""
        return self.current.kind == "repetition"


Entry: TypeAlias = Slot | Field


@dataclass(frozen=True)
class _Past:
    """The same scope on an older revision, and all numbers of that revision."""

    fields: tuple[Field, ...]
    numbers: frozenset[int]


def merge_forms(active: Form, others: Sequence[Form] = ()) -> list[Entry]:
    """Slots and titles of the active form in order, then slots of what is gone. `others`: oldest first."""
    pasts = [
        _Past(older.fields, frozenset(each.number for each, _ in older.walk() if each.number is not None))
        for older in reversed(others)
    ]
    return _merge(active.fields, pasts, in_block=False)


def _merge(fields: Sequence[Field], pasts: Sequence[_Past], *, in_block: bool) -> list[Entry]:
    entries = list(_read_entries(fields, in_block=in_block))
    present = [entry for entry in entries if isinstance(entry, Slot)]
    by_number = {number: slot for slot in present for number in slot.numbers}
    gone: list[Slot] = []
    inner: dict[int, list[_Past]] = {}
    for past in pasts:
        for then in _read_entries(past.fields, in_block=in_block):
            if not isinstance(then, Slot) or then.current.number is None:
                continue
            champ = then.current
            slot = by_number.get(then.current.number) or _find_successor(champ, present, past)
            if slot is None:
                slot = Slot([], gone=True, neighbour=then.neighbour)
                gone.append(slot)
            elif slot.is_block != (champ.kind == "repetition"):
                continue  # one number, once a block and once a value: no field can hold both
            slot.versions.append(champ)
            by_number[then.current.number] = slot
            inner.setdefault(id(slot), []).append(_Past(champ.fields, past.numbers))
    for slot in (*present, *gone):
        if slot.is_block:
            now = () if slot.gone else slot.current.fields
            slot.inner = _merge(now, inner.get(id(slot), []), in_block=True)
    return [*entries, *gone]


def _read_entries(fields: Sequence[Field], *, in_block: bool) -> Iterator[Entry]:
    for position, each in enumerate(fields):
        if each.kind in SILENT:
            yield each
        elif not (in_block and each.kind == "repetition"):
            yield Slot([each], neighbour=_find_neighbour(fields, position))


def _find_neighbour(fields: Sequence[Field], position: int) -> str | None:
    """The label of the champ before it in its section. Champs of its own label do not count."""
    label = normalise(fields[position].label)
    for before in reversed(fields[:position]):
        if before.kind == "header_section":
            return None
        if before.kind not in SILENT and normalise(before.label) != label:
            return before.label
    return None


def _find_successor(champ: Field, present: Sequence[Slot], past: _Past) -> Slot | None:
    """The slot of the one champ that bears this label now and did not stand beside this one then."""
    label = normalise(champ.label)
    if sum(normalise(each.label) == label for each in past.fields if each.kind not in SILENT) > 1:
        return None
    alike = [slot for slot in present if normalise(slot.current.label) == label]
    if len(alike) != 1 or alike[0].current.number in past.numbers:
        return None
    return alike[0] if may_replace(champ.kind, alike[0].current.kind) else None
