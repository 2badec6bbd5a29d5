"""Outline: slots in, the classes of the model with their fields, names, types and places out.

No syntax yet: that is the business of `write`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ds_bridge.form import Field, Form
from ds_bridge.mapping.kinds import BLOCK
from ds_bridge.mapping.labels import normalise
from ds_bridge.model.history import Entry, Slot, merge_forms
from ds_bridge.model.names import Nameable, name_class, name_fields, slug
from ds_bridge.model.text import quote
from ds_bridge.model.types import Choices, HeldType, hold

_LONGEST_SECTION = 80


@dataclass(frozen=True)
class Place:
    """Tells a champ from others with its label: the header above it, and its number among them, from 1."""

    section: str | None = None
    nth: int | None = None


@dataclass(frozen=True)
class FieldOutline:
    """One field. `type` is its source without `| None`; `item` and `many` say what it is made of."""

    name: str
    item: str
    many: bool
    slot: Slot
    place: Place
    kinds: tuple[str, ...] = ()  # two or more, when the type does not imply the champ's own kind

    @property
    def champ(self) -> Field:
        """The champ that feeds it."""
        return self.slot.current

    @property
    def type(self) -> str:
        """The annotation."""
        return f"tuple[{self.item}, ...]" if self.many else f"{self.item} | None"

    @property
    def default(self) -> str:
        """The value of the field when its champ is absent."""
        return "()" if self.many else "None"


@dataclass(frozen=True)
class ListOutline:
    """The options of one list, under the name its field uses."""

    name: str
    choices: Choices


@dataclass(frozen=True)
class ClassOutline:
    """One class: fields and titles in the form's order, then what is gone. `block` is None for the model."""

    name: str
    title: str
    block: Field | None
    members: tuple[FieldOutline | Field, ...]
    lists: tuple[ListOutline, ...]


@dataclass
class _Names:
    classes: set[str]
    kept: Mapping[int, str]


_Slots: TypeAlias = list[tuple[Slot, str]]


def class_of(name: str) -> str:
    """The name of the class for a démarche's name: `cra` → `Cra`."""
    return name_class(slug(name), set(), otherwise="Demarche")


def outline_model(
    name: str, active: Form, others: Sequence[Form] = (), kept: Mapping[int, str] | None = None
) -> tuple[ClassOutline, ...]:
    """The classes of the model, rows first, the model itself last. `kept`: field names by stable number."""
    entries = merge_forms(active, others)
    main = class_of(name)
    names = _Names({main}, kept or {})
    slots = _name_slots(entries, names, frozenset({"dossier"}))
    rows = _name_rows(slots, names)
    inner = [(slot, _name_slots(slot.inner, names, frozenset())) for slot, _ in slots if rows.get(id(slot))]
    blocks = [
        _outline_class(rows[id(slot)], slot.current, slot.inner, fields, names, {}) for slot, fields in inner
    ]
    top = _outline_class(main, None, entries, slots, names, rows, title=active.title)
    return (*blocks, top)


def _name_slots(entries: Sequence[Entry], names: _Names, reserved: frozenset[str]) -> _Slots:
    slots = [entry for entry in entries if isinstance(entry, Slot)]
    nameable = [
        Nameable(
            slot.current.label,
            slot.current.kind,
            min(slot.numbers, default=None),
            slot.current.section,
            slot.neighbour,
        )
        for slot in slots
    ]
    kept = {
        min(slot.numbers): names.kept[number]
        for slot in slots
        for number in slot.numbers
        if number in names.kept
    }
    return list(zip(slots, name_fields(nameable, reserved=reserved, kept=kept), strict=True))


def _name_rows(slots: _Slots, names: _Names) -> dict[int, str]:
    """The class name of each block that has something to hold, by its slot's identity, the oldest first."""
    blocks = [(slot, name) for slot, name in slots if slot.is_block and _holds_something(slot)]
    ordered = sorted(blocks, key=lambda each: min(each[0].numbers, default=0))
    return {id(slot): name_class(name, names.classes, otherwise="Ligne") for slot, name in ordered}


