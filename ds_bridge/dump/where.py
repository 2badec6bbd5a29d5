"""Where: `--where FIELD=VALUE` on a démarche's fields. Takes its layout, gives a test for each dossier.

A field is a column of the table `dossiers`, by its name or its path in the JSON (`identite.structure_nom`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from ds_bridge.api.records import DossierState
from ds_bridge.config.settings import suggest
from ds_bridge.errors import ConfigurationError
from ds_bridge.tables.columns import Column
from ds_bridge.tables.layout import DOSSIERS, Facts, Layout

_PARIS = ZoneInfo("Europe/Paris")
_STATE, _STATES = ("dossier", "state"), tuple(map(str, DossierState))
_BOOLEANS = {"true": True, "oui": True, "false": False, "non": False}


@dataclass(frozen=True)
class Where:
    """All conditions must hold. `wanted`: columns, each with the cell it must have (None: an empty one)."""

    layout: Layout
    wanted: tuple[tuple[Column, Any], ...]

    def keeps(self, document: dict[str, Any], facts: Facts) -> bool:
        """Whether the dossier meets them. Raises ConfigurationError for a document of another model."""
        _, cells = next(iter(self.layout.split(document, facts)))  # the dossier's own row comes first
        return all(_holds(column, cells.get(column.name), value) for column, value in self.wanted)


def read_conditions(texts: Iterable[str], layout: Layout) -> Where | None:
    """The conditions, each `FIELD=VALUE`; None without any. An empty VALUE means an empty field.

    Raises ConfigurationError for an unknown field, and for a value that is not of its type. The message does
    not repeat the value, which may be somebody's name.
    """
    table = next(table for table in layout.tables if table.name == DOSSIERS)
    fields = {column.name: column for column in table.columns}
    paths = {".".join(column.path): column for column in table.columns if len(column.path) > 1}
    wanted = tuple(_read_condition(text, {**paths, **fields}, fields) for text in texts)
    return Where(layout, wanted) if wanted else None


def _read_condition(text: str, known: Mapping[str, Column], listed: Iterable[str]) -> tuple[Column, Any]:
    name, equals, value = text.partition("=")
    name = name.strip()
    if not equals:
        raise ConfigurationError("--where: write FIELD=VALUE, as in --where state=accepte")
    column = known.get(name)
    if column is None:
        fields = ", ".join(sorted(listed))
        raise ConfigurationError(f"--where: no field {name!r}{suggest(name, known)} (known: {fields})")
    if not value:
        return column, None
    if column.kind in ("json", "record"):
        raise ConfigurationError(f"--where: {name} has parts: only a field that holds one value is compared")
    if column.path == _STATE and value.strip() not in _STATES:
        known_states = ", ".join(_STATES)
        raise ConfigurationError(f"--where: {name} is one of {known_states}{suggest(value.strip(), _STATES)}")
    try:
        return column, _READERS.get(column.kind, str)(value.strip())
    except (ValueError, KeyError, OverflowError):
        raise ConfigurationError(f"--where: {name} takes {_TAKES[column.kind]}") from None


def _holds(column: Column, cell: Any, value: Any) -> bool:
    if value is None:
        return cell is None or cell == [] or cell == ""
    cells = cell or [] if column.many else [cell]
    if column.kind == "datetime":
        cells = [_local_day(one) if not isinstance(value, dt.datetime) else one for one in cells]
    return value in cells


def _local_day(moment: dt.datetime | None) -> dt.date | None:
    if moment is None or moment.tzinfo is None:
        return moment.date() if moment else None
    return moment.astimezone(_PARIS).date()


def _read_moment(text: str) -> dt.date:
    """A day in Paris, or a moment; a moment without an offset is by Paris's clock."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        moment = dt.datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=_PARIS)


_READERS: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "decimal": lambda text: float(text.replace(",", ".")),
    "boolean": lambda text: _BOOLEANS[text.lower()],
    "date": dt.date.fromisoformat,
    "datetime": _read_moment,
}
_TAKES = {
    "integer": "a whole number",
    "decimal": "a number",
    "boolean": "true or false",
    "date": "a day, as 2024-05-30",
    "datetime": "a day, as 2024-05-30, or a moment, as 2024-05-30T10:15:00+02:00",
}
