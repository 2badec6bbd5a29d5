"""`schema NAME`: the JSON Schema of what `dump NAME` writes; with `--sql`, the views of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.options import (
    ConfigOption,
    JsonOption,
    LogFormatOption,
    NameArgument,
    VerboseOption,
    begin,
)
from ds_bridge.cli.output import print_json, write_document

if TYPE_CHECKING:
    from ds_bridge.config import Settings
    from ds_bridge.mapping import DomainModel
    from ds_bridge.tables import Described

SqlOption = Annotated[
    bool, typer.Option("--sql", help="Print the store's views instead: columns, types, meanings.")
]


def schema(
    name: NameArgument,
    sql: SqlOption = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Print the JSON Schema (2020-12) of a démarche's dossiers as dump writes them, from its model.

    With named champs in place of a model, or with --sql, it uses the form that the last sync stored.
    """
    from ds_bridge.dump.schema import schema_of_champs, schema_of_model
    from ds_bridge.mapping import load_model

    settings = begin(config, verbose, log_format)
    demarche = settings.demarche(name)
    title = f"ds-bridge dump {name} (démarche {demarche.number})"
    if sql:
        views = _describe_views(_describe(settings, name))
        if json:
            print_json(views)
        else:
            write_document("\n".join(_write_view(view) for view in views))
    elif demarche.model is not None:
        print_json(schema_of_model(load_model(demarche.model), title))
    elif demarche.champs:
        print_json(schema_of_model(_find_model(settings, name), title))
    else:
        print_json(schema_of_champs(title))


def _describe(settings: Settings, name: str) -> Described:
    from ds_bridge.health.status import open_to_read
    from ds_bridge.tables.described import describe

    with open_to_read(settings) as store:
        return describe(store, name, settings.demarche(name))


def _find_model(settings: Settings, name: str) -> type[DomainModel]:
    plan = _describe(settings, name).plan
    assert plan is not None  # noqa: S101 - there are named champs; for the type checker
    return plan.model


def _describe_views(described: Described) -> list[dict[str, Any]]:
    from ds_bridge.store.view_sql import TYPES
    from ds_bridge.store.views import name_view
    from ds_bridge.tables.views import list_views

    return [
        {
            "view": name_view(described.name, view.table),
            "label": view.label,
            "columns": [
                {"name": name, **TYPES[column.kind], "meaning": column.meaning}
                for name, column in view.name_columns()
            ],
        }
        for view in list_views(described)
    ]


def _write_view(view: dict[str, Any]) -> str:
    """A heading, then one line for each column."""
    keys = ("name", "sqlite", "postgresql")
    widths = {key: max(len(column[key]) for column in view["columns"]) for key in keys}
    lines = [f"{view['view']}: {' '.join(view['label'].split())}"]
    for column in view["columns"]:
        cells = "  ".join(column[key].ljust(widths[key]) for key in keys)
        lines.append(f"  {cells}  {column['meaning']}".rstrip())
    return "\n".join(lines) + "\n"
