"""`dump NAME`: stored dossiers to stdout or a file."""

from __future__ import annotations

import datetime as dt
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ds_bridge.cli.options import ConfigOption, LogFormat, LogFormatOption, NameArgument, VerboseOption, begin


class Format(StrEnum):
    """How a dump is written."""

    JSON = "json"
    NDJSON = "ndjson"


class State(StrEnum):
    """States of a deposited dossier, as the platform names them."""

    EN_CONSTRUCTION = "en_construction"
    EN_INSTRUCTION = "en_instruction"
    ACCEPTE = "accepte"
    REFUSE = "refuse"
    SANS_SUITE = "sans_suite"


def dump(
    name: NameArgument,
    output_format: Annotated[
        Format, typer.Option("--format", help="One array, or one object a line.")
    ] = Format.JSON,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write to this file instead of stdout.", metavar="FILE"),
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="The dossier as it was pulled.")] = False,
    state: Annotated[list[State] | None, typer.Option("--state", help="Only these states.")] = None,
    since: Annotated[
        dt.datetime | None,
        typer.Option(
            "--since",
            help="Only what was modified since: 2024-05-30, or 2024-05-30T10:15:00+02:00.",
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"],
        ),
    ] = None,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Write a démarche's dossiers, as the store holds them, to stdout or a file."""
    from ds_bridge.dump import dump_dossiers
    from ds_bridge.store import Store

    settings = begin(config, verbose, log_format)
    demarche = settings.demarche(name)
    with Store.open(settings.store.url) as store:
        count = dump_dossiers(
            store,
            demarche.number,
            format=output_format.value,
            out=output or sys.stdout.buffer,
            raw=raw,
            states=[each.value for each in state] if state else None,
            since=_in_paris(since),
        )
    if output:
        typer.echo(f"{count} dossiers in {output}", err=True)


def _in_paris(moment: dt.datetime | None) -> dt.datetime | None:
    """A time without an offset is one of the platform's clock."""
    from zoneinfo import ZoneInfo

    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=ZoneInfo("Europe/Paris"))
