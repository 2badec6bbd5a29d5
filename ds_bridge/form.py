"""A démarche's form: `Form` and its `Field`s. Takes GraphQL or the public prefill schema, gives one shape.

Both sides of ds-bridge use it: reading resolves a model's fields on a form, prefilling checks values by it.
A field keeps its place (section, order), since on real forms labels are not keys.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ds_bridge.errors import ConfigurationError
from ds_bridge.ids import ChampId, MalformedIdError

SILENT = frozenset({"header_section", "explication"})
"""Kinds that hold nothing: titles and texts for the reader."""

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True)
class Field:
    """One champ of a form.

    `number` is the stable number (None in open data, which gives no ids), `kind` the snake-case descriptor
    (`text`, `integer_number`, `repetition`…), `section` the label of the nearest header above it, `options`
    the choices of a list in order (None for other kinds), `fields` the champs of a repeatable block.
    """

    number: int | None
    kind: str
    label: str
    description: str = ""
    required: bool = False
    section: str | None = None
    options: tuple[str, ...] | None = None
    other_option: bool = False
    fields: tuple[Field, ...] = ()

    @property
    def id(self) -> str | None:
        """The typed id without padding, as prefill links write it."""
        return None if self.number is None else ChampId(self.number).encode_for_link()


@dataclass(frozen=True, slots=True)
class Form:
    """The champs of one revision of a démarche, in order."""

    number: int
    title: str
    fields: tuple[Field, ...]
    revision: str | None = None

    @classmethod
    def from_revision(cls, number: int, title: str, revision: dict[str, Any]) -> Form:
        """Build from a GraphQL `Revision` or the `revision` of the public schema (same shape)."""
        return cls(number, title, read_fields(revision["champDescriptors"]), revision.get("id"))

    @classmethod
    def from_schema(cls, document: dict[str, Any]) -> Form:
        """Build from `GET /preremplir/<path>/schema` or an open-data file.

        Raises ConfigurationError when the document is not a form.
        """
        try:
            return cls.from_revision(document["number"], document["title"], document["revision"])
        except (KeyError, TypeError) as error:
            raise ConfigurationError("this document is not a démarche's form (no revision)") from error

    @property
    def fingerprint(self) -> str:
        """Changes with the champs: their order, ids, kinds, labels, options and which are required."""
        return hashlib.sha256(repr([_outline(field) for field in self.fields]).encode()).hexdigest()

    def holds_the_same(self, other: Form) -> bool:
        """Whether the two forms are equal, titles and explanations aside."""
        mine, theirs = ([_outline(field) for field in _list_holders(form.fields)] for form in (self, other))
        return mine == theirs

    def walk(self) -> Iterator[tuple[Field, Field | None]]:
        """Every field with the block it stands in (None at top level), in order."""
        for field in self.fields:
            yield field, None
            for inner in field.fields:
                yield inner, field

    def find(self, number: int) -> Field | None:
        """The field with this stable number, blocks included."""
        return next((field for field, _ in self.walk() if field.number == number), None)


def read_forms(document: dict[str, Any]) -> tuple[Form, tuple[Form, ...]]:
    """The active form of a démarche as the API describes it, and those of its other published revisions.

    Raises ConfigurationError when the document is no démarche.
    """
    try:
        number, title = document["number"], document["title"]
        active = Form.from_revision(number, title, document["activeRevision"])
        others = tuple(
            Form.from_revision(number, title, revision)
            for revision in document.get("revisions") or ()
            if revision.get("datePublication") and revision.get("id") != active.revision
        )
    except (KeyError, TypeError) as error:
        raise ConfigurationError("this document describes no démarche (no active revision)") from error
    return active, others


def has_changed(revision: str | None, fingerprint: str, active: Form, others: Iterable[Form]) -> bool:
    """Whether the form changed since that revision and fingerprint. Titles and texts do not count."""
    if revision == active.revision:
        return fingerprint != active.fingerprint
    before = next((form for form in others if form.revision == revision), None)
    return before is None or not before.holds_the_same(active)


def _list_holders(fields: Iterable[Field]) -> list[Field]:
    return [
        replace(field, fields=tuple(_list_holders(field.fields)))
        for field in fields
        if field.kind not in SILENT
    ]


def _outline(field: Field) -> tuple[Any, ...]:
    inner = tuple(_outline(each) for each in field.fields)
    return (
        field.number, field.kind, field.label, field.required, field.options, field.other_option, inner
    )  # fmt: skip


def kind_of(typename: str) -> str:
    """`IntegerNumberChampDescriptor` → `integer_number`."""
    return _WORD_START.sub("_", typename.removesuffix("ChampDescriptor")).lower()


def read_fields(descriptors: list[dict[str, Any]]) -> tuple[Field, ...]:
    """The fields of a list of descriptors, each under the section title above it."""
    fields: list[Field] = []
    section: str | None = None
    for descriptor in descriptors:
        field = _read_field(descriptor, section)
        if field.kind == "header_section":
            section = field.label
        fields.append(field)
    return tuple(fields)


def _read_field(descriptor: dict[str, Any], section: str | None) -> Field:
    options = descriptor.get("options")
    return Field(
        number=_read_number(descriptor.get("id")),
        kind=kind_of(descriptor["__typename"]),
        label=descriptor["label"],
        description=descriptor.get("description") or "",
        required=bool(descriptor.get("required")),
        section=section,
        options=None if options is None else tuple(str(option) for option in options),
        other_option=bool(descriptor.get("otherOption")),
        fields=read_fields(descriptor.get("champDescriptors") or []),
    )


def _read_number(typed_id: str | None) -> int | None:
    if typed_id is None:
        return None
    try:
        return ChampId.parse(typed_id).stable
    except MalformedIdError as error:
        raise ConfigurationError(f"the form holds {error}") from error
