"""`report NAME`: figures and pages for the programme, a structure or a person. From the store, offline."""

from __future__ import annotations

import datetime as dt
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ds_bridge.cli.endings import check_ending, find_ending, find_file
from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.moments import parse_moment
from ds_bridge.cli.options import ConfigOption, LogFormatOption, NameArgument, VerboseOption, begin
from ds_bridge.errors import ConfigurationError

if TYPE_CHECKING:
    from ds_bridge.report.result import Report


class Audience(StrEnum):
    """The readers of a report."""

    PROGRAMME = "programme"
    STRUCTURE = "structure"
    PERSONNE = "personne"


class Format(StrEnum):
    """The formats of a report."""

    HTML = "html"
    PDF = "pdf"
    JSON = "json"


def report(
    name: NameArgument,
    audience: Annotated[Audience, typer.Option("--for", help="Whom the report is for.")] = Audience.PROGRAMME,
    identifiant: Annotated[
        int | None,
        typer.Option("--id", min=1, help="The structure's or the person's number in the pilotage."),
    ] = None,
    year: Annotated[
        int | None,
        typer.Option(
            "--year", help="Dossiers deposited in this year: 2024. By default that of the newest one."
        ),
    ] = None,
    since: Annotated[
        dt.datetime | None,
        typer.Option(
            "--since", help="Deposited on this day or later: 2024-01-01.", parser=parse_moment, metavar="DAY"
        ),
    ] = None,
    until: Annotated[
        dt.datetime | None,
        typer.Option(
            "--until",
            help="Deposited on this day or earlier: 2024-12-31.",
            parser=parse_moment,
            metavar="DAY",
        ),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option("--roster", help="The people expected: CSV, JSON, spreadsheet.", metavar="FILE"),
    ] = None,
    output_format: Annotated[
        Format | None, typer.Option("--format", help="By default what the ending of -o says, else html.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write to this file instead of stdout.", metavar="PATH"),
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="Hide numbers that describe fewer than five people.")
    ] = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Make a report of the declared activity: for the programme, a structure or a person."""
    from ds_bridge.report.ask import report as make
    from ds_bridge.report.formats import need_extra

    output = find_file(output)
    form = output_format or _find_format(output)
    check_ending(output, form, Format)
    need_extra(form.value)
    if form is Format.PDF and output is None and sys.stdout.isatty():
        raise ConfigurationError("a PDF cannot be shown on a terminal: name a file with -o")
    settings = begin(config, verbose, log_format)
    made = make(
        name,
        for_=audience.value,
        id=identifiant,
        year=year,
        since=since.date() if since else None,
        until=until.date() if until else None,
        roster=roster,
        public=public,
        config=settings,
    )
    _write(made, form, output)


def _find_format(output: Path | None) -> Format:
    ending = find_ending(output)
    if ending and ending not in set(Format):
        raise ConfigurationError(
            f"output {str(output)!r}: no report is written as .{ending} (known: {', '.join(Format)}): change"
            " the name or give --format"
        )
    return Format(ending or Format.HTML)


def _write(made: Report, form: Format, output: Path | None) -> None:
    from ds_bridge.cli.logs import say
    from ds_bridge.cli.output import write_content
    from ds_bridge.dump.file import replacing

    content = made.write(form.value)
    if output is None:
        write_content(content)
    else:
        with replacing(output) as stream:
            stream.write(content)
        say(f"{made.describe()} in {output}")
    for note in made.notes:
        say(note)
