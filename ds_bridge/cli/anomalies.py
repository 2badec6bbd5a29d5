"""`anomalies NAME`: what is wrong in a démarche's dossiers, one line each. Counts go to stderr at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ds_bridge.cli.endings import check_ending, find_file
from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.options import (
    ConfigOption,
    JsonOption,
    LogFormatOption,
    NameArgument,
    VerboseOption,
    begin,
)
from ds_bridge.log import tell_count

if TYPE_CHECKING:
    from ds_bridge.actions.telling import Letter
    from ds_bridge.config import Settings
    from ds_bridge.store import Store, StoredAnomaly

_LINE = "{:>10}  {:<8}  {:<24}  {:<32}  {}"


class Severity(StrEnum):
    """An error makes a dossier invalid; a warning is for a person to look at."""

    ERROR = "error"
    WARNING = "warning"


SeverityOption = Annotated[Severity | None, typer.Option("--severity", help="Only this severity.")]
CodeOption = Annotated[
    list[str] | None, typer.Option("--code", help="Only this code; may be repeated.", metavar="CODE")
]


AsActionsOption = Annotated[
    Path | None,
    typer.Option(
        "--as-actions",
        help="For each dossier, write a message for `act`, from a text that holds {anomalies}.",
        metavar="TEMPLATE",
    ),
]
CorrectionOption = Annotated[
    Literal["incorrect", "incomplete", "outdated"] | None,
    typer.Option("--correction", help="With --as-actions: ask for a correction.", show_default=False),
]
AcceptValidOption = Annotated[
    bool, typer.Option("--accept-valid", help="Write actions that accept each open dossier without anomaly.")
]
OutputOption = Annotated[
    Path | None, typer.Option("-o", "--output", help="The file for actions or CSV; by default stdout.")
]


class ListFormat(StrEnum):
    """How anomalies are listed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


FormatOption = Annotated[
    ListFormat | None,
    typer.Option("--format", help="Lines, JSON (as --json), or CSV (as in dumps).", show_default=False),
]


def anomalies(
    name: NameArgument,
    severity: SeverityOption = None,
    code: CodeOption = None,
    as_actions: AsActionsOption = None,
    correction: CorrectionOption = None,
    accept_valid: AcceptValidOption = False,
    output_format: FormatOption = None,
    output: OutputOption = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """List what is wrong in the dossiers of a démarche, as the last sync or remap found it."""
    from ds_bridge.cli.logs import say
    from ds_bridge.health.status import open_to_read, warn_of_gaps

    if as_actions or accept_valid:
        chosen = None
        if output_format or json:
            raise typer.BadParameter("an actions file has its own format", param_hint="--format")
    else:
        chosen = _choose(output_format, json, output)
    settings = begin(config, verbose, log_format)
    demarche = settings.demarche(name)
    counted = _Counted(severity.value if severity else None, code)
    with open_to_read(settings) as store:
        gaps = warn_of_gaps(store, name, demarche.number)
        found = counted.select(store.anomalies(demarche.number))
        if chosen is None:
            letter = _read_letter(store, settings, name, as_actions, correction)
            _write_actions(store, demarche.number, found, letter, output, accept=accept_valid)
        else:
            _list(found, chosen, output)
            counted.say()
    if gaps:
        say(gaps)


def _choose(output_format: ListFormat | None, json: bool, output: Path | None) -> ListFormat:
    if json and output_format not in (None, ListFormat.JSON):
        raise typer.BadParameter("give one of --json and --format")
    chosen = ListFormat.JSON if json else output_format or ListFormat.TEXT
    if find_file(output) and chosen != ListFormat.CSV:
        raise typer.BadParameter("use it with --format csv, --as-actions or --accept-valid", param_hint="-o")
    check_ending(find_file(output), chosen, ListFormat)
    return chosen


def _list(found: Iterator[StoredAnomaly], chosen: ListFormat, output: Path | None) -> None:
    from ds_bridge.cli.output import open_stdout
    from ds_bridge.cli.rosters import open_output
    from ds_bridge.dump import csv, json
    from ds_bridge.store.encoding import encode_json
    from ds_bridge.tables.layout import ANOMALIES, make_anomalies_list

    if chosen == ListFormat.TEXT:
        _print_lines(found)
    elif chosen == ListFormat.JSON:
        json.write((encode_json(_describe(each)) for each in found), open_stdout())
    else:
        table = make_anomalies_list()
        rows = ((ANOMALIES, _describe(each) | {"dossier": each.number}) for each in found)
        with open_output(output) as out:
            csv.write_one(table, rows, out)


def _read_letter(
    store: Store, settings: Settings, name: str, template: Path | None, correction: str | None
) -> Letter | None:
    from ds_bridge.actions.telling import Letter, read_template
    from ds_bridge.report.make import find_declared
    from ds_bridge.report.words import CODES
    from ds_bridge.tables.described import describe

    if template is None:
        return None
    declared = find_declared(describe(store, name, settings.demarche(name)))
    return Letter(read_template(template), {**CODES, **declared.codes}, correction)


def _write_actions(
    store: Store,
    number: int,
    found: Iterator[StoredAnomaly],
    letter: Letter | None,
    output: Path | None,
    *,
    accept: bool,
) -> None:
    from ds_bridge.actions.telling import COLUMNS, accept_valid, tell_anomalies
    from ds_bridge.cli.logs import say
    from ds_bridge.cli.rosters import open_output
    from ds_bridge.people.roster import Roster, RosterFormat, Row, write_roster

    rows = list(tell_anomalies(store, number, found, letter)) if letter else []
    messages = len(rows)
    rows += accept_valid(store, number) if accept else ()
    empty = Roster(RosterFormat.CSV, (), (), bom=True, separator=";")
    with open_output(output) as out:
        write_roster(empty, ((Row(place, {}), row) for place, row in enumerate(rows)), COLUMNS, out)
    others = tell_count(len(rows) - messages, "other action")
    say(f"{tell_count(messages, 'message')}, {others}", messages=messages)


class _Counted:
    """Lets the wanted anomalies through, and counts them by code."""

    def __init__(self, severity: str | None, codes: list[str] | None) -> None:
        self._severity = severity
        self._codes = codes
        self._counts: Counter[tuple[str, str]] = Counter()
        self._dossiers = 0

    def select(self, found: Iterator[StoredAnomaly]) -> Iterator[StoredAnomaly]:
        last = None
        for each in found:
            if self._severity and each.severity != self._severity:
                continue
            if self._codes and each.code not in self._codes:
                continue
            self._counts[each.code, each.severity] += 1
            self._dossiers += each.number != last
            last = each.number
            yield each

    def say(self) -> None:
        from ds_bridge.cli.logs import say

        say(f"{tell_count(self._counts.total(), 'anomaly')} in {tell_count(self._dossiers, 'dossier')}")
        for (code, severity), count in self._counts.most_common():
            say(f"{count:>8}  {severity:<8}  {code}", code=code, severity=severity, count=count)


def _print_lines(found: Iterator[StoredAnomaly]) -> None:
    from ds_bridge.cli.output import print_line

    # Columns of a fixed width: to fit them, every line would be held before the first is printed.
    print_line(_LINE.format("dossier", "severity", "code", "path", "message"))
    for each in found:
        print_line(_LINE.format(each.number, each.severity, each.code, each.path, each.message))


def _describe(each: StoredAnomaly) -> dict[str, Any]:
    return {
        "number": each.number,
        "path": each.path,
        "code": each.code,
        "severity": each.severity,
        "message": each.message,
    }
