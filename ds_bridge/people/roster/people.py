"""People: takes a row of a roster, gives the identity and the champs to prefill, and all problems of the
row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ds_bridge.errors import PrefillError
from ds_bridge.people.roster.columns import Columns, simplify
from ds_bridge.people.roster.interface import Cell, Row
from ds_bridge.prefill.identity import Identity
from ds_bridge.prefill.invisible import take_out
from ds_bridge.prefill.values import ChampValue

_GENRES = {
    **dict.fromkeys(("m", "mr", "monsieur", "homme", "masculin"), "M."),
    **dict.fromkeys(("mme", "madame", "mlle", "mademoiselle", "femme", "feminin"), "Mme"),
}
_NAMES = ("nom", "prenom")
_NUMBERS = ("identifiant", "structure_identifiant")


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """The person of a row. `identity` holds what could be read, `problems` what could not."""

    identity: Identity
    champs: Mapping[str, ChampValue]
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def read_person(row: Row, columns: Columns) -> Person:
    """Read one row. Never raises: an empty name, a word for missing data, or a bad id becomes a problem.

    Problems and warnings use the roster's own names of columns.
    """
    problems = [row.problem] if row.problem else []
    warnings: list[str] = []
    given: dict[str, Any] = {}
    for attribute, column in columns.identity.items():
        heading = columns.heading(attribute)
        if column in row.faults:
            problems.append(f"{heading}: {row.faults[column]}")
            continue
        value = _read_attribute(attribute, row.cells.get(column))
        if attribute in _NAMES and value is None:
            problems.append(f"{heading}: empty")
            continue
        try:
            read = Identity.model_validate({attribute: value})
        except PrefillError as error:
            problems.append(columns.rename(str(error)))
            continue
        warnings += map(columns.rename, read.notes)
        if attribute == "identifiant" and value is None:
            warnings.append(f"{heading}: empty: it cannot tie the dossier to this person")
        given[attribute] = value
    problems += [
        f"{columns.heading(name)}: {row.faults[column]}"
        for name, column in columns.champs.items()
        if column in row.faults
    ]
    # Check only what could be read: the rest is reported above.
    sendable = {name: value for name, value in given.items() if value is not None}
    identity = Identity.model_validate(Identity.model_validate(sendable).model_dump(exclude_unset=True))
    champs = {name: row.cells.get(column) for name, column in columns.champs.items()}
    return Person(identity, champs, tuple(problems), tuple(warnings))


def _read_attribute(attribute: str, cell: Cell) -> Any:
    if cell is None or (isinstance(cell, str) and not take_out(cell)[0].strip()):
        return None
    if attribute in _NUMBERS:
        return int(cell) if isinstance(cell, float) and cell.is_integer() else cell
    if isinstance(cell, dt.date):
        return cell.isoformat()
    text = str(cell) if isinstance(cell, int | float) else cell
    if attribute == "genre" and isinstance(text, str):
        return _GENRES.get(simplify(text), text)
    return text
