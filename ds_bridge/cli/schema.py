"""`schema NAME`: the JSON Schema of the objects that `dump NAME` writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.options import (
    ConfigOption,
    LogFormatOption,
    NameArgument,
    VerboseOption,
    begin,
)
from ds_bridge.cli.output import print_json

if TYPE_CHECKING:
    from ds_bridge.config import Settings
    from ds_bridge.mapping import DomainModel


def schema(
    name: NameArgument,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Print the JSON Schema (2020-12) of a démarche's dossiers as dump writes them, from its model.

    With named champs in place of a model, from the form as the last sync stored it.
    """
    from ds_bridge.dump.schema import schema_of_champs, schema_of_model
    from ds_bridge.mapping import load_model

    settings = begin(config, verbose, log_format)
    demarche = settings.demarche(name)
    title = f"ds-bridge dump {name} (démarche {demarche.number})"
    if demarche.model is not None:
        print_json(schema_of_model(load_model(demarche.model), title))
    elif demarche.champs:
        print_json(schema_of_model(_find_model(settings, name), title))
    else:
        print_json(schema_of_champs(title))


def _find_model(settings: Settings, name: str) -> type[DomainModel]:
    from ds_bridge.health.status import open_to_read
    from ds_bridge.tables.described import describe

    with open_to_read(settings) as store:
        plan = describe(store, name, settings.demarche(name)).plan
    assert plan is not None  # noqa: S101 - champs are named, for the types
    return plan.model
