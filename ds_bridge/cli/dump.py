"""`dump NAME`: stored dossiers to stdout, a file, or a folder of tables."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.moments import in_paris, parse_moment
from ds_bridge.cli.options import (
    ConfigOption,
    LogFormatOption,
    NameArgument,
    VerboseOption,
    begin,
)
from ds_bridge.log import tell_count


class Format(StrEnum):
    """How a dump is written."""

    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    PARQUET = "parquet"
    XLSX = "xlsx"


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
        Format,
        typer.Option("--format", help="One array, an object a line, or tables: a folder, or a workbook."),
    ] = Format.JSON,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help="Write to this file (csv and parquet: folder) instead of stdout.",
            metavar="PATH",
        ),
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="The dossier as it was pulled.")] = False,
    state: Annotated[list[State] | None, typer.Option("--state", help="Only these states.")] = None,
    since: Annotated[
        dt.datetime | None,
        typer.Option(
            "--since",
            help="Only what was modified since: 2024-05-30, or 2024-05-30T10:15:00+02:00.",
            parser=parse_moment,
            metavar="DAY",
        ),
    ] = None,
    pseudonymise: Annotated[
        bool, typer.Option("--pseudonymise", help="A pseudonym in the place of names and addresses.")
    ] = False,
    no_free_text: Annotated[
        bool, typer.Option("--no-free-text", help="With --pseudonymise: nothing that was typed by hand.")
    ] = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Write a démarche's dossiers, as the store holds them, to stdout, a file or a folder."""
    from ds_bridge.cli.logs import say
    from ds_bridge.cli.output import open_stdout
    from ds_bridge.dump import Options, dump_dossiers, make_hider
    from ds_bridge.errors import ConfigurationError
    from ds_bridge.health.status import open_to_read
    from ds_bridge.tables import describe

    if raw and pseudonymise:
        raise ConfigurationError("a raw dump holds everything that was filed: it cannot be pseudonymised")
    if no_free_text and not pseudonymise:
        raise ConfigurationError("--no-free-text goes with --pseudonymise")
    settings = begin(config, verbose, log_format)
    demarche = settings.demarche(name)
    with open_to_read(settings) as store:
        described, hider = None, None
        if pseudonymise or output_format not in (Format.JSON, Format.NDJSON):
            described = describe(store, name, demarche)
        if pseudonymise and described:
            hider = make_hider(described, settings.dump, free_text=not no_free_text)
        count = dump_dossiers(
            store,
            demarche.number,
            format=output_format.value,
            out=output or open_stdout(),
            raw=raw,
            states=[each.value for each in state] if state else None,
            since=in_paris(since),
            options=Options(described, hider, tell=say),
        )
    if output:
        say(f"{tell_count(count, 'dossier')} in {output}")
