"""`files NAME`: downloads the files of stored dossiers into a folder."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.moments import in_paris, parse_moment
from ds_bridge.cli.options import (
    ConfigOption,
    JsonOption,
    LogFormatOption,
    NameArgument,
    VerboseOption,
    begin,
)
from ds_bridge.cli.output import print_json

if TYPE_CHECKING:
    from ds_bridge.files.wanted import Extra

EXIT_INCOMPLETE = 5
_MOST_SHOWN = 20

ToOption = Annotated[
    Path | None,
    typer.Option("--to", help="Folder to download into; by default files/NAME.", metavar="DIR"),
]
SinceOption = Annotated[
    dt.datetime | None,
    typer.Option(
        "--since",
        help="Only dossiers modified since: 2024-05-30, or 2024-05-30T10:15:00+02:00.",
        parser=parse_moment,
        metavar="DAY",
    ),
]
WithOption = Annotated[
    str,
    typer.Option(
        "--with",
        help="Also the files of these, with commas between: attestations, messages, avis, annotations.",
        metavar="LIST",
        show_default=False,
    ),
]
JobsOption = Annotated[int, typer.Option("--jobs", help="How many dossiers at a time.", min=1, max=16)]
StrictOption = Annotated[bool, typer.Option("--strict", help="Exit with 5 when a file failed.")]


def files(
    name: NameArgument,
    to: ToOption = None,
    since: SinceOption = None,
    extras: WithOption = "",
    jobs: JobsOption = 2,
    strict: StrictOption = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Download the files of a démarche's stored dossiers: those that are not there yet."""
    from ds_bridge.cli.logs import say
    from ds_bridge.cli.progress import show_progress
    from ds_bridge.files import FilesOrders, fetch_files
    from ds_bridge.health.status import open_existing, warn_of_gaps
    from ds_bridge.sync import Stop

    wanted = _read_extras(extras)
    settings = begin(config, verbose, log_format)
    settings.demarche(name)
    with (
        Stop().on_signals() as stop,
        show_progress(quiet=log_format is LogFormat.JSON) as progress,
        open_existing(settings) as store,
    ):
        orders = FilesOrders(
            to=to or Path("files") / name,
            since=in_paris(since),
            extras=wanted,
            jobs=jobs,
            stop=stop,
            progress=progress,
        )
        summary = fetch_files(settings, name, store, orders)
        gaps = warn_of_gaps(store, name, summary.number)
    if json:
        print_json(summary.to_json())
    for problem in summary.problems[:_MOST_SHOWN]:
        place = " ".join(filter(None, (problem["source"], problem["champ"])))
        say(f"{name}: dossier {problem['dossier']}, {place}: {problem['problem']}", error=True)
    if len(summary.problems) > _MOST_SHOWN:
        say(f"{name}: and {len(summary.problems) - _MOST_SHOWN} more: --json lists them all", error=True)
    say(summary.describe())
    if gaps:
        say(gaps)
    raise typer.Exit(EXIT_INCOMPLETE if strict and summary.problems else 0)


def _read_extras(text: str) -> frozenset[Extra]:
    from typing import cast, get_args

    from ds_bridge.errors import ConfigurationError
    from ds_bridge.files.wanted import Extra

    given = {word.strip() for word in text.split(",") if word.strip()}
    unknown = sorted(given.difference(get_args(Extra)))
    if unknown:
        known = ", ".join(get_args(Extra))
        raise ConfigurationError(f"--with: no such files: {', '.join(unknown)} (known: {known})")
    return cast("frozenset[Extra]", frozenset(given))
