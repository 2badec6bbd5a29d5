"""What figures are made from: one dossier of the period or of the period before, and the report's setting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from ds_bridge.report.figure import Figure
from ds_bridge.report.period import Period

CURRENT, BEFORE = 0, 1

Path: TypeAlias = tuple[str, ...]
"""The path of something in a document: `("identite", "identifiant")`."""


@dataclass(frozen=True, slots=True)
class Left:
    """Given in the place of a row or a number: why this thing is not counted, in a few French words."""

    reason: str


@dataclass(frozen=True, slots=True, repr=False)
class Filed:
    """A dossier that counts. `when` is CURRENT or BEFORE; `identifiant` is that of its person, when known.

    `left` says why it does not count after all. `kept` keeps what several figures read from it.
    """

    number: int
    document: dict[str, Any]
    deposited: dt.date
    when: int
    place: int
    identifiant: int | None = None
    left: Left | None = None
    kept: dict[object, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class Expected:
    """Somebody of the roster of posts."""

    identifiant: int | None
    nom: str | None
    prenom: str | None
    structure: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Setting:
    """What every figure of a report knows: periods, whether it is public, the roster (None without one).

    `address` gives the address of a dossier's page, `codes` the French words for anomalies.
    """

    period: Period
    before: Period
    public: bool = False
    expected: Sequence[Expected] | None = None
    address: Callable[[int], str] = str
    codes: Mapping[str, str] = field(default_factory=dict)
    person_name: tuple[Path, ...] = ()


class Tally(Protocol):
    """A figure that is being counted."""

    def add(self, filed: Filed) -> None:
        """Take one dossier."""
        ...

    def finish(self) -> Figure:
        """The figure of all dossiers that were added."""
        ...


class Declaring(Protocol):
    """A declared figure: `Breakdown`, `Quartiles`, `Listing`, or a class of your own."""

    def begin(self, setting: Setting) -> Tally:
        """Begin to count."""
        ...


def find(document: Mapping[str, Any], path: Path) -> Any:
    """The value at a path of a document; None when there is none."""
    found: Any = document
    for key in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(key)
    return found if path else None


def find_number(document: Mapping[str, Any], path: Path) -> int | None:
    """The whole number at a path. It may be a text of digits."""
    found = find(document, path)
    if isinstance(found, bool):
        return None
    if isinstance(found, int):
        return found
    text = found.strip() if isinstance(found, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
