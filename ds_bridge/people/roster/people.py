"""People: a row of a roster in, the identity and the champs to prefill out, with everything wrong in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ds_bridge.errors import PrefillError
from ds_bridge.people.roster.columns import Columns, simplify
from ds_bridge.people.roster.interface import Cell, Row
from ds_bridge.prefill.identity import Identity
from ds_bridge.prefill.values import ChampValue

_GENRES = {
    **dict.fromkeys(("m", "mr", "monsieur", "homme", "masculin"), "M."),
    **dict.fromkeys(("mme", "madame", "mlle", "mademoiselle", "femme", "feminin"), "Mme"),
}
_NAMES = ("nom", "prenom")
_NUMBERS = ("identifiant", "structure_identifiant")


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """Who a row is about. `identity` holds what could be read, `problems` name what could not."""

    identity: Identity
    champs: Mapping[str, ChampValue]
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def read_person(row: Row, columns: Columns) -> Person:
    """Read one row. Never raises: an empty name, a word for missing data, a bad id is a problem."""
    problems = [row.problem] if row.problem else []
    warnings = []
    given: dict[str, Any] = {}
    for attribute, column in columns.identity.items():
        cell = row.cells.get(column)
        value = _read_attribute(attribute, cell)
        if attribute in _NAMES and value is None:
            problems.append(f"{attribute}: empty")
            continue
        try:
            Identity.model_validate({attribute: value})
        except PrefillError as error:
            problems.append(str(error))
            continue
        if attribute == "identifiant" and value is None:
            warnings.append("identifiant: empty: the dossier cannot be tied to this person by it")
        given[attribute] = value
    sendable = {name: value for name, value in given.items() if value is not None}
    champs = {name: row.cells.get(column) for name, column in columns.champs.items()}
    return Person(Identity.model_validate(sendable), champs, tuple(problems), tuple(warnings))


def _read_attribute(attribute: str, cell: Cell) -> Any:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if attribute in _NUMBERS:
        return int(cell) if isinstance(cell, float) and cell.is_integer() else cell
    if isinstance(cell, dt.date):
        return cell.isoformat()
    text = str(cell) if isinstance(cell, int | float) else cell
    if attribute == "genre" and isinstance(text, str):
        return _GENRES.get(simplify(text), text)
    return text
