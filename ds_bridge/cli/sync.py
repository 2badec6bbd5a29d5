"""`sync [NAME…]`: pulls what changed, says what it did."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.options import (
    ConfigOption,
    JsonOption,
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
    from ds_bridge.sync import Summary

FullOption = Annotated[
    bool, typer.Option("--full", help="Compare every number and date with the store, and mend what differs.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Let --full mark any share of the store as vanished.")]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Exit with 5 when dossiers were set aside or are invalid.")
]
JobsOption = Annotated[int, typer.Option("--jobs", min=1, max=16, help="Démarches at a time.", metavar="N")]
ParallelOption = Annotated[
    Literal["ends", "states", "groupes"] | None,
    typer.Option(
        "--parallel", help="Pull a first load by several walks at a time, cut this way.", show_default=False
    ),
]
WalkersOption = Annotated[
    int, typer.Option("--walkers", min=2, max=4, help="Walks at a time, with --parallel.", metavar="N")
]
MetricsOption = Annotated[
    Path | None,
    typer.Option("--metrics", help="Write a Prometheus textfile when done.", metavar="FILE"),
]


def sync(
    names: NamesArgument = None,
    full: FullOption = False,
    yes: YesOption = False,
    jobs: JobsOption = 1,
    parallel: ParallelOption = None,
    walkers: WalkersOption = 2,
    strict: StrictOption = False,
    metrics: MetricsOption = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Pull what changed since the last run into the store."""
    from ds_bridge.cli.logs import say
    from ds_bridge.cli.progress import show_progress
    from ds_bridge.health.notify import Notifier
    from ds_bridge.sync import Orders, Parallel, Stop, choose_demarches, sync_demarches

    settings = begin(config, verbose, log_format)
    chosen = choose_demarches(settings, names or [])
    _warn_of_readers(settings, config)
    notifier = Notifier(settings.notify, say)
    notifier.tell_start()
    with Stop().on_signals() as stop, show_progress(quiet=quiet or log_format is LogFormat.JSON) as progress:
        orders = Orders(
            full=full,
            may_empty=yes,
            jobs=jobs,
            parallel=Parallel(parallel, walkers) if parallel else None,
            stop=stop,
            progress=progress,
        )
        summaries = sync_demarches(settings, chosen, orders)
    # The line and the metrics first: a stdout that cannot be written must not cost them.
    code = _conclude(settings, summaries, strict=strict, metrics=metrics, quiet=quiet)
    notifier.tell_end(_end(code, summaries))
    if json:
        print_json([summary.to_json() for summary in summaries])
    raise typer.Exit(code)


def _warn_of_readers(settings: Settings, config: Path | None) -> None:
    """Say once which files with secrets others may read."""
    from ds_bridge.cli.logs import say
    from ds_bridge.config import find_config
    from ds_bridge.health.doctor.setup import check_secrets

    for finding in check_secrets(settings, find_config(config)):
        if finding.verdict != "ok":
            say(f"{finding.found}: {finding.remedy}")


def _conclude(
    settings: Settings, summaries: list[Summary], *, strict: bool, metrics: Path | None, quiet: bool
) -> int:
    from ds_bridge.cli.logs import say
    from ds_bridge.errors import DsBridgeError
    from ds_bridge.sync.verdict import describe, exit_code, worst

    codes = [exit_code(summary, strict=strict) for summary in summaries]
    for summary, code in zip(summaries, codes, strict=True):
        if quiet and code == 0:
            continue
        counts = {key: value for key, value in summary.to_json().items() if isinstance(value, int)}
        fields = {"run": summary.run_id, "demarche": summary.name, "exit_code": code, **counts}
        say(describe(summary), error=summary.exit_code != 0, outcome=summary.outcome, **fields)
    if metrics:
        try:
            _write_metrics(settings, summaries, metrics)
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
        # The summaries say so already, and must reach the monitor all the same.
        statuses = []
    write_metrics(file, statuses, summaries)
