"""What every command takes, and what it does first: logs, then the configuration."""

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
    """What lines for people are written in."""

    EN = "en"
    FR = "fr"


ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Configuration file.", metavar="FILE", show_default=False),
]
VerboseOption = Annotated[int, typer.Option("-v", "--verbose", count=True, help="Say more on stderr.")]
LogFormatOption = Annotated[LogFormat, typer.Option("--log-format", help="Events on stderr.")]
QuietOption = Annotated[
    bool, typer.Option("-q", "--quiet", help="Say nothing when all went well; no progress.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
LangOption = Annotated[
    Lang | None,
    typer.Option("--lang", help="Lines for people; by default the locale's.", show_default=False),
]
NamesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME]...", help="Démarches of the configuration; all when none."),
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A démarche's name in the configuration.")]


def begin(
    config: Path | None, verbose: int, log_format: LogFormat, *, for_demarches: bool = True
) -> Settings:
    """Set the logs up, read the configuration.

    Raises ConfigurationError, also when there is no démarche and the command is for some.
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
    """A démarche's `module:Class` may lie beside the configuration; what is installed comes first."""
    if config is not None and (folder := str(config.resolve().parent)) not in sys.path:
        sys.path.append(folder)
