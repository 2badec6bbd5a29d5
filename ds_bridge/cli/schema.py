"""`schema NAME`: the JSON Schema of the objects that `dump NAME` writes."""

from __future__ import annotations

from ds_bridge.cli.options import (
    ConfigOption,
    LogFormat,
    LogFormatOption,
    NameArgument,
    VerboseOption,
    begin,
)
from ds_bridge.cli.output import print_json


def schema(
    name: NameArgument,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Print the JSON Schema (2020-12) of a démarche's dossiers as dump writes them, from its model."""
    from ds_bridge.dump.schema import schema_of_champs, schema_of_model
    from ds_bridge.mapping import load_model

    settings = begin(config, verbose, log_format)
    demarche = settings.demarche(name)
    title = f"ds-bridge dump {name} (démarche {demarche.number})"
    if demarche.model is None:
        print_json(schema_of_champs(title))
    else:
        print_json(schema_of_model(load_model(demarche.model), title))
