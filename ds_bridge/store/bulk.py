"""Many rows by one statement: what SQLAlchemy does again for each row is done once for all of them.

Takes an insert and plain rows. SQLAlchemy's own way makes a dictionary of each row and converts it by name,
which costs a page of dossiers about as much as the database does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import Connection, Dialect, Insert

_Converter: TypeAlias = Callable[[Any], Any] | None


def insert_many(
    connection: Connection, insert: Insert, names: tuple[str, ...], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Execute `insert` for each row: values of the columns `names`, which stand in the table's order.

    Values are converted as their columns' types say.
    """
    text, converts, is_positional = _compile(insert, names, connection.dialect)
    values = [_convert(row, converts) for row in rows]
    if values and is_positional:
        connection.exec_driver_sql(text, values)
    elif values:
        connection.exec_driver_sql(text, [dict(zip(names, row, strict=True)) for row in values])


def _convert(row: tuple[Any, ...], converts: tuple[_Converter, ...]) -> tuple[Any, ...]:
    return tuple([value if to is None else to(value) for value, to in zip(row, converts, strict=True)])


@lru_cache(maxsize=16)
def _compile(
    insert: Insert, names: tuple[str, ...], dialect: Dialect
) -> tuple[str, tuple[_Converter, ...], bool]:
    """The statement as the driver takes it, a conversion a column, and whether parameters go by place."""
    if names != tuple(column.name for column in insert.table.c if column.name in names):
        raise ValueError(f"columns of {insert.table.name} in another order than the table's")
    compiled = insert.compile(dialect=dialect, column_keys=list(names))
    types = (insert.table.c[name].type.dialect_impl(dialect) for name in names)
    return compiled.string, tuple(each.bind_processor(dialect) for each in types), compiled.positional
