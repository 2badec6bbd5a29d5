"""Frames: rows of a table as polars frames, with one type a column. For parquet and for notebooks."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ds_bridge.dump.columns import Column, Table
from ds_bridge.dump.layout import Cells

# The platform's own clock: a dossier of a 1st of the month at 0:30 must not fall into the month before.
TIME_ZONE = "Europe/Paris"

_TYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "decimal": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us", TIME_ZONE),
    "json": pl.String(),
}


def make_schema(table: Table) -> pl.Schema:
    """The table's columns and their types."""
    return pl.Schema({column.name: type_of(column) for column in table.columns})


def make_frame(table: Table, rows: Sequence[Cells]) -> pl.DataFrame:
    """These rows as a frame; a column left out of a row is null, a list empty."""
    # By row, not by column: polars makes a Python object of every list it is given in a column.
    frame = pl.DataFrame(rows, schema=make_schema(table), orient="row")
    return frame.with_columns(pl.col(column.name).fill_null([]) for column in table.columns if column.many)


def type_of(column: Column) -> pl.DataType:
    """The polars type of a column."""
    inner: pl.DataType
    if column.kind == "record":
        inner = pl.Struct([pl.Field(field.name, type_of(field)) for field in column.fields])
    else:
        inner = _TYPES[column.kind]
    return pl.List(inner) if column.many else inner