def _holds_something(block: Slot) -> bool:
    return any(isinstance(entry, Slot) for entry in block.inner)


def _outline_class(
    name: str,
    block: Field | None,
    entries: Sequence[Entry],
    slots: _Slots,
    names: _Names,
    rows: Mapping[int, str],
    title: str = "",
) -> ClassOutline:
    field_names = {id(slot): field_name for slot, field_name in slots}
    held = {id(slot): hold(slot.versions) for slot, _ in slots if not slot.is_block}
    lists = _name_lists(slots, held, names, prefix="" if block is None else name)
    places = _place([slot for slot, _ in slots], held)
    members: list[FieldOutline | Field] = []
    for entry in entries:
        if isinstance(entry, Field):
            members.append(entry)
            continue
        if entry.is_block and id(entry) not in rows:
            members.append(entry.current)
            continue
        item, many = _spell(entry, held, lists, rows)
        named, place = field_names[id(entry)], places[id(entry)]
        members.append(FieldOutline(named, item, many, entry, place, _widen(entry, held)))
    return ClassOutline(name, title, block, tuple(members), tuple(lists.values()))


def _spell(
    slot: Slot, held: Mapping[int, HeldType], lists: Mapping[int, ListOutline], rows: Mapping[int, str]
) -> tuple[str, bool]:
    if slot.is_block:
        return rows[id(slot)], True
    type_ = held[id(slot)]
    if type_.choices is None:
        return type_.item, type_.many
    others = ["str"] if type_.choices.free else []
    others += [type_.item] if type_.item else []
    return " | ".join([lists[id(slot)].name, *others]), type_.many


def _name_lists(
    slots: _Slots, held: Mapping[int, HeldType], names: _Names, prefix: str
) -> dict[int, ListOutline]:
    lists: dict[int, ListOutline] = {}
    for slot, field_name in sorted(slots, key=lambda each: min(each[0].numbers, default=0)):
        type_ = held.get(id(slot))
        if type_ is not None and type_.choices is not None:
            wanted = f"{prefix}_{field_name}" if prefix else field_name
            lists[id(slot)] = ListOutline(name_class(wanted, names.classes, otherwise="Liste"), type_.choices)
    return {id(slot): lists[id(slot)] for slot, _ in slots if id(slot) in lists}


def _place(slots: Sequence[Slot], held: Mapping[int, HeldType]) -> dict[int, Place]:
    """The place of each champ that shares a label. Open data has no numbers: there, place must be enough."""
    places: dict[int, Place] = {}
    present = [slot for slot in slots if not slot.gone]
    for slot in slots:
        label, kinds = normalise(slot.current.label), _kinds(slot, held)
        alike = [each for each in present if normalise(each.current.label) == label]
        if slot.gone or len(alike) < 2:
            places[id(slot)] = Place()
            continue
        section = slot.current.section
        if section is not None and len(quote(collapse(section))) > _LONGEST_SECTION:
            section = None
        rivals = [each for each in alike if not kinds or each.current.kind in kinds]
        if section is not None:
            here = normalise(section)
            rivals = [each for each in rivals if _section(each) == here]
        by_order = not slot.numbers and len(rivals) > 1
        nth = next(i for i, each in enumerate(rivals, 1) if each is slot) if by_order else None
        places[id(slot)] = Place(None if section is None else collapse(section), nth)
    return places


def _widen(slot: Slot, held: Mapping[int, HeldType]) -> tuple[str, ...]:
    kinds = tuple(dict.fromkeys(version.kind for version in slot.versions))
    taken = _kinds(slot, held)
    return kinds if taken and kinds[0] not in taken else ()


def _kinds(slot: Slot, held: Mapping[int, HeldType]) -> frozenset[str]:
    return BLOCK if slot.is_block else held[id(slot)].kinds


def _section(slot: Slot) -> str | None:
    return None if slot.current.section is None else normalise(slot.current.section)


def collapse(text: str) -> str:
    """The text with single spaces, when mapping reads the same label in it."""
    plain = " ".join(text.split())
    return plain if normalise(plain, numbering=True) == normalise(text, numbering=True) else text
