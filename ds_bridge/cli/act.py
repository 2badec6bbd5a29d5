"""`act NAME [ACTIONS]`: changes dossiers on the platform, once and only once. It shows the plan first."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from ds_bridge.cli.logs import LogFormat, say
from ds_bridge.cli.options import (
    ConfigOption,
    JsonOption,
    LogFormatOption,
    NameArgument,
    VerboseOption,
    begin,
)
from ds_bridge.cli.output import print_json, print_table
from ds_bridge.log import tell_count

if TYPE_CHECKING:
    from ds_bridge.actions import Job, Planned, ReadRow, Summary
    from ds_bridge.config import Settings
    from ds_bridge.store import Store

EXIT_REFUSED = 5
EXIT_UNKNOWN = 4
WORDS = {
    "do": "will do",
    "settle": "will settle",
    "already": "already so",
    "refused": "refused",
    "unknown": "unknown",
    "later": "later",
}

ActionsArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[ACTIONS]",
        help="CSV, JSON, NDJSON or spreadsheet, one action on each row; - for stdin.",
        allow_dash=True,
        show_default=False,
    ),
]
ResumeOption = Annotated[
    bool, typer.Option("--resume", help="Without a file: go on with actions that were left.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Print the plan, change nothing.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask before changing anything.")]
SkipBadOption = Annotated[
    bool, typer.Option("--skip-bad", help="Leave out rows that cannot be read, and do the others.")
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Exit with 5 when actions were refused.")]
ResendOption = Annotated[
    list[str] | None,
    typer.Option(
        "--resend", help="Send this action again, whose outcome is unknown; may be repeated.", metavar="KEY"
    ),
]


def act(
    name: NameArgument,
    actions: ActionsArgument = None,
    resume: ResumeOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    skip_bad: SkipBadOption = False,
    resend: ResendOption = None,
    strict: StrictOption = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Change dossiers on the platform as the rows of a file say, each once and only once."""
    from ds_bridge.store import Store
    from ds_bridge.sync import Stop

    settings = begin(config, verbose, log_format)
    number = settings.demarche(name).number
    _check_file(actions, resume or bool(resend))
    with (
        Stop(after="the request in flight").on_signals() as stop,
        Store.open(settings.store.url) as store,
        _Monitor(settings, name, unasked=yes and not dry_run) as monitor,
        store.lock(number, "act"),
    ):
        rows = _read_rows(settings, name, store, actions, skip_bad=skip_bad)
        with _open_client(settings, stop) as client:
            with stop.at_once("before anything was sent"):
                job = _prepare(settings, name, client, store, rows, resend or [])
                _print_plan(job, quiet=json)
                goes_on = not dry_run and _may_go_on(job, yes=yes)
            if not goes_on:
                code = _conclude_plan(job, strict=strict)
            else:
                monitor.begin()
                summary = job.carry_out(sleep=stop.sleep, check_stop=stop.check)
                code = _conclude(job, summary, strict=strict, json=json)
                monitor.end(code, summary)
    if json and dry_run:
        print_json([each.to_json() for each in job.plan])
    raise typer.Exit(code)


class _Monitor:
    """Tells `[notify]` of a run: counts only, nothing of a dossier.

    A run with --yes (`unasked`) is told from its first step on, also when it ends before it changed anything.
    Another run is told once somebody has said yes.
    """

    def __init__(self, settings: Settings, name: str, *, unasked: bool) -> None:
        from ds_bridge.health.notify import Notifier

        self._notifier, self._name = Notifier(settings.notify, say), name
        self._unasked, self._is_open = unasked, False

    def __enter__(self) -> Self:
        if self._unasked:
            self.begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        from ds_bridge.errors import DsBridgeError

        if self._is_open and isinstance(error, DsBridgeError):
            self._tell_end(error.exit_code, f"{self._name}: {error}", [])

    def begin(self) -> None:
        if not self._is_open:
            self._is_open = True
            self._notifier.tell_start()

    def end(self, code: int, summary: Summary) -> None:
        line = f"{self._name}: {_describe(summary)}" + (f": {summary.error}" if summary.error else "")
        self._tell_end(code, line, [{"name": self._name, **_count(summary)}])

    def _tell_end(self, code: int, line: str, summaries: list[dict[str, Any]]) -> None:
        from ds_bridge.health.notify import Ending

        self._is_open = False
        self._notifier.tell_end(Ending("act", code, [line], summaries))


