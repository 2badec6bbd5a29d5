"""`sync [NAME…]`: pulls what changed, and says what it did."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.options import (
    ConfigOption,
    JsonOption,
    LangOption,
    LogFormatOption,
    NamesArgument,
    QuietOption,
    VerboseOption,
    begin,
)
from ds_bridge.cli.output import print_json

if TYPE_CHECKING:
    from ds_bridge.config import Settings
    from ds_bridge.health.notify import Ending
    from ds_bridge.health.tongues import Language
    from ds_bridge.sync import Orders, Parallel, Summary
    from ds_bridge.sync.parts import Way

FullOption = Annotated[
    bool, typer.Option("--full", help="Compare every number and date with the store, and mend what differs.")
]
YesOption = Annotated[
    bool, typer.Option("--yes", help="Let a comparison mark any share of the dossiers as vanished.")
]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Exit with 5 when dossiers were set aside or are invalid.")
]
JobsOption = Annotated[int, typer.Option("--jobs", min=1, max=16, help="Démarches at a time.", metavar="N")]
ParallelOption = Annotated[
    Literal["ends", "states", "groupes"] | None,
    typer.Option("--parallel", help="Divide a first load into several walks at a time.", show_default=False),
]
WalkersOption = Annotated[
    int | None,
    typer.Option(
        "--walkers", min=2, max=4, help="Walks at a time, with --parallel: 2 unless given.", metavar="N"
    ),
]
MetricsOption = Annotated[
    Path | None,
    typer.Option("--metrics", help="Write a Prometheus textfile when done.", metavar="FILE"),
]


DryRunOption = Annotated[
    bool,
    typer.Option("--dry-run", help="Say what a run would do (with --json each dossier); write nothing."),
]
EveryOption = Annotated[
    str | None,
    typer.Option(
        "--every", help="Run again this long after each run ends (15m, 6h), until a signal.", metavar="AGE"
    ),
]


def sync(
    names: NamesArgument = None,
    full: FullOption = False,
    yes: YesOption = False,
    jobs: JobsOption = 1,
    parallel: ParallelOption = None,
    walkers: WalkersOption = None,
    strict: StrictOption = False,
    metrics: MetricsOption = None,
    every: EveryOption = None,
    dry_run: DryRunOption = False,
    quiet: QuietOption = False,
    lang: LangOption = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Pull what changed since the last run into the store."""
    from ds_bridge.health.rounds import repeat
    from ds_bridge.health.tongues import Language, choose_language
    from ds_bridge.sync import Orders, Stop, choose_demarches
    from ds_bridge.sync.ages import parse_age

    _refuse_together(every=every, dry_run=dry_run, json=json, metrics=metrics)
    walks = _read_walks(parallel, walkers)
    settings = begin(config, verbose, log_format)
    chosen = choose_demarches(settings, names or [])
    _refuse_twins(settings, chosen)
    wait = parse_age(every, "--every") if every else None
    _warn_of_readers(settings, config)
    with Stop().on_signals() as stop:
        orders = Orders(full=full, may_empty=yes, jobs=jobs, parallel=walks, stop=stop)
        as_json = log_format is LogFormat.JSON
        language = Language.EN if as_json else choose_language(lang, os.environ)
        shown = _Shown(strict, metrics, json, quiet, language, show=not (quiet or as_json))
        if dry_run:
            raise typer.Exit(_rehearse(settings, chosen, orders, shown))
        run = _Runs(settings, chosen, orders, shown)
        if wait is not None:
            repeat(run, wait, stop)
            return
        code = run()
    raise typer.Exit(code)


def _refuse_together(*, every: str | None, dry_run: bool, json: bool, metrics: Path | None) -> None:
    from ds_bridge.errors import ConfigurationError

    if every and (dry_run or json):
        raise ConfigurationError("--every goes on for ever: not with --dry-run or --json")
    if dry_run and metrics:
        raise ConfigurationError("--dry-run writes nothing: not with --metrics")


def _read_walks(way: Way | None, walkers: int | None) -> Parallel | None:
    from ds_bridge.errors import ConfigurationError
    from ds_bridge.sync import Parallel

    if way is None:
        if walkers is not None:
            raise ConfigurationError("--walkers goes with --parallel")
        return None
    return Parallel(way) if walkers is None else Parallel(way, walkers)


