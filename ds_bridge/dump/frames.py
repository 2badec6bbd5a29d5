"""Frames: rows of a table as polars frames, with one type a column. For parquet and for notebooks."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ds_bridge.tables.columns import Column, Table
from ds_bridge.tables.layout import Cells

# The platform's own clock: a dossier of a 1st of the month at 0:30 must not fall into the month before.
TIME_ZONE = "Europe/Paris"

_ROW = " row"  # no column's name: those are a field's or a champ's

_TYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "decimal": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us", TIME_ZONE),
    "json": pl.String(),
}


def make_frame(table: Table, rows: Sequence[Cells]) -> pl.DataFrame:
    """These rows as a frame; a column left out of a row is null, a list empty."""
    flat = {column.name: type_of(column) for column in table.columns if not column.many}
    frame = pl.DataFrame(rows, schema=flat, orient="row").with_row_index(_ROW)
    for column in table.columns:
        if column.many:
            frame = frame.join(_make_lists(column, rows), on=_ROW, how="left", maintain_order="left")
    empty = [pl.col(column.name).fill_null([]) for column in table.columns if column.many]
    return frame.with_columns(empty).select(column.name for column in table.columns)


def _make_lists(column: Column, rows: Sequence[Cells]) -> pl.DataFrame:
    """The column's lists that hold something, each with its row's place.

    Grouped by polars out of one long column: given lists, it makes a Python object of each.
    """
    found = [(place, item) for place, row in enumerate(rows) for item in row.get(column.name) or ()]
    items = pl.DataFrame(
        {_ROW: [place for place, _ in found], column.name: [item for _, item in found]},
        schema={_ROW: pl.get_index_type(), column.name: _item_type(column)},
    )
    return items.group_by(_ROW, maintain_order=True).agg(column.name)


def type_of(column: Column) -> pl.DataType:
    """The polars type of a column."""
    return pl.List(_item_type(column)) if column.many else _item_type(column)


def _item_type(column: Column) -> pl.DataType:
    if column.kind == "record":
        return pl.Struct([pl.Field(field.name, type_of(field)) for field in column.fields])
    return _TYPES[column.kind]
