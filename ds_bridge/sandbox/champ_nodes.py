"""Champs as the API shows them: takes a dossier's values and revision, gives nodes in the order of the form.

Champs that do not apply are left out; titles are among the others; a block holds its rows. The type of a
champ depends on the fragments of the query, so nodes are made for one query.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ds_bridge.ids import ChampId
from ds_bridge.sandbox.champ_values import read_value
from ds_bridge.sandbox.dossiers import Dossier, Row, Values
from ds_bridge.sandbox.forms import Descriptor, Revision, is_visible
from ds_bridge.sandbox.instruction import Instruction, annotation_key
from ds_bridge.sandbox.kinds import descriptor_typename, old_type_name, typename_of
from ds_bridge.sandbox.node import Node, typed_id, write_datetime


class ChampWriter:
    """Makes champ nodes for one query.

    `fragments` are the types on which the query has fragments; `give_dossier` and `give_files` make the nodes
    of linked dossiers and of files.
    """

    def __init__(
        self,
        fragments: frozenset[str],
        give_dossier: Callable[[int], Callable[..., Node | None]],
        give_files: Callable[[Sequence[Any], str], list[Node]],
    ) -> None:
        self.fragments = fragments
        self._give_dossier = give_dossier
        self._give_files = give_files

    def write(self, dossier: Dossier, revision: Revision) -> list[Node]:
        """A dossier's champs, those that apply."""
        written = write_datetime(dossier.champs_modified_at or dossier.modified_at)
        page = _Page(dossier.values, written, dossier.prefilled_champs)
        return self._write_all(revision.champs, dossier.values, page)

    def write_annotations(self, dossier: Dossier, revision: Revision, instruction: Instruction) -> list[Node]:
        """The annotations of a dossier."""
        values = instruction.annotations
        dates = {key: write_datetime(at) for key, at in instruction.written_at.items()}
        page = _Page(values, write_datetime(dossier.deposited_at), frozenset(), dates)
        return self._write_all(revision.annotations, values, page)

    def write_annotation(
        self, dossier: Dossier, descriptor: Descriptor, instruction: Instruction, row: Row | None
    ) -> Node:
        """One annotation, at top level or in `row`."""
        dates = {key: write_datetime(at) for key, at in instruction.written_at.items()}
        page = _Page(instruction.annotations, write_datetime(dossier.deposited_at), frozenset(), dates)
        values = instruction.annotations if row is None else row.values
        return self._write_champ(descriptor, values, None if row is None else row.id, page)

    def _write_all(self, descriptors: Sequence[Descriptor], values: Values, page: _Page) -> list[Node]:
        return [
            self._write_champ(descriptor, values, None, page)
            for descriptor in descriptors
            if is_visible(descriptor, values)
        ]

    def _write_champ(self, descriptor: Descriptor, values: Values, row: str | None, page: _Page) -> Node:
        kind, stable = descriptor.kind, descriptor.stable
        typename = typename_of(kind, self.fragments, descriptor.nature)
        updated = page.dates.get(annotation_key(stable, row), page.written)
        node = Node(
            __typename=typename,
            id=encode_champ(stable) if row is None else _encode_in_row(stable, row),
            champDescriptorId=encode_champ(stable),
            label=descriptor.label,
            updatedAt=updated,
            prefilled=stable in page.prefilled,
            prefilledValueModified=False,
            columns=[],
        )
        value = values.get(stable)
        if kind == "repetition":
            node.update(self._write_rows(descriptor, value or (), page))
        elif kind == "dossier_link":
            node.update(stringValue="" if value is None else str(value))
            node["dossier"] = None if value is None else self._give_dossier(value)
        elif typename == "PieceJustificativeChamp":
            files = self._give_files(value or (), updated)
            node.update(files=files, file=files[0] if files else None, nature=descriptor.nature or "")
            node["stringValue"] = None if files else ""
        else:
            node.update(read_value("titre_identite" if descriptor.is_titre else kind, typename, value))
            if kind == "header_section":
                node["level"] = descriptor.level or 1
        return node

    def _write_rows(self, block: Descriptor, rows: Sequence[Row], page: _Page) -> dict[str, Any]:
        written = [
            Node(
                __typename="Row",
                id=typed_id("Row", row.id),
                champs=[
                    self._write_champ(descriptor, row.values, row.id, page)
                    for descriptor in block.champs
                    if is_visible(descriptor, page.top, row.values)
                ],
            )
            for row in rows
        ]
        flat = [champ for row in written for champ in row["champs"]]
        return {"rows": written, "champs": flat, "stringValue": ""}


@dataclass(frozen=True, slots=True)
class _Page:
    """What the champs of one dossier share. `top`: the values at top level. `written`: when they were last
    written, except for those in `dates`."""

    top: Values
    written: str
    prefilled: frozenset[int]
    dates: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=4096)
def encode_champ(stable: int) -> str:
    """A champ's typed id, padding included."""
    return ChampId(stable).encode()


def _encode_in_row(stable: int, row: str) -> str:
    return base64.b64encode(f"Champ-{stable}|{row}".encode()).decode("ascii")


def write_descriptors(descriptors: Sequence[Descriptor]) -> list[Node]:
    """A form's descriptors as nodes, in order."""
    return list(_write_descriptors(descriptors))


def _write_descriptors(descriptors: Sequence[Descriptor]) -> Iterator[Node]:
    for descriptor in descriptors:
        node = Node(
            __typename=descriptor_typename(descriptor.kind),
            id=encode_champ(descriptor.stable),
            type=old_type_name(descriptor.kind),
            label=descriptor.label,
            description=descriptor.description,
            required=descriptor.required,
            champDescriptors=write_descriptors(descriptor.champs) if descriptor.champs else None,
        )
        if descriptor.options is not None:
            node["options"] = list(descriptor.options)
            node["otherOption"] = descriptor.other_option
        if descriptor.kind == "header_section":
            node["level"] = descriptor.level or 1
        yield node
