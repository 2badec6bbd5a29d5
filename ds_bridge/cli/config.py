"""`config show`: every setting in force, and where it comes from."""

from __future__ import annotations

import typer

from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.options import ConfigOption, JsonOption, LogFormatOption, VerboseOption, begin
from ds_bridge.cli.output import print_json, print_line

app = typer.Typer(help="Show the configuration.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Show the configuration."""


@app.command(
    "show",
    short_help="Print every setting in force and where it comes from.",
    epilog="Example: ds-bridge config show",
)
def show(
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Print every setting in force and where it comes from: the file, the environment, a default.

    Secrets are not shown.
    """
    from ds_bridge.cli.logs import say
    from ds_bridge.config import describe_places, find_config
    from ds_bridge.config.sources import list_settings

    settings = begin(config, verbose, log_format, for_demarches=False)
    file = find_config(config)
    shown = list_settings(settings, file)
    if json:
        print_json(
            {
                "file": str(file.absolute()) if file else None,
                "settings": [vars(each) for each in shown],
            }
        )
        return
    say(f"file: {file.absolute()}" if file else f"no file: {describe_places()}")
    width = max(len(each.name) for each in shown)
    for each in shown:
        value = "" if each.value is None else each.value
        print_line(f"{each.name:<{width}}  {value!s:<40}  {each.source}".rstrip())
