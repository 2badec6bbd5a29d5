"""Options that every command takes, and its first steps: set up logs, then read the configuration."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from ds_bridge.cli.logs import LogFormat, configure_logs

if TYPE_CHECKING:
    from ds_bridge.config import Settings


class Lang(StrEnum):
    """The languages of lines for people."""

    EN = "en"
    FR = "fr"


ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Configuration file.", metavar="FILE", show_default=False),
]
VerboseOption = Annotated[int, typer.Option("-v", "--verbose", count=True, help="Say more on stderr.")]
LogFormatOption = Annotated[LogFormat, typer.Option("--log-format", help="Format of events on stderr.")]
QuietOption = Annotated[
    bool, typer.Option("-q", "--quiet", help="Print nothing when all goes well, and no progress.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
LangOption = Annotated[
    Lang | None,
    typer.Option("--lang", help="Language of lines for people; by default the locale's.", show_default=False),
]
NamesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME]...", help="Démarches of the configuration; by default all."),
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A démarche's name in the configuration.")]


def begin(
    config: Path | None, verbose: int, log_format: LogFormat, *, for_demarches: bool = True
) -> Settings:
    """Set the logs up, read the configuration.

    Raises ConfigurationError, also when the command needs a démarche and there is none.
    """
    from ds_bridge.config import find_config, load_settings

    configure_logs(verbose, log_format)
    settings = load_settings(config)
    if for_demarches and not settings.demarches:
        _refuse_emptiness(config)
    _look_for_models_in(find_config(config))
    return settings


def _refuse_emptiness(config: Path | None) -> NoReturn:
    from ds_bridge.config import describe_places, find_config
    from ds_bridge.errors import ConfigurationError

    file = find_config(config)
    where = repr(str(file.absolute())) if file else f"the environment, and no file ({describe_places()})"
    raise ConfigurationError(
        f"no démarche in the configuration: none in {where}: add a [demarches.NAME] table with its number,"
        " or let ds-bridge init ADDRESS write a file"
    )


def _look_for_models_in(config: Path | None) -> None:
    """Make a `module:Class` beside the configuration importable; installed modules come first."""
    if config is not None and (folder := str(config.resolve().parent)) not in sys.path:
        sys.path.append(folder)
