"""`remap NAME`: maps stored dossiers again with the present model and configuration. Offline."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from ds_bridge.cli.output import print_json, print_line

if TYPE_CHECKING:
    from ds_bridge.sync.remap import Remapped


def remap(
    name: NameArgument,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Map every stored dossier again after a change of model or configuration. Needs no network."""
    from ds_bridge.cli.logs import say
    from ds_bridge.cli.progress import show_progress
    from ds_bridge.health.status import open_existing
    from ds_bridge.sync import Stop
    from ds_bridge.sync.remap import remap_demarche

    settings = begin(config, verbose, log_format)
    demarche = settings.demarche(name)
    quiet = log_format is LogFormat.JSON
    with (
        open_existing(settings) as store,
        Stop().on_signals() as stop,
        show_progress(quiet=quiet, first="reading the form") as progress,
    ):
        result = remap_demarche(name, demarche, store, stop=stop, progress=progress)
    if json:
        print_json(result.to_json())
    else:
        print_line(_describe(result))
    if result.error:
        say(f"ds-bridge: {name}: {result.error}", error=True)
    raise typer.Exit(result.exit_code)


def _describe(result: Remapped) -> str:
    counts = f"{result.changed} changed, {result.unchanged} unchanged, {result.invalid} invalid"
    return f"{result.name}: {counts}"
