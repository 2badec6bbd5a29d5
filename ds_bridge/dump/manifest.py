"""The manifest of a dump in tables (`columns.json`): the meaning and the origin of each table and column.

Column names never change with a label; the labels are here.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata
from typing import Any

from ds_bridge.dump.folder import WRITER
from ds_bridge.tables.columns import Column, Table
from ds_bridge.tables.described import Described
from ds_bridge.tables.layout import Layout


def describe_dump(
    described: Described, layout: Layout, ending: str, counts: Mapping[str, int], *, pseudonymised: bool
) -> dict[str, Any]:
    """JSON-ready."""
    return {
        "written_by": WRITER,
        "version": metadata.version("ds-bridge"),
        "demarche": described.number,
        "name": described.name,
        "title": described.title,
        "pseudonymised": pseudonymised,
        "tables": [
            {"name": table.name, "file": f"{table.name}{ending}", "rows": counts[table.name]}
            | describe_table(table)
            for table in layout.tables
        ],
    }


def describe_table(table: Table) -> dict[str, Any]:
    """The table's label, key and columns."""
    return {
        "label": table.label,
        "key": list(table.key),
        "columns": [describe_column(column) for column in table.columns],
    }


def describe_column(column: Column) -> dict[str, Any]:
    """Name, type, path in the JSON (null for the dump's own columns), and the champs that feed it."""
    return {
        "name": column.name,
        "type": f"list of {column.kind}" if column.many else column.kind,
        "path": ".".join(column.path) or None,
        "champs": [
            {"id": origin.champ, "kind": origin.kind, "label": origin.label} for origin in column.origins
        ],
    }
