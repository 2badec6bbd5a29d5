"""References: takes what a caller wrote to name a champ, gives the champ and its place on the form.

With a form, a champ is found by typed id, stable number or label, at top level or within its block. Without
one, ids are not checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ds_bridge.form import Field, Form
from ds_bridge.ids import ChampId, MalformedIdError, read_reference
from ds_bridge.prefill.kinds import KINDS
from ds_bridge.prefill.refusals import RefusedValueError

_KEPT_FORMS = 16


@dataclass(frozen=True, slots=True)
class Target:
    """A champ to prefill: its parameter's name, what the form says of it, and its place there."""

    key: str
    field: Field | None = None
    scope: Scope | None = None
    position: int = 0


class Scope:
    """The champs on one level of a form: the top, or the inside of a block."""

    def __init__(self, form: Form, fields: tuple[Field, ...], block: Field | None = None) -> None:
        self.form = form
        self.block = block
        self._by_number: dict[int, Target] = {}
        self._by_label: dict[str, list[Field]] = {}
        self._elsewhere: dict[int, Field] = {
            inner.number: outer
            for outer in form.fields
            for inner in outer.fields
            if inner.number is not None and outer is not block
        }
        for position, field in enumerate(fields):
            self._by_label.setdefault(_simplify(field.label), []).append(field)
            if field.number is not None:
                inside = Scope(form, field.fields, field) if field.kind == "repetition" else None
                self._by_number[field.number] = Target(_key(field.number), field, inside, position)

    @property
    def first(self) -> Target | None:
        """The first champ that can be sent, a text if possible: an empty row sends it empty."""
        targets = [each for each in self._by_number.values() if each.field and each.field.kind in KINDS]
        texts = (each for each in targets if each.field and each.field.kind in ("text", "textarea"))
        return next(texts, targets[0] if targets else None)

    def find_number(self, number: int) -> Target:
        """The champ with this stable number. Raises RefusedValueError, which says where it is instead."""
        target = self._by_number.get(number)
        if target is not None:
            return target
        if self.block is not None:
            raise RefusedValueError(
                "unknown_champ", f"the block {self.block.label!r} has no such champ in its rows"
            )
        if number in self._elsewhere:
            raise RefusedValueError(
                "in_block",
                f"the form of démarche {self.form.number} has no such champ outside its blocks: it belongs "
                f"to the rows of {self._elsewhere[number].label!r}, give it there",
            )
        raise RefusedValueError(
            "unknown_champ", f"the form of démarche {self.form.number} has no such champ outside its blocks"
        )

    def find_label(self, label: str) -> Target:
        """The only champ with this label. Raises RefusedValueError that lists the candidates."""
        found = self._by_label.get(_simplify(label), [])
        where = f"the form of démarche {self.form.number}"
        if self.block is not None:
            where = f"the block {self.block.label!r}"
        if not found:
            raise RefusedValueError("unknown_champ", f"{where} has no champ labelled {label!r}")
        if len(found) > 1:
            candidates = ", ".join(f"{field.id} (section {field.section!r})" for field in found)
            raise RefusedValueError(
                "ambiguous_label",
                f"several champs are labelled {label!r}: give an id, one of {candidates}",
            )
        if found[0].number is None:
            raise RefusedValueError(
                "no_id", "this form gives no ids (open data of 2024): use one from the platform"
            )
        return self._by_number[found[0].number]


_scopes: dict[int, Scope] = {}


def scope_of(form: Form) -> Scope:
    """The top level of a form, prepared once for each `Form` object."""
    scope = _scopes.get(id(form))
    if scope is None or scope.form is not form:
        while len(_scopes) >= _KEPT_FORMS:
            _scopes.pop(next(iter(_scopes)), None)
        scope = _scopes[id(form)] = Scope(form, form.fields)
    return scope


def find_target(reference: str, scope: Scope | None) -> Target:
    """The champ that a reference names. Raises RefusedValueError."""
    if scope is None:
        return _read_alone(reference)
    champ = _parse(reference)
    if isinstance(champ, str):
        return scope.find_label(champ)
    return scope.find_number(_outside_rows(champ).stable)


@lru_cache(maxsize=4096)
def _read_alone(reference: str) -> Target:
    champ = _parse(reference)
    if isinstance(champ, str):
        raise RefusedValueError(
            "unknown_champ",
            f"{champ!r} is a label, and finding it needs the démarche's form: "
            "give the champ's id (`ds-bridge form` lists them)",
        )
    return Target(_key(_outside_rows(champ).stable))


def _parse(reference: str) -> ChampId | str:
    try:
        return read_reference(reference)
    except MalformedIdError as error:
        raise RefusedValueError("bad_reference", str(error)) from None


def _outside_rows(champ: ChampId) -> ChampId:
    if champ.row is not None:
        raise RefusedValueError("bad_reference", "the id of a champ in a row; give the champ's own id")
    return champ


def _key(number: int) -> str:
    return f"champ_{ChampId(number).encode_for_link()}"


def _simplify(label: str) -> str:
    return " ".join(label.split()).casefold()


def name_reference(name: str, fields: Mapping[str, str], block: str | None = None) -> str:
    """The reference that the configuration gives a name (`block.name` in a row), or else the name itself."""
    return fields.get(name if block is None else f"{block}.{name}", name)