def _refuse_twins(settings: Settings, names: list[str]) -> None:
    from ds_bridge.errors import ConfigurationError

    for number, same in settings.list_twins(names).items():
        raise ConfigurationError(
            f"{' and '.join(same)} are one démarche, {number}: sync one of them by its name, and use the"
            " other for links only"
        )


@dataclass(frozen=True)
class _Shown:
    """What to say and write about a run. `show`: progress on a terminal."""

    strict: bool
    metrics: Path | None
    json: bool
    quiet: bool
    language: Language
    show: bool


class _Runs:
    """Each call runs these démarches once, and gives the exit code."""

    def __init__(self, settings: Settings, names: list[str], orders: Orders, shown: _Shown) -> None:
        from ds_bridge.cli.logs import say
        from ds_bridge.health.notify import Notifier

        self._settings, self._names, self._orders, self._shown = settings, names, orders, shown
        self._notifier = Notifier(settings.notify, say)

    def __call__(self) -> int:
        from ds_bridge.cli.progress import show_progress
        from ds_bridge.sync import sync_demarches

        self._notifier.tell_start()
        with show_progress(quiet=not self._shown.show) as progress:
            orders = replace(self._orders, progress=progress)
            summaries = sync_demarches(self._settings, self._names, orders)
        # The line and the metrics come first: an stdout that cannot be written must not prevent them.
        code = _conclude(self._settings, summaries, self._shown)
        self._notifier.tell_end(_end(code, summaries))
        if self._shown.json:
            print_json([summary.to_json() for summary in summaries])
        return code


def _rehearse(settings: Settings, names: list[str], orders: Orders, shown: _Shown) -> int:
    from ds_bridge.cli.logs import say
    from ds_bridge.cli.progress import show_progress
    from ds_bridge.health.rehearsal import rehearse
    from ds_bridge.health.tongues import describe_rehearsal
    from ds_bridge.sync.verdict import exit_code, worst

    with show_progress(quiet=not shown.show) as progress:
        rehearsed = rehearse(settings, names, replace(orders, progress=progress))
    for each in rehearsed:
        say(describe_rehearsal(each.summary, shown.language), error=each.summary.exit_code != 0)
    if shown.json:
        print_json([each.to_json() for each in rehearsed])
    return worst(exit_code(each.summary, strict=shown.strict) for each in rehearsed)


def _warn_of_readers(settings: Settings, config: Path | None) -> None:
    """Warn once of files with secrets that others may read."""
    from ds_bridge.cli.logs import say
    from ds_bridge.config import find_config
    from ds_bridge.health.doctor.setup import check_secrets

    for finding in check_secrets(settings, find_config(config)):
        if finding.verdict != "ok":
            say(f"{finding.found}: {finding.remedy}")


def _conclude(settings: Settings, summaries: list[Summary], shown: _Shown) -> int:
    from ds_bridge.cli.logs import say
    from ds_bridge.errors import DsBridgeError
    from ds_bridge.health.tongues import describe_run
    from ds_bridge.sync.verdict import exit_code, worst

    codes = [exit_code(summary, strict=shown.strict) for summary in summaries]
    for summary, code in zip(summaries, codes, strict=True):
        if shown.quiet and code == 0:
            continue
        counts = {key: value for key, value in summary.to_json().items() if isinstance(value, int)}
        fields = {"run": summary.run_id, "demarche": summary.name, "exit_code": code, **counts}
        say(
            describe_run(summary, shown.language),
            error=summary.exit_code != 0,
            outcome=summary.outcome,
            **fields,
        )
    if shown.metrics:
        try:
            _write_metrics(settings, summaries, shown.metrics)
        except DsBridgeError as error:
            say(f"ds-bridge: {error}", error=True)
            codes.append(error.exit_code)
    return worst(codes)


def _end(code: int, summaries: list[Summary]) -> Ending:
    from ds_bridge.health.notify import Ending
    from ds_bridge.sync.verdict import describe

    return Ending(
        "sync", code, [describe(each) for each in summaries], [each.to_json() for each in summaries]
    )


def _write_metrics(settings: Settings, summaries: list[Summary], file: Path) -> None:
    from ds_bridge.errors import DsBridgeError
    from ds_bridge.health.metrics import write_metrics
    from ds_bridge.health.status import open_to_read, read_statuses

    try:
        with open_to_read(settings) as store:
            statuses = read_statuses(settings, list(settings.demarches), store)
    except DsBridgeError:
        # The summaries say this already, and the monitor must get them in any case.
        statuses = []
    write_metrics(file, statuses, summaries)
