"""`coverage NAME ROSTER`: who has deposited in a period, and who has not. From the store, offline."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ds_bridge.cli.checking import OfflineOption
from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.moments import end_in_paris, find_zone, in_paris, parse_moment
from ds_bridge.cli.options import (
    ConfigOption,
    JsonOption,
    LogFormatOption,
    NameArgument,
    VerboseOption,
    begin,
)
from ds_bridge.cli.output import print_json, print_table
from ds_bridge.cli.rosters import OutputOption, RosterArgument

if TYPE_CHECKING:
    from ds_bridge.config import Settings
    from ds_bridge.people.coverage import Coverage, Covered, Deposit
    from ds_bridge.people.roster import Roster, RosterFormat
    from ds_bridge.store import Store

_HEADINGS = ("row", "identifiant", "nom", "prénom", "status", "dossiers", "possible")

SinceOption = Annotated[
    dt.datetime | None,
    typer.Option(
        "--since", help="Deposited on this day or later: 2024-01-01.", parser=parse_moment, metavar="DAY"
    ),
]
UntilOption = Annotated[
    dt.datetime | None,
    typer.Option(
        "--until", help="Deposited on this day or earlier: 2024-06-30.", parser=parse_moment, metavar="DAY"
    ),
]
CsvOption = Annotated[
    Path | None,
    typer.Option("--csv", help="Write the roster with the results to this file; - for stdout."),
]


MissingOption = Annotated[
    bool,
    typer.Option(
        "--missing",
        help="Write a roster with links: people who have not deposited, or whose draft ends within a day.",
    ),
]


def coverage(
    name: NameArgument,
    roster: RosterArgument,
    since: SinceOption = None,
    until: UntilOption = None,
    json: JsonOption = False,
    csv: CsvOption = None,
    missing: MissingOption = False,
    output: OutputOption = None,
    offline: OfflineOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Show who of a roster has deposited in a period, who may have, and who has not."""
    from ds_bridge.cli.rosters import choose_format, open_roster
    from ds_bridge.health.status import open_to_read
    from ds_bridge.people.coverage import cover

    if sum(map(bool, (json, csv, missing))) > 1:
        raise typer.BadParameter("give one of --json, --csv and --missing")
    if output and not missing:
        raise typer.BadParameter("use it with --missing", param_hint="-o")
    settings = begin(config, verbose, log_format)
    demarche = settings.demarche(name)
    people = open_roster(roster)
    with open_to_read(settings) as store:
        found = cover(store, name, demarche, people, since=in_paris(since), until=end_in_paris(until))
        if missing:
            _remind(settings, found, people, store, choose_format(people, roster, output), output, offline)
    if not missing:
        _print(found, people, json=json, csv=csv)
    _say_rest(found)


def _remind(
    settings: Settings,
    found: Coverage,
    roster: Roster,
    store: Store,
    output_format: RosterFormat,
    output: Path | None,
    offline: bool,
) -> None:
    from ds_bridge.cli.checking import find_form
    from ds_bridge.cli.logs import say
    from ds_bridge.cli.rosters import open_output
    from ds_bridge.people.reminders import find_reminded, write_reminders

    name = found.name
    form, notes = find_form(settings, name, offline=offline)
    for note in notes:
        say(f"ds-bridge: {note}")
    reminded = find_reminded(store, settings.demarche(name).number, found, dt.datetime.now(dt.UTC))
    with open_output(output) as out:
        done = write_reminders(settings, name, roster, reminded, out, form=form, output_format=output_format)
    say(f"{name}: {done.tally.describe()}")
    if done.stopped is not None:
        raise done.stopped


def _print(found: Coverage, roster: Roster, *, json: bool, csv: Path | None) -> None:
    if json:
        print_json(found.to_json())
    elif csv:
        _write_csv(found, roster, csv)
    else:
        print_table(_HEADINGS, map(_list_cells, found.people))


def _write_csv(found: Coverage, roster: Roster, file: Path) -> None:
    from ds_bridge.cli.rosters import STDIN, open_output
    from ds_bridge.people.coverage import ADDED
    from ds_bridge.people.roster import RosterFormat, write_roster

    rows = ((person.row, person.to_cells()) for person in found.people)
    with open_output(None if file == STDIN else file) as out:
        write_roster(roster, rows, ADDED, out, RosterFormat.CSV)


def _say_rest(found: Coverage) -> None:
    from ds_bridge.cli.logs import say

    for warning in found.warnings:
        say(f"{found.name}: {warning}")
    say(f"{found.name}: {found.describe()}")


def _list_cells(person: Covered) -> tuple[str, ...]:
    return (
        str(person.row.place),
        str(person.identifiant or ""),
        person.nom or "",
        person.prenom or "",
        person.status,
        _list_deposits(person.deposits),
        _list_deposits(person.possible),
    )


def _list_deposits(deposits: list[Deposit]) -> str:
    zone = find_zone()
    return ", ".join(f"{each.number} ({each.deposited_at.astimezone(zone).date()})" for each in deposits)
