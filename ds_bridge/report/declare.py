"""What a démarche declares of its report: figures by chapter, and where its documents say whose they are.

    FIGURES = Declared(
        title="Ateliers",
        programme=(Declaration("Ateliers", (Breakdown(id="ateliers", …),)),),
        person=("animateur", "numero"),
    )

A model names it: `figures: ClassVar[str] = "my.module:FIGURES"`. Functions take a `Filed`, one dossier of the
period or of the one before, and read its document as `ds-bridge dump` writes it. Words are French: officials
and coordinators read them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from ds_bridge.report.figure import Cell, Figure, Show
from ds_bridge.report.period import Period

CURRENT, BEFORE = 0, 1

Path: TypeAlias = tuple[str, ...]
"""Where something stands in a document: `("identite", "identifiant")`."""


@dataclass(frozen=True, slots=True)
class Left:
    """Said in the place of a row or a number: why this one is not counted. In French, a few words."""

    reason: str


@dataclass(frozen=True, slots=True, repr=False)
class Filed:
    """A dossier that counts. `when` is CURRENT or BEFORE; `identifiant` is its person's, when it is known."""

    number: int
    document: Mapping[str, Any]
    deposited: dt.date
    when: int
    place: int
    identifiant: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Expected:
    """Somebody of the roster of posts."""

    identifiant: int | None
    nom: str | None
    prenom: str | None
    structure: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Setting:
    """What every figure of one report knows: periods, whether it is for the public, the roster (None: none).

    `address` gives a dossier's page, `codes` say anomalies in French.
    """

    period: Period
    before: Period
    public: bool = False
    expected: Sequence[Expected] | None = None
    address: Callable[[int], str] = str
    codes: Mapping[str, str] = field(default_factory=dict)
    person_name: tuple[Path, ...] = ()


class Tally(Protocol):
    """A figure in the making."""

    def add(self, filed: Filed) -> None:
        """Take one dossier."""
        ...

    def finish(self) -> Figure:
        """The figure of all that was taken."""
        ...


class Declaring(Protocol):
    """A declared figure: `Breakdown`, `Quartiles`, `Listing`, or one of another make."""

    def begin(self, setting: Setting) -> Tally:
        """Begin to count."""
        ...


@dataclass(frozen=True, slots=True)
class Declaration:
    """A chapter: a heading and its figures."""

    title: str
    figures: tuple[Declaring, ...]


@dataclass(frozen=True, kw_only=True)
class Breakdown:
    """Things counted by row: events by kind. The value is how many have a row; `Left` are told apart.

    `items` gives the things of a dossier (by default the dossier itself), `rows` the row or rows of one, or
    why it has none; with `show="value"` the figure is one number, without a table. `columns` are further
    columns by key; `column` gives a thing's key. `order`: rows by size, as they stand here, or months in
    order, all of them.
    """

    id: str
    title: str
    definition: str
    unit: str
    rows: Callable[[Any, Filed], str | Sequence[str] | Left]
    items: Callable[[Filed], Iterable[Any]] = lambda filed: (filed,)
    heading: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    column: Callable[[Any], str | None] = lambda _: None
    order: Literal["size", "months"] | tuple[str, ...] = "size"
    show: Show = "bars"

    def begin(self, setting: Setting) -> Tally:
        """Begin to count."""
        from ds_bridge.report.counting import Counting

        return Counting(self, setting)


@dataclass(frozen=True, kw_only=True)
class Quartiles:
    """How numbers are spread: of each row, how many, quartiles, median, and the median of the period before.

    `values` gives the number of a dossier by row: None when it has none, `Left` when it is not to be trusted.
    The value is the first row's median.
    """

    id: str
    title: str
    definition: str
    unit: str
    heading: str
    values: Mapping[str, Callable[[Filed], float | Left | None]]

    def begin(self, setting: Setting) -> Tally:
        """Begin to count."""
        from ds_bridge.report.spread import Spread

        return Spread(self, setting)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Rows as they were filed, in the order of their cells. Never for the public; of the period only."""

    id: str
    title: str
    definition: str
    unit: str
    columns: tuple[str, ...]
    rows: Callable[[Filed, Setting], Iterable[tuple[Cell, ...]]]

    def begin(self, setting: Setting) -> Tally:
        """Begin to collect."""
        from ds_bridge.report.listing import Collecting

        return Collecting(self, setting)


@dataclass(frozen=True, kw_only=True)
class Declared:
    """Everything a démarche's report is made of.

    `person` and `structure` are where a document has the pilotage's numbers; without them there is no report
    of a person or a structure. `person_name` and `structure_name` are the paths of their names, put together.
    `codes` say the model's anomalies in French. `left_states` are the states of dossiers that do not
    count, and why, in French.
    """

    title: str
    programme: tuple[Declaration, ...]
    structures: tuple[Declaration, ...] = ()
    personnes: tuple[Declaration, ...] = ()
    person: Path = ()
    person_name: tuple[Path, ...] = ()
    structure: Path = ()
    structure_name: tuple[Path, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    left_states: Mapping[str, str] = field(default_factory=dict)


def find(document: Mapping[str, Any], path: Path) -> Any:
    """What stands at a path of a document; None when there is nothing."""
    found: Any = document
    for key in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(key)
    return found if path else None


def find_number(document: Mapping[str, Any], path: Path) -> int | None:
    """A whole number at a path, typed as text perhaps."""
    found = find(document, path)
    if isinstance(found, bool):
        return None
    if isinstance(found, int):
        return found
    text = found.strip() if isinstance(found, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
