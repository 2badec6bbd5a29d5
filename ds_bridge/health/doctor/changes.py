"""Changes: follows one field's champ over the revisions of a form, from the oldest to the active one.

Takes the revisions and the stable numbers that feed the field; gives what each revision did to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ds_bridge.form import SILENT, Field
from ds_bridge.health.doctor.revisions import Placed, Revision
from ds_bridge.mapping.labels import normalise

Sort: TypeAlias = Literal[
    "added", "gone", "kind", "replaced", "lost", "moved", "label", "options", "required", "optional"
]

_WEIGHTY: frozenset[Sort] = frozenset({"gone", "lost", "moved"})


@dataclass(frozen=True)
class Change:
    """What a revision did to a field's champ. `step` is the place of this revision among all, from 0.

    `weighty`: a value may change or be lost; mapping follows all other changes by itself.
    `lost`: the champ before, which feeds no field: what was filed in it is not mapped.
    """

    sort: Sort
    text: str
    step: int
    weighty: bool
    details: dict[str, Any]


@dataclass(frozen=True)
class Followed:
    """One field to follow: the numbers that feed it, and those that feed any field.

    `kinds`: the kinds of which the field's type takes every value; empty: all kinds.
    """

    numbers: tuple[int, ...]
    fed: Collection[int]
    kinds: frozenset[str] = frozenset()

    def holds(self, champ: Field) -> bool:
        """Whether the field's type takes every value of this champ."""
        return not self.kinds or champ.kind in self.kinds


def follow(field: Followed, revisions: Sequence[Revision]) -> Iterator[Change]:
    """Every change, oldest first."""
    places = [revision.find(field.numbers) for revision in revisions]
    for step in range(1, len(revisions)):
        before, after = places[step - 1], places[step]
        if before is not None and after is not None:
            yield from _compare(field, before, after, step)
        elif after is not None:
            yield _tell_arrival(field, after, revisions, step, known=any(places[:step]))
        elif before is not None:
            yield _tell_departure(before, revisions[step], step)


def _compare(field: Followed, before: Placed, after: Placed, step: int) -> Iterator[Change]:
    old, new = before.field, after.field
    if old.number != new.number:
        yield _make(
            "replaced",
            f"the champ {_name(old)} was replaced by {_name(new)}",
            step,
            {"from": _describe(old), "to": _describe(new)},
            weighty=not field.holds(old),
        )
    elif old.kind != new.kind:
        yield _make(
            "kind",
            f"{_quote(new)}: the kind changed from {old.kind} to {new.kind}, under the same id",
            step,
            {"from": old.kind, "to": new.kind},
            weighty=not field.holds(old),
        )
    if before.scope != after.scope:
        where = "out of its block" if after.block is None else f"into the block {_quote(after.block)}"
        yield _make("moved", f"{_quote(new)} moved {where}", step, {"to": after.scope})
    if old.label != new.label:
        yield _make(
            "label",
            f"the label changed from {_quote(old)} to {_quote(new)}",
            step,
            {"from": old.label, "to": new.label},
        )
    yield from _compare_options(old, new, step)
    if old.required != new.required:
        sort: Sort = "required" if new.required else "optional"
        text = "is now required" if new.required else "is no longer required"
        yield _make(sort, f"{_quote(new)} {text}", step, {})


def _compare_options(old: Field, new: Field, step: int) -> Iterator[Change]:
    before, after = old.options or (), new.options or ()
    if old.options is None or new.options is None:
        return  # the kind changed: that is told already
    added = [option for option in after if option not in before]
    removed = [option for option in before if option not in after]
    parts = [f"added {_list(added)}"] if added else []
    parts += [f"removed {_list(removed)}"] if removed else []
    if parts:
        yield _make(
            "options",
            f"{_quote(new)}: options {'; '.join(parts)}",
            step,
            {"added": added, "removed": removed},
        )


def _tell_arrival(
    field: Followed, after: Placed, revisions: Sequence[Revision], step: int, *, known: bool
) -> Change:
    lost = find_predecessor(after, revisions[step - 1], revisions[step], field.fed)
    if lost is not None:
        return _make(
            "lost",
            f"{_name(after.field)} took the place of {_name(lost)}, which feeds no field: "
            "what was filed there before stays in the raw dossier only",
            step,
            {"from": _describe(lost), "to": _describe(after.field)},
        )
    word = "came back" if known else "was added"
    return _make(
        "added",
        f"{_name(after.field)} {word}: older dossiers have none",
        step,
        {"to": _describe(after.field)},
    )


def _tell_departure(before: Placed, now: Revision, step: int) -> Change:
    heirs = find_bearers(before.field.label, now, before.scope)
    text = f"the champ {_name(before.field)} is gone"
    if heirs:
        text += f"; the form now has {', '.join(map(_name, heirs))} with that label"
    details = {"from": _describe(before.field), "to": [_describe(heir) for heir in heirs]}
    return _make("gone", text, step, details)


def find_predecessor(after: Placed, older: Revision, newer: Revision, fed: Collection[int]) -> Field | None:
    """The one champ with the same label that the form had there before and that feeds nothing."""
    still = {champ.number for champ, _ in newer.form.walk()}
    bearers = [
        champ
        for champ in find_bearers(after.field.label, older, after.scope)
        if champ.number not in still and champ.number not in fed
    ]
    return bearers[0] if len(bearers) == 1 else None


def find_bearers(label: str, revision: Revision, scope: int | None) -> list[Field]:
    """Champs of a revision with this label, in this block."""
    return [
        champ
        for champ, block in revision.form.walk()
        if champ.kind not in SILENT
        and (block.number if block else None) == scope
        and normalise(champ.label) == normalise(label)
    ]


def _make(
    sort: Sort, text: str, step: int, details: dict[str, Any], *, weighty: bool | None = None
) -> Change:
    return Change(sort, text, step, sort in _WEIGHTY if weighty is None else weighty, details)


def _describe(field: Field) -> dict[str, Any]:
    return {"number": field.number, "kind": field.kind, "label": field.label}


def _name(field: Field) -> str:
    return f"{field.number} {_quote(field)} ({field.kind})"


def _quote(field: Field) -> str:
    label = " ".join(field.label.split())
    return f'"{label if len(label) <= 160 else label[:159] + "…"}"'


def _list(options: Sequence[str]) -> str:
    shown = ", ".join(f'"{option}"' for option in options[:6])
    return shown if len(options) <= 6 else f"{shown} and {len(options) - 6} more"
