"""`dump NAME`: stored dossiers to stdout, a file, or a folder of tables."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ds_bridge.cli.endings import check_ending, find_ending, find_file
from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.moments import end_in_paris, in_paris, parse_moment
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


FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format",
        help="One array, one object on each line, or tables (a folder or a workbook). By default what the"
        " ending of -o says, else json.",
        show_default=False,
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        help="Write to this file instead of stdout (csv and parquet: a folder, or with --table a file).",
        metavar="PATH",
    ),
]
TableOption = Annotated[
    str | None,
    typer.Option(
        "--table", help="Only this table: dossiers, a block, anomalies.", metavar="TABLE", show_default=False
    ),
]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        help="Only dossiers whose field has this value, or holds it; FIELD= asks for an empty field. May be"
        " repeated: all conditions must hold.",
        metavar="FIELD=VALUE",
    ),
]


def _moment_option(name: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        name, help=text, parser=parse_moment, metavar="DAY", show_default=False
    )
    return option


SinceOption = Annotated[
    dt.datetime | None,
    _moment_option("--since", "Only dossiers modified since: 2024-05-30, or 2024-05-30T10:15:00+02:00."),
]
UntilOption = Annotated[
    dt.datetime | None, _moment_option("--until", "Only dossiers last modified on this day or earlier.")
]
DepositedSinceOption = Annotated[
    dt.datetime | None,
    _moment_option("--deposited-since", "Only dossiers deposited on this day or later."),
]
DepositedUntilOption = Annotated[
    dt.datetime | None,
    _moment_option("--deposited-until", "Only dossiers deposited on this day or earlier."),
]


def dump(
    name: NameArgument,
    output_format: FormatOption = None,
    output: OutputOption = None,
    table: TableOption = None,
    raw: Annotated[bool, typer.Option("--raw", help="Write dossiers as they were pulled.")] = False,
    state: Annotated[
        list[State] | None, typer.Option("--state", help="Only this state; may be repeated.")
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    deposited_since: DepositedSinceOption = None,
    deposited_until: DepositedUntilOption = None,
    where: WhereOption = None,
    pseudonymise: Annotated[
        bool, typer.Option("--pseudonymise", help="Write a pseudonym in place of names and addresses.")
    ] = False,
    no_free_text: Annotated[
        bool, typer.Option("--no-free-text", help="With --pseudonymise: leave out text typed by hand.")
    ] = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Write a démarche's dossiers, as the store holds them, to stdout, a file or a folder."""
    from ds_bridge.cli.logs import say
    from ds_bridge.cli.output import open_stdout
    from ds_bridge.dump import Options, dump_dossiers, make_hider
    from ds_bridge.dump.where import read_conditions
    from ds_bridge.errors import ConfigurationError
    from ds_bridge.health.status import open_to_read
    from ds_bridge.tables import describe

    if raw and pseudonymise:
        raise ConfigurationError("a raw dump holds everything that was filed: it cannot be pseudonymised")
    if no_free_text and not pseudonymise:
        raise ConfigurationError("--no-free-text goes with --pseudonymise")
    modified = _read_period(since, until, "--since", "--until")
    deposited = _read_period(deposited_since, deposited_until, "--deposited-since", "--deposited-until")
    settings = begin(config, verbose, log_format)
    demarche = settings.demarche(name)
    output = find_file(output)
    chosen = output_format or _choose_format(output)
    check_ending(output, chosen, Format)
    with open_to_read(settings) as store:
        described, hider, conditions = None, None, None
        if pseudonymise or where or chosen not in (Format.JSON, Format.NDJSON):
            described = describe(store, name, demarche)
        if described and where:
            conditions = read_conditions(where, described.layout())
        if described and pseudonymise:
            hider = make_hider(described, settings.dump, free_text=not no_free_text)
        count = dump_dossiers(
            store,
            demarche.number,
            format=chosen.value,
            out=output or open_stdout(),
            raw=raw,
            options=Options(described, hider, tell=say, where=conditions, table=table),
            states=[each.value for each in state] if state else None,
            since=modified[0],
            until=modified[1],
            deposited_since=deposited[0],
            deposited_until=deposited[1],
        )
    if output:
        say(f"{tell_count(count, 'dossier')} in {output}")


def _choose_format(output: Path | None) -> Format:
    """The format of the file's ending, else json. A folder's name says nothing."""
    ending = find_ending(output)
    return Format(ending) if ending in set(Format) else Format.JSON


def _read_period(
    first: dt.datetime | None, last: dt.datetime | None, *options: str
) -> tuple[dt.datetime | None, dt.datetime | None]:
    """The first moment, and the first moment after the period. Raises ConfigurationError."""
    since, until = in_paris(first), end_in_paris(last)
    if since and until and since >= until:
        from ds_bridge.errors import ConfigurationError

        raise ConfigurationError(f"the period ends before it begins: look at {' and '.join(options)}")
    return since, until
