"""The layout of a démarche with a model: columns are the model's fields, tables its blocks.

Takes the plan (the model resolved on the stored form): labels and the ids of rows come from it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ds_bridge.form import Field
from ds_bridge.mapping import Plan
from ds_bridge.mapping.plan import Block, Reader, Source
from ds_bridge.tables.annotations import Node, read_fields
from ds_bridge.tables.columns import Column, MisfitError, Origin, Table, unique_name
from ds_bridge.tables.layout import (
    ANOMALIES,
    ANOMALIES_TABLE,
    DOSSIERS,
    PSEUDONYM,
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

_ADDED = frozenset({"anomalies", PSEUDONYM})


class ModelLayout:
    """`name` is the démarche's name in the configuration; `fields` are its forms' champs by stable number."""

    def __init__(
        self, name: str, plan: Plan, fields: Mapping[int, Field], *, pseudonymised: bool = False
    ) -> None:
        self._name = name
        self._paths = plan.block_paths
        header = header_columns(pseudonymised=pseudonymised)
        taken = {column.name for column in header}
        blocks = {".".join(path) for path in self._paths.values()}
        without = blocks | ({plan.reader.header} if plan.reader.header else set())
        content = read_fields(plan.model, without=without)
        self._content = content.change(lambda column: _fit(column, taken))
        self._has_header = plan.reader.header == DOSSIERS[:-1]
        columns = _annotate(self._content.columns(), dict(_walk_sources(plan.reader, ())), fields)
        names = {DOSSIERS, ANOMALIES}
        tables = [Table(DOSSIERS, (*header, *columns), ("dossier",), "Dossiers")]
        self._rows: dict[str, tuple[str, tuple[Node, ...]]] = {}
        for block in plan.reader.walk_blocks():
            table, nodes = _make_block_table(unique_name(block.name, names), block, fields)
            self._rows[block.name] = (table.name, nodes)
            tables.append(table)
        self.tables: tuple[Table, ...] = (*tables, ANOMALIES_TABLE)

    def split(self, document: dict[str, Any], facts: Facts) -> Iterator[tuple[str, Cells]]:
        """Rows of one dossier. Raises ConfigurationError for a document of another model."""
        try:
            yield from self._split(document, facts)
        except MisfitError as error:
            raise stale(facts, self._name, str(error)) from None

    def _split(self, document: dict[str, Any], facts: Facts) -> Iterator[tuple[str, Cells]]:
        cells = header_cells(document, facts)
        if not is_unmapped(document):
            left = _ADDED if self._has_header else _ADDED | {DOSSIERS[:-1]}
            content = {key: value for key, value in document.items() if key not in left}
            self._content.read(content, cells)
        yield DOSSIERS, cells
        if not is_unmapped(document):
            for name in self._rows:
                yield from self._split_block(name, document, facts)
        yield from anomaly_rows(document, facts)

    def _split_block(self, name: str, document: dict[str, Any], facts: Facts) -> Iterator[tuple[str, Cells]]:
        rows: Any = document
        for key in self._paths[name]:
            rows = rows[key]
        table, nodes = self._rows[name]
        for position, row in enumerate(rows):
            row_id = facts.row_ids.get((name, position))
            cells = {"dossier": facts.number, "position": position, "row_id": row_id}
            yield table, cells | _read_row(nodes, row, f"{name}[{position}]")


def _read_row(nodes: tuple[Node, ...], row: Any, where: str) -> Cells:
    for node in nodes:
        cells: Cells = {}
        try:
            node.read(row, cells, where)
        except MisfitError as error:
            refusal = error
            continue
        return cells
    raise refusal


def _make_block_table(name: str, block: Block, fields: Mapping[int, Field]) -> tuple[Table, tuple[Node, ...]]:
    """The table, and a reader for each sort of row. Fields of several sorts may share one column."""
    taken = {column.name for column in ROW_COLUMNS}
    shared: dict[tuple[Any, ...], str] = {}
    columns: dict[str, Column] = {}
    nodes = []
    for _, variant in block.variants:

        def fit(column: Column) -> Column:
            same = (column.path, column.kind, column.many, column.fields)
            if same not in shared:
                shared[same] = unique_name(column.name, taken)
            return replace(column, name=shared[same])

        node = read_fields(variant.model).change(fit)
        nodes.append(node)
        for column in _annotate(node.columns(), dict(_walk_sources(variant, ())), fields):
            known = columns.setdefault(column.name, column)
            more = tuple(origin for origin in column.origins if origin not in known.origins)
            columns[column.name] = replace(known, origins=known.origins + more)
    label = next((fields[number].label for number in block.numbers if number in fields), None)
    return Table(name, (*ROW_COLUMNS, *columns.values()), ROW_KEY, label, block.name), tuple(nodes)


def _fit(column: Column, taken: set[str]) -> Column:
    return replace(column, name=unique_name(column.name, taken))


def _walk_sources(reader: Reader, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Source]]:
    for source in reader.sources:
        yield (*path, source.attribute), source
    for attribute, group in reader.groups:
        yield from _walk_sources(group, (*path, attribute))


def _annotate(
    columns: Iterable[Column], sources: Mapping[tuple[str, ...], Source], fields: Mapping[int, Field]
) -> Iterator[Column]:
    """The columns, each with the champs that feed it."""
    for column in columns:
        paths = (column.path[:length] for length in range(len(column.path), 0, -1))
        source = next((sources[path] for path in paths if path in sources), None)
        numbers = source.numbers if source else ()
        origins = (Origin.of(fields[number]) for number in numbers if number in fields)
        yield replace(column, origins=(*column.origins, *origins))
