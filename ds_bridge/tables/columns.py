"""Columns: the parts of a table, and the way from a JSON value to a cell.

Built by `annotations` from types, filled by the layouts, written by the table formats and by notebooks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ds_bridge.form import Field
from ds_bridge.mapping.values import LARGEST, SMALLEST
from ds_bridge.store.encoding import encode_json

Kind: TypeAlias = Literal["text", "integer", "decimal", "boolean", "date", "datetime", "json", "record"]


class MisfitError(Exception):
    """A value that is not of its column's type. The message has the path, never the value."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A champ of the form: typed id without padding, kind, and current label."""

    champ: str | None
    kind: str
    label: str

    @classmethod
    def of(cls, field: Field) -> Origin:
        """The origin that a form's field describes."""
        return cls(field.id, field.kind, field.label.strip())


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `path`: the place of the value in the document, from the table's object or row.

    `many`: the cell is a list. Kind `record` is always a list, of its `fields`; kind `json` is any value, as
    JSON text. `origins`: the champs that feed it, several when revisions or sorts of rows have their own.
    """

    name: str
    kind: Kind
    path: tuple[str, ...] = ()
    many: bool = False
    fields: tuple[Column, ...] = ()
    origins: tuple[Origin, ...] = ()

    def read(self, value: Any) -> Any:
        """The cell for a JSON value: str, int, float, bool, date, datetime, a list of these or of dicts.

        Raises MisfitError.
        """
        if self.many:
            if value is None:
                return []
            if not isinstance(value, list):
                raise self._misfit()
            return [self._read_one(item) for item in value]
        return self._read_one(value)

    def _read_one(self, value: Any) -> Any:
        if value is None:
            return None
        if self.kind == "record":
            return self._read_record(value)
        try:
            return _READERS[self.kind](value)
        except (TypeError, ValueError):
            raise self._misfit() from None

    def _read_record(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or not value.keys() <= {field.name for field in self.fields}:
            raise self._misfit()
        return {field.name: field.read(value.get(field.name)) for field in self.fields}

    def _misfit(self) -> MisfitError:
        return MisfitError(".".join(self.path) or self.name)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: `dossiers`, `anomalies`, or a block's rows. `key` names the columns that tell rows apart.

    `source` is the block's name in the store; without a model, the typed id of its champ, without padding.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    label: str | None = None
    source: str | None = None


def unique_name(name: str, taken: set[str]) -> str:
    """The name, with as many underscores as make it unique (case does not count). Adds it to `taken`."""
    while name.lower() in taken:
        name += "_"
    taken.add(name.lower())
    return name


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _read_integer(value: Any) -> int:
    if type(value) is not int or not SMALLEST <= value <= LARGEST:
        raise TypeError
    return value


def _read_decimal(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError
    return float(value)  # JSON holds a Decimal as text


def _read_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


_READERS: dict[str, Callable[[Any], Any]] = {
    "text": _read_text,
    "integer": _read_integer,
    "decimal": _read_decimal,
    "boolean": _read_boolean,
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
    "json": lambda value: encode_json(value).decode(),
}
