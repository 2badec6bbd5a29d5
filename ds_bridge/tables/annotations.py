"""Annotations: a pydantic model's types in, columns and a `Reader` of its JSON out.

A nested model becomes several columns: `identite` and `nom` give `identite_nom`. A list of plain values
becomes a list column, a list of models a list of records. A value without a single type becomes JSON text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from ds_bridge.mapping.kinds import bare_type, item_type
from ds_bridge.tables.columns import Column, Kind, MisfitError

_DEEPEST = 6  # a model that contains itself becomes JSON text here
_BY_TYPE: tuple[tuple[type, Kind], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "decimal"),
    (Decimal, "decimal"),
    (dt.datetime, "datetime"),
    (dt.date, "date"),
    (str, "text"),
)


@dataclass(frozen=True)
class Node:
    """An object of the JSON: for each key, the column or the nested object that takes its value.

    None: the key exists, and its value goes elsewhere (a block's rows) or nowhere.
    """

    entries: dict[str, Column | Node | None]

    def columns(self) -> Iterator[Column]:
        """All columns, nested ones in their place."""
        for entry in self.entries.values():
            if isinstance(entry, Node):
                yield from entry.columns()
            elif entry is not None:
                yield entry

    def read(self, value: Any, cells: dict[str, Any], path: str = "") -> None:
        """Put the object's values into `cells` by column name. Raises MisfitError for other keys."""
        if value is None:
            return
        if not isinstance(value, dict) or value.keys() != self.entries.keys():
            raise MisfitError(path or "its keys")
        for key, entry in self.entries.items():
            if isinstance(entry, Node):
                entry.read(value[key], cells, f"{path}.{key}" if path else key)
            elif entry is not None:
                cells[entry.name] = entry.read(value[key])

    def change(self, change: Callable[[Column], Column]) -> Node:
        """A copy in which every column is changed."""
        return Node(
            {
                key: entry.change(change) if isinstance(entry, Node) else entry and change(entry)
                for key, entry in self.entries.items()
            }
        )


def read_fields(
    model: type[BaseModel], *, prefix: str = "", path: tuple[str, ...] = (), without: Collection[str] = ()
) -> Node:
    """The columns of a model's JSON; keys of `without` (dotted paths) have none."""
    entries: dict[str, Column | Node | None] = {}
    for key, annotation in _json_fields(model):
        place = (*path, key)
        bare = bare_type(annotation)
        if ".".join(place) in without:
            entries[key] = None
        elif isinstance(bare, type) and issubclass(bare, BaseModel) and len(place) < _DEEPEST:
            entries[key] = read_fields(bare, prefix=f"{prefix}{key}_", path=place, without=without)
        else:
            entries[key] = replace(read_column(f"{prefix}{key}", annotation), path=place)
    return Node(entries)


def read_column(name: str, annotation: Any) -> Column:
    """One column for a field of this type."""
    bare = bare_type(annotation)
    item = item_type(bare)
    if item is None:
        return Column(name, _kind_of(bare))
    inner = bare_type(item)
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        fields = tuple(_flat_column(key, hint) for key, hint in _json_fields(inner))
        return Column(name, "record", many=True, fields=fields)
    return Column(name, _kind_of(inner), many=True)


def _flat_column(key: str, annotation: Any) -> Column:
    column = read_column(key, annotation)
    return Column(key, "json") if column.kind == "record" else column


def _json_fields(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    for key, info in model.model_fields.items():
        if not info.exclude:
            yield key, info.annotation
    for key, computed in model.model_computed_fields.items():
        yield key, computed.return_type


def _kind_of(bare: Any) -> Kind:
    if get_origin(bare) is Literal:
        types = {type(value) for value in get_args(bare) if value is not None}
    elif isinstance(bare, type) and issubclass(bare, Enum):
        types = {type(member.value) for member in bare}
    else:
        types = {bare} if isinstance(bare, type) else set()
    if len(types) != 1:
        return "json"
    wanted = types.pop()
    return next((kind for known, kind in _BY_TYPE if issubclass(wanted, known)), "json")
