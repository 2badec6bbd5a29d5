"""`prefill batch NAME ROSTER`: writes the same rows, each with its link or draft, or with its problem."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ds_bridge.cli.checking import DraftOption, OfflineOption
from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.options import (
    ConfigOption,
    LogFormatOption,
    NameArgument,
    VerboseOption,
    begin,
)
from ds_bridge.cli.rosters import OutputOption, RosterArgument

if TYPE_CHECKING:
    from ds_bridge.config import Settings
    from ds_bridge.people.batch import Batch
    from ds_bridge.people.roster import Columns, Roster, RosterFormat

EXIT_PROBLEMS = 5

StrictOption = Annotated[bool, typer.Option("--strict", help="Exit with 5 when a row has a problem.")]


def batch(
    name: NameArgument,
    roster: RosterArgument,
    output: OutputOption = None,
    draft: DraftOption = None,
    offline: OfflineOption = False,
    strict: StrictOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Make a link, or a draft, for each row of a roster. A bad row gets its problem, and stops nothing."""
    from ds_bridge.cli.rosters import choose_format, open_roster

    settings = begin(config, verbose, log_format)
    settings.demarche(name)
    given = open_roster(roster)
    command = _Batching(settings, name, given, quiet=log_format is LogFormat.JSON)
    command.get_ready(offline=offline)
    done = command.run(output, choose_format(given, roster, output), draft)
    raise typer.Exit(_conclude(done, strict=strict))


class _Batching:
    def __init__(self, settings: Settings, name: str, roster: Roster, *, quiet: bool) -> None:
        self._settings, self._name, self._roster, self._quiet = settings, name, roster, quiet
        self._columns: Columns | None = None

    def get_ready(self, *, offline: bool) -> None:
        """Find the form and the columns, and report doubts before anything is made."""
        from ds_bridge.cli.checking import find_form
        from ds_bridge.cli.logs import say
        from ds_bridge.people.links import match_columns

        self._form, notes = find_form(self._settings, self._name, offline=offline)
        self._columns = match_columns(self._settings, self._name, self._roster, self._form)
        for note in (*self._roster.notes, *notes, *self._columns.notes):
            say(f"ds-bridge: {note}")

    def run(self, output: Path | None, output_format: RosterFormat, draft: bool | None) -> Batch:
        from ds_bridge.cli.checking import choose_method
        from ds_bridge.cli.progress import show_progress
        from ds_bridge.cli.rosters import open_output
        from ds_bridge.people.links import prefill_roster
        from ds_bridge.sync import Stop

        with (
            open_output(output) as out,
            Stop().on_signals() as stop,
            show_progress(quiet=self._quiet, what="rows") as progress,
        ):
            return prefill_roster(
                self._settings,
                self._name,
                self._roster,
                out,
                columns=self._columns,
                form=self._form,
                method=choose_method(draft),
                output_format=output_format,
                sleep=stop.sleep,
                check_stop=stop.check,
                progress=progress,
            )


def _conclude(done: Batch, *, strict: bool) -> int:
    """Say what was done; gives the exit code."""
    from ds_bridge.cli.logs import say

    say(done.tally.describe(), error=done.stopped is not None)
    if done.stopped is not None:
        say(f"ds-bridge: {done.stopped}", error=True)
        return done.stopped.exit_code
    return EXIT_PROBLEMS if strict and done.tally.problems else 0
