"""The layout of a démarche without a model: one column for each champ of its forms, named by stable number.

`champ_3566491`, or `champ_700114_code` for one part of a value: names never come from labels, so that a
corrected label changes nothing. A value that fits no column (a champ of an unpublished revision, a value of
another kind) is JSON text in `other_champs`. What the démarche's options brought (messages, avis…) is in
`extras`. So nothing is lost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from ds_bridge.api import champs
from ds_bridge.form import SILENT, Field
from ds_bridge.mapping import PieceJointe
from ds_bridge.mapping.extras import EXTRA_KEYS
from ds_bridge.mapping.index import stable_number
from ds_bridge.mapping.kinds import BLOCK, bare_type
from ds_bridge.store.encoding import encode_json
from ds_bridge.tables.annotations import Node, read_column, read_fields
from ds_bridge.tables.columns import Column, MisfitError, Origin, Table
from ds_bridge.tables.layout import (
    ANOMALIES_TABLE,
    DOSSIERS,
    ROW_COLUMNS,
    ROW_KEY,
    Cells,
    Facts,
    anomaly_rows,
    header_cells,
    header_columns,
    is_unmapped,
    stale,
)

OTHERS = Column("other_champs", "json")
EXTRAS = Column("extras", "json")


class LinkedOptions(BaseModel):
    """The two choices of a linked list."""

    primary: str | None
    secondary: str | None


def _value_of(champ: type[BaseModel], field: str) -> Any:
    return champ.model_fields[field].annotation


TYPES: Mapping[str, Any] = {
    "integer_number": int,
    "number": int,
    "decimal_number": float,
    "date": dt.date,
    "datetime": dt.datetime,
    "checkbox": bool,
    "yes_no": bool,
    "titre_identite": bool,
    "dossier_link": int,
    "multiple_drop_down_list": list[str],
    "linked_drop_down_list": LinkedOptions,
    "piece_justificative": list[PieceJointe],
    "carte": _value_of(champs.CarteChamp, "geo_areas"),
    "address": _value_of(champs.AddressChamp, "address"),
    "commune": _value_of(champs.CommuneChamp, "commune"),
    "departement": _value_of(champs.DepartementChamp, "departement"),
    "region": _value_of(champs.RegionChamp, "region"),
    "pays": _value_of(champs.PaysChamp, "pays"),
    "epci": _value_of(champs.EpciChamp, "epci"),
    "siret": _value_of(champs.SiretChamp, "etablissement"),
    "rna": _value_of(champs.RNAChamp, "rna"),
    "rnf": _value_of(champs.RNFChamp, "rnf"),
    "engagement_juridique": _value_of(champs.EngagementJuridiqueChamp, "engagement_juridique"),
}
"""The type of the value that `mapping.plain` writes for a kind. All other kinds, also new ones, are text."""


class ChampsLayout:
    """`fields`: the champs of the form and of its older revisions, each as it was described last."""

    def __init__(self, name: str, fields: Iterable[Field], *, pseudonymised: bool = False) -> None:
        self._name = name
        known = [field for field in fields if field.number is not None and field.kind not in SILENT]
        self._top = _read_champs(field for field in known if field.kind not in BLOCK)
        self._blocks: dict[int, tuple[str, dict[int, Column | Node]]] = {}
        header = header_columns(pseudonymised=pseudonymised)
        columns = (*header, *_list_columns(self._top), EXTRAS)
        tables = [Table(DOSSIERS, columns, ("dossier",), "Dossiers")]
        for block in known:
            if block.kind not in BLOCK or block.number is None:
                continue
            inner = _read_champs(block.fields)
            table = f"champ_{block.number}"
            self._blocks[block.number] = (table, inner)
            columns = (*ROW_COLUMNS, *_list_columns(inner))
            tables.append(Table(table, columns, ROW_KEY, block.label.strip(), block.id))
        self.tables: tuple[Table, ...] = (*tables, ANOMALIES_TABLE)

    def split(self, document: dict[str, Any], facts: Facts) -> Iterator[tuple[str, Cells]]:
        """Rows of one dossier. Raises ConfigurationError for a document of a model."""
        entries = document.get("champs")
        if not isinstance(entries, list):
            if not is_unmapped(document):
                raise stale(facts, self._name, "champs")
            entries = []
        cells = header_cells(document, facts)
        blocks: dict[int, dict[str, Any]] = {}
        plain = []
        for entry in entries:
            number = stable_number(entry.get("id") or "") if "rows" in entry else None
            if number is None or number in blocks or number not in self._blocks:
                plain.append(entry)
            else:
                blocks[number] = entry
        _read_entries(self._top, plain, cells)
        if extras := {key: document[key] for key in EXTRA_KEYS if key in document}:
            cells[EXTRAS.name] = encode_json(extras).decode()
        yield DOSSIERS, cells
        for number, entry in blocks.items():
            yield from self._split_block(number, entry, facts)
        yield from anomaly_rows(document, facts)

    def _split_block(self, number: int, entry: dict[str, Any], facts: Facts) -> Iterator[tuple[str, Cells]]:
        table, inner = self._blocks[number]
        for position, row in enumerate(entry["rows"]):
            cells: Cells = {"dossier": facts.number, "position": position, "row_id": row["id"]}
            _read_entries(inner, row["champs"], cells)
            yield table, cells


def _read_champs(fields: Iterable[Field]) -> dict[int, Column | Node]:
    entries: dict[int, Column | Node] = {}
    for field in fields:
        if field.number is None or field.kind in SILENT:
            continue
        entries[field.number] = _read_champ(f"champ_{field.number}", field)
    return entries


def _read_champ(name: str, field: Field) -> Column | Node:
    origins = (Origin.of(field),)
    annotation = TYPES.get(field.kind, str)
    bare = bare_type(annotation)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        node = read_fields(bare, prefix=f"{name}_", path=(name,), without={f"{name}.typename"})
        return node.change(lambda column: replace(column, origins=origins))
    return replace(read_column(name, annotation), path=(name,), origins=origins)


def _list_columns(entries: Mapping[int, Column | Node]) -> Iterator[Column]:
    for entry in entries.values():
        if isinstance(entry, Node):
            yield from entry.columns()
        else:
            yield entry
    yield OTHERS


def _read_entries(known: Mapping[int, Column | Node], entries: Iterable[Any], cells: Cells) -> None:
    others = []
    seen: set[int | None] = set()
    for entry in entries:
        number = stable_number(entry.get("id") or "")
        target = None if number is None or number in seen else known.get(number)
        seen.add(number)
        if target is None or "rows" in entry or not _fill(target, entry["value"], cells):
            others.append(entry)
    if others:
        cells[OTHERS.name] = encode_json(others).decode()


def _fill(target: Column | Node, value: Any, cells: Cells) -> bool:
    """Put the value in its place. Gives whether it fits there."""
    found: Cells = {}
    try:
        if isinstance(target, Node):
            target.read(value, found)
        else:
            found[target.name] = target.read(value)
    except MisfitError:
        return False
    cells.update(found)
    return True
