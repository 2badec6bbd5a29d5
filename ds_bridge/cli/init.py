"""`init ADDRESS`: a first configuration from a démarche's address."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.options import LogFormatOption, VerboseOption

AddressArgument = Annotated[
    str,
    typer.Argument(
        metavar="ADDRESS",
        help="The address of the form, /commencer/<path>; or the démarche's number, with a token in"
        " DS_BRIDGE_API__TOKEN.",
    ),
]
OutputOption = Annotated[
    Path,
    typer.Option("-o", "--output", help="The file to write; an existing file is kept.", metavar="FILE"),
]
NameOption = Annotated[
    str | None,
    typer.Option(
        "--name", help="The démarche's name in commands; by default made from its title.",
        metavar="NAME", show_default=False,
    ),
]  # fmt: skip


def init(
    address: AddressArgument,
    output: OutputOption = Path("ds-bridge.toml"),
    name: NameOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Write a first ds-bridge.toml for a démarche: its number, path, title, and the model that fits it.

    With the address of a form that is open data no token is needed.
    """
    from ds_bridge.cli.logs import configure_logs, say
    from ds_bridge.config import load_settings
    from ds_bridge.health.first import describe, find_demarche, read_address, write_new
    from ds_bridge.health.token import FIRST_CALL

    configure_logs(verbose, log_format)
    target = read_address(address, name, load_settings().api)
    if target.number is not None:
        say(FIRST_CALL)
    found = find_demarche(target)
    write_new(output, describe(found))
    say(f"{output}: démarche {found.number}, {found.title!r}, as {found.name!r}", file=str(output))
    for warning in found.warnings:
        say(warning)
    after = f"{found.name}{_tell_config(output)}"
    say(f"next: put the token in place, then ds-bridge doctor {after} and ds-bridge sync {after}")


def _tell_config(output: Path) -> str:
    """The option that the next commands need, unless they find the file by themselves."""
    from ds_bridge.config import find_config
    from ds_bridge.errors import ConfigurationError

    try:
        found = find_config()
    except ConfigurationError:  # $DS_BRIDGE_CONFIG names a file that is not there
        found = None
    if found is not None and found.samefile(output):
        return ""
    return f" --config {shlex.quote(str(output))}"
