"""`sync [NAME…]`: pulls what changed, says what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ds_bridge.cli.options import ConfigOption, JsonOption, LogFormat, LogFormatOption, VerboseOption, begin
from ds_bridge.cli.output import print_json

if TYPE_CHECKING:
    from ds_bridge.sync import Summary

EXIT_NOT_STRICT = 5


def sync(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Démarches of the configuration; all when none."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 5 when dossiers were set aside or are invalid.")
    ] = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Pull what changed since the last run into the store."""
    from ds_bridge.api.client import Client
    from ds_bridge.cli.progress import show_progress
    from ds_bridge.errors import ConfigurationError
    from ds_bridge.store import Store
    from ds_bridge.sync import Stop, sync_demarche

    settings = begin(config, verbose, log_format)
    chosen = {name: settings.demarche(name) for name in (names or settings.demarches)}
    if not chosen:
        raise ConfigurationError(
            "no démarche in the configuration: add a [demarches.NAME] table with its number"
        )
    stop = Stop()
    summaries: list[Summary] = []
    with (
        Store.open(settings.store.url) as store,
        Client(settings.api, sleep=stop.sleep) as client,
        stop.on_signals(),
    ):
        for name, demarche in chosen.items():
            with show_progress(name) as progress:
                summaries.append(
                    sync_demarche(
                        name, demarche, client, store, settings=settings.sync, stop=stop, progress=progress
                    )
                )
    if json:
        print_json([summary.to_json() for summary in summaries])
    for summary in summaries:
        typer.echo(_describe(summary), err=True)
    raise typer.Exit(max(_exit_code(summary, strict) for summary in summaries))


def _describe(summary: Summary) -> str:
    counts = ", ".join(
        f"{count} {word}"
        for word in ("created", "updated", "unchanged", "restored", "deleted", "set_aside", "invalid")
        if (count := getattr(summary, word))
    )
    duration = (summary.finished_at - summary.started_at).total_seconds() if summary.finished_at else 0.0
    line = (
        f"{summary.name}: {summary.outcome}, {summary.seen} dossiers seen ({counts or 'nothing new'}), "
        f"{summary.requests} requests, {duration:.1f} s"
    )
    return f"{line}: {summary.error}" if summary.error else line


def _exit_code(summary: Summary, strict: bool) -> int:
    if summary.exit_code == 0 and strict and (summary.set_aside or summary.invalid):
        return EXIT_NOT_STRICT
    return summary.exit_code
