"""Pieces: some dossiers' rows, table by table, written as one Parquet file a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import orjson
import polars as pl
from deltalake import DataType, Field, Schema
from deltalake.schema import ArrayType, PrimitiveType, StructType
from deltalake.transaction import AddAction

from ds_bridge.dump.frames import make_frame, type_of
from ds_bridge.lake.place import LakePlace
from ds_bridge.lake.table import name_file
from ds_bridge.store import Store
from ds_bridge.tables.columns import Column, Table
from ds_bridge.tables.layout import DOSSIER_KEY, Cells, Facts, Layout

_MOST_CELLS = 2_000_000  # that are held at once, whatever a dossier's width

_PRIMITIVES = {
    "text": "string",
    "integer": "long",
    "decimal": "double",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamp",
    "json": "string",
}


class Piece:
    """The rows of some dossiers."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self.dossiers = 0
        self.cells = 0
        self._tables = tables
        self._widths = {table.name: len(table.columns) for table in tables}
        self._rows: dict[str, list[Cells]] = {table.name: [] for table in tables}

    def add(self, table: str, cells: Cells) -> None:
        """Hold one row."""
        self._rows[table].append(cells)
        self.cells += self._widths[table]

    def write(self, place: LakePlace) -> dict[str, AddAction]:
        """Write a file for each table that has rows, under a name that nothing has; nobody sees it yet."""
        return {
            table.name: _write_file(place, table, self._rows[table.name])
            for table in self._tables
            if self._rows[table.name]
        }


def read_pieces(store: Store, demarche: int, layout: Layout, span: range, size: int) -> Iterator[Piece]:
    """The span's live dossiers in pieces of about `size`. Raises ConfigurationError: see `Layout.split`."""
    total = store.count(demarche, numbers=span)
    share = -(-total // max(1, round(total / size)))
    piece = Piece(layout.tables)
    for each in store.documents(demarche, numbers=span, also={"row_ids"}):
        if piece.dossiers and (piece.dossiers == share or piece.cells >= _MOST_CELLS):
            yield piece
            piece = Piece(layout.tables)
        piece.dossiers += 1
        for table, cells in layout.split(each.document, Facts(each.number, each.valid, each.row_ids)):
            piece.add(table, cells)
    if piece.dossiers:
        yield piece


def make_delta_schema(table: Table) -> Schema:
    """The table's columns as Delta knows them. Moments are in UTC: Delta has no other clock."""
    return Schema([Field(column.name, _type_of(column)) for column in table.columns])


def _type_of(column: Column) -> DataType:
    if column.kind == "record":
        inner: DataType = StructType([Field(field.name, _type_of(field)) for field in column.fields])
    else:
        inner = PrimitiveType(_PRIMITIVES[column.kind])
    return ArrayType(inner, contains_null=True) if column.many else inner


def _write_file(place: LakePlace, table: Table, rows: list[Cells]) -> AddAction:
    frame = make_frame(table, rows).cast({column.name: _in_utc(type_of(column)) for column in table.columns})
    content = BytesIO()
    frame.write_parquet(content)
    name = name_file()
    place.put(table.name, name, content.getvalue())
    return AddAction(
        path=name,
        size=content.tell(),
        partition_values={},
        modification_time=int(datetime.now(UTC).timestamp() * 1000),
        data_change=True,
        stats=orjson.dumps(_describe(frame)).decode(),
    )


def _describe(frame: pl.DataFrame) -> Mapping[str, Any]:
    """What the log says of a file: only the dossiers' numbers, since of names it would tell people."""
    key = DOSSIER_KEY.name
    numbers = frame[key]
    return {
        "numRecords": frame.height,
        "minValues": {key: numbers.min()},
        "maxValues": {key: numbers.max()},
        "nullCount": {key: 0},
    }


def _in_utc(dtype: pl.DataType) -> pl.DataType:
    if isinstance(dtype, pl.Datetime):
        return pl.Datetime("us", "UTC")
    if isinstance(dtype, pl.List):
        return pl.List(_in_utc(dtype.inner))  # type: ignore[arg-type]  # made by type_of: an instance
    if isinstance(dtype, pl.Struct):
        return pl.Struct([pl.Field(field.name, _in_utc(field.dtype)) for field in dtype.fields])  # type: ignore[arg-type]  # same
    return dtype
