"""Views: takes the tables of a démarche, gives its SQL views for `Store.publish_views`.

Names and columns are those of dumps and frames. The views of anomalies and of blocks also have the dossier's
columns (those with one value, not lists), so that a count by structure and month is one GROUP BY.
`other_champs` and `extras` are in dumps only: SQL cannot make them from a document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ds_bridge.store.view_columns import Place, View, ViewColumn, ViewKind
from ds_bridge.tables.by_champ import EXTRAS, OTHERS
from ds_bridge.tables.columns import Column, Table, unique_name
from ds_bridge.tables.described import Described
from ds_bridge.tables.layout import ANOMALIES, DOSSIERS, ROW_COLUMNS, header_columns
from ds_bridge.tables.meanings import tell_meaning

_BESIDE = f"{DOSSIERS[:-1]}_"  # goes before a dossier's column when the row has one of that name
_HEADER: dict[str, tuple[Place, tuple[str, ...]]] = {
    "dossier": ("dossiers", ("number",)),
    "demarche": ("dossiers", ("demarche",)),
    "state": ("dossiers", ("state",)),
    "archived": ("dossiers", ("archived",)),
    "prefilled": ("document", ("dossier", "prefilled")),
    "date_depot": ("dossiers", ("deposited_at",)),
    "date_derniere_modification": ("dossiers", ("modified_at",)),
    "date_traitement": ("document", ("dossier", "date_traitement")),
    "valid": ("dossiers", ("valid",)),
}
_LEFT_OUT = {OTHERS.name, EXTRAS.name}


def list_views(described: Described) -> list[View]:
    """Dossiers first, each block, anomalies last."""
    with_model = described.plan is not None
    tables = described.layout().tables
    own = tuple(_read_dossiers(tables[0], with_model=with_model))
    beside = [column for column in own[1:] if column.kind not in ("list", "json")]
    views = [View(DOSSIERS, own, label=described.title)]
    for table in tables[1:]:
        columns = (*_read_rows(table, with_model=with_model), *beside)
        block, champ = (table.source, None) if with_model else (None, table.source)
        if table.name == ANOMALIES:
            block = champ = None
        views.append(
            View(table.name, tuple(_tell_apart(columns, len(beside))), block, champ, table.label or "")
        )
    return views


def _read_dossiers(table: Table, *, with_model: bool) -> Iterator[ViewColumn]:
    header = {column.name for column in header_columns(pseudonymised=False)}
    for column in table.columns:
        if column.name in header:
            place, path = _HEADER[column.name]
            yield _make(column, place, path)
        elif column.name in _LEFT_OUT and not column.path:
            continue
        elif with_model:
            yield _make(column, "document", column.path)
        else:
            yield _make(column, "champs", _find_champ(column))


def _read_rows(table: Table, *, with_model: bool) -> Iterator[ViewColumn]:
    yield _make(table.columns[0], "dossiers", ("number",))
    keys = {column.name for column in ROW_COLUMNS}
    for column in table.columns[1:]:
        if column.name in _LEFT_OUT and not column.path:
            continue
        if table.name == ANOMALIES:
            yield _make(column, "anomalies", (column.name,))
        elif with_model and column.name in keys:
            yield _make(column, "block_rows", (column.name,))
        elif with_model:
            yield _make(column, "data", column.path)
        elif column.name in keys:
            yield _make(column, "row", ("position",) if column.name == "position" else ("id",))
        else:
            yield _make(column, "row_champs", _find_champ(column))


def _find_champ(column: Column) -> tuple[str, ...]:
    """The champ's id, then the keys in its value."""
    return (column.origins[0].champ or "", *column.path[1:])


def _make(column: Column, place: Place, path: tuple[str, ...]) -> ViewColumn:
    return ViewColumn(column.name, _kind_of(column), place, path, tell_meaning(column))


def _kind_of(column: Column) -> ViewKind:
    if column.many or column.kind == "record":
        return "list"
    return column.kind


def _tell_apart(columns: Iterable[ViewColumn], beside: int) -> Iterator[ViewColumn]:
    """The row's columns as they are; the last `beside` are the dossier's, renamed when a name is taken."""
    listed = list(columns)
    count = len(listed) - beside
    yield from listed[:count]
    taken = {column.name.lower() for column in listed[:count]}
    for column in listed[count:]:
        name = f"{_BESIDE}{column.name}" if column.name.lower() in taken else column.name
        yield ViewColumn(unique_name(name, taken), column.kind, column.place, column.path, column.meaning)
