"""`Layout`: the tables of a démarche, and a dossier split into their rows.

`ModelLayout` and `ChampsLayout` make one; table formats, notebooks and views only know this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias

from ds_bridge.errors import ConfigurationError
from ds_bridge.mapping import Anomaly, DossierHeader
from ds_bridge.tables.annotations import read_fields
from ds_bridge.tables.columns import Column, Table

Cells: TypeAlias = dict[str, Any]
"""A row by column name; a column left out is null (a list: empty)."""

DOSSIERS = "dossiers"
ANOMALIES = "anomalies"
PSEUDONYM = "pseudonyme"

DOSSIER_KEY = Column("dossier", "integer", ("dossier", "number"))
ROW_COLUMNS = (DOSSIER_KEY, Column("position", "integer"), Column("row_id", "text"))
ROW_KEY = ("dossier", "position")

_HEADER_COLUMNS = (
    DOSSIER_KEY,
    Column(PSEUDONYM, "text", (PSEUDONYM,)),
    *(
        column
        for column in read_fields(DossierHeader, path=("dossier",)).columns()
        if column.path[-1] != "number"
    ),
    Column("valid", "boolean"),
)
ANOMALIES_TABLE = Table(
    ANOMALIES,
    (DOSSIER_KEY, Column("position", "integer"), *read_fields(Anomaly).columns()),
    ROW_KEY,
    "Anomalies",
)


def make_anomalies_list() -> Table:
    """The table of anomalies without their position, since some rows may be left out."""
    return replace(
        ANOMALIES_TABLE,
        columns=tuple(column for column in ANOMALIES_TABLE.columns if column.name != "position"),
    )


class Layout(Protocol):
    """The tables of one démarche: `dossiers` first, its blocks, `anomalies` last."""

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, in order."""
        ...

    def split(self, document: dict[str, Any], facts: Facts) -> Iterator[tuple[str, Cells]]:
        """Rows of one dossier, each with its table's name.

        Raises ConfigurationError when the document was mapped by another model than this layout's.
        """
        ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What the store knows of a dossier beside its document. `row_ids`: by block and position."""

    number: int
    valid: bool
    row_ids: Mapping[tuple[str, int], str | None]


@dataclass(frozen=True)
class OneTable:
    """A layout for one table only. Raises ConfigurationError for a name that the layout does not have."""

    whole: Layout
    name: str

    def __post_init__(self) -> None:
        known = [table.name for table in self.whole.tables]
        if self.name not in known:
            raise ConfigurationError(f"no table {self.name!r} (known: {', '.join(known)})")

    @property
    def tables(self) -> tuple[Table, ...]:
        """That one."""
        return tuple(table for table in self.whole.tables if table.name == self.name)

    def split(self, document: dict[str, Any], facts: Facts) -> Iterator[tuple[str, Cells]]:
        """The table's rows of one dossier."""
        return ((name, cells) for name, cells in self.whole.split(document, facts) if name == self.name)


def header_columns(*, pseudonymised: bool) -> tuple[Column, ...]:
    """The first columns of `dossiers`."""
    return tuple(column for column in _HEADER_COLUMNS if pseudonymised or column.name != PSEUDONYM)


def header_cells(document: dict[str, Any], facts: Facts) -> Cells:
    """Their cells."""
    header = document.get("dossier")
    if not isinstance(header, dict):
        header = {}
    cells: Cells = {"dossier": facts.number, "valid": facts.valid}
    for column in _HEADER_COLUMNS:
        if column.name == PSEUDONYM:
            cells[PSEUDONYM] = document.get(PSEUDONYM)
        elif len(column.path) == 2 and column.path[-1] != "number":
            cells[column.name] = column.read(header.get(column.path[-1]))
    return cells


def anomaly_rows(document: dict[str, Any], facts: Facts) -> Iterator[tuple[str, Cells]]:
    """Rows of `anomalies`."""
    for position, anomaly in enumerate(document.get("anomalies") or ()):
        yield ANOMALIES, {"dossier": facts.number, "position": position, **anomaly}


def is_unmapped(document: dict[str, Any]) -> bool:
    """Whether nothing could be mapped: the dossier broke the schema, or the model's code failed."""
    return document.keys() <= {"dossier", "anomalies", PSEUDONYM}


def stale(facts: Facts, name: str, where: str) -> ConfigurationError:
    """The error for a document that another model or version mapped."""
    return ConfigurationError(
        f"dossier {facts.number} was mapped by another model or version (at {where}):"
        f" run ds-bridge remap {name} first"
    )