def _check_file(actions: Path | None, resumes: bool) -> None:
    from ds_bridge.errors import ConfigurationError

    if actions is None and not resumes:
        raise ConfigurationError("no actions: give a file, or --resume to go on with what was left over")


def _read_rows(
    settings: Settings, name: str, store: Store, actions: Path | None, *, skip_bad: bool
) -> Sequence[ReadRow]:
    """The rows of the file. Raises ConfigurationError, before anything is sent, for a bad one."""
    from ds_bridge.actions import Reader
    from ds_bridge.actions.people import Persons
    from ds_bridge.cli.rosters import STDIN, open_roster
    from ds_bridge.errors import ConfigurationError

    if actions is None:
        return []
    demarche = settings.demarche(name)
    roster = open_roster(actions)
    persons = Persons(store, demarche.number, demarche.champs)
    folder = Path.cwd() if actions == STDIN else actions.parent
    rows = Reader(folder, persons.find).read(roster, lambda keys: store.outbox.find(demarche.number, keys))
    for note in roster.notes:
        say(note)
    for row in rows:
        if row.problem or row.note:
            say(f"row {row.place}: {row.problem or row.note}", error=bool(row.problem))
    bad = sum(row.problem is not None for row in rows)
    if bad and not skip_bad:
        said = tell_count(bad, "bad row")
        raise ConfigurationError(f"{said}: nothing was sent (--skip-bad leaves them out)")
    return rows


def _open_client(settings: Settings, stop: Any) -> Any:
    from ds_bridge.api.client import Client

    return Client(settings.api, sleep=stop.sleep)


def _prepare(
    settings: Settings, name: str, client: Any, store: Store, rows: Sequence[ReadRow], resend: list[str]
) -> Job:
    from ds_bridge.actions import Orders, prepare

    demarche = settings.demarche(name)
    orders = Orders(demarche.instructeur, settings.actions.wait_seconds, tuple(resend), name)
    return prepare(client, store, demarche.number, rows, orders)


def _print_plan(job: Job, *, quiet: bool) -> None:
    """Print the plan on stdout; not with --json, whose result is what became of the actions."""
    if not quiet and job.plan:
        print_table(("row", "dossier", "action", "plan", "why"), (_list_cells(each) for each in job.plan))
    counts = ", ".join(f"{job.count(will)} {word}" for will, word in WORDS.items() if job.count(will))
    say(f"{tell_count(len(job.plan), 'action')}: {counts or 'nothing to do'}")


def _list_cells(each: Planned) -> tuple[str, ...]:
    place = "earlier" if each.place is None else str(each.place)
    return (place, str(each.dossier), each.action, WORDS[each.will], each.reason or "")


def _may_go_on(job: Job, *, yes: bool) -> bool:
    """Whether to carry out the plan. Asks on a terminal. Raises ConfigurationError in a pipe."""
    from ds_bridge.cli.question import ask
    from ds_bridge.errors import ConfigurationError

    if yes or not job.will_change:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise ConfigurationError("nothing was sent: say --yes to change dossiers without being asked")
    return ask("Change these dossiers?")


def _conclude_plan(job: Job, *, strict: bool) -> int:
    return EXIT_REFUSED if strict and job.count("refused") else 0


def _count(summary: Summary) -> dict[str, Any]:
    counts = {state: summary.count(state) for state in ("done", "refused", "unknown")}
    return {**counts, "requests": summary.requests}


def _describe(summary: Summary) -> str:
    counts = _count(summary)
    requests = tell_count(counts.pop("requests"), "request")
    return ", ".join([*(f"{count} {state}" for state, count in counts.items()), requests])


def _conclude(job: Job, summary: Summary, *, strict: bool, json: bool) -> int:
    for each in summary.outcomes:
        if each.state == "unknown" or each.warning:
            say(f"{each.key}: {each.state}: {each.reason or each.warning}", error=True, key=each.key)
    say(_describe(summary), **_count(summary))
    if json:
        print_json([each.to_json() for each in summary.outcomes])
    if summary.error is not None:
        say(f"ds-bridge: {summary.error}", error=True)
        return summary.exit_code
    if summary.exit_code or job.count("later") or job.count("unknown"):
        return EXIT_UNKNOWN
    return EXIT_REFUSED if strict and summary.count("refused") else 0
