"""`status [NAME…]`: the state of each démarche; for a monitor, whether its last good run is recent enough."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING, Annotated

import typer

from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.options import (
    ConfigOption,
    JsonOption,
    LangOption,
    LogFormatOption,
    NamesArgument,
    VerboseOption,
    begin,
)
from ds_bridge.cli.output import print_json, print_line, print_message, print_table

if TYPE_CHECKING:
    from ds_bridge.health.status import DemarcheStatus
    from ds_bridge.health.tongues import StatusWords

EXIT_LATE = 1

MaxAgeOption = Annotated[
    str | None,
    typer.Option(
        "--max-age",
        help="Exit with 1 when a last good run is older than this (90m, 26h, 3d), or missing.",
        metavar="AGE",
    ),
]


def status(
    names: NamesArgument = None,
    max_age: MaxAgeOption = None,
    lang: LangOption = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Show each démarche: its dossiers, its last run, its last good one. Needs no network and no token."""
    from ds_bridge.cli.logs import say
    from ds_bridge.health.status import open_to_read, read_statuses
    from ds_bridge.health.token import describe_end
    from ds_bridge.health.tongues import STATUS_WORDS, choose_language
    from ds_bridge.sync import choose_demarches
    from ds_bridge.sync.ages import parse_age

    settings = begin(config, verbose, log_format)
    limit = parse_age(max_age, "--max-age") if max_age else None
    chosen = choose_demarches(settings, names or [])
    with open_to_read(settings) as store:
        statuses = read_statuses(settings, chosen, store)
    now = dt.datetime.now(dt.UTC)
    if end := describe_end(settings.api, now.date()):
        say(end)
    if json:
        print_json([each.to_json(now) for each in statuses])
    else:
        _print(statuses, now, STATUS_WORDS[choose_language(lang, os.environ)])
    if limit and (late := [each for each in statuses if each.is_late(now, limit)]):
        _complain(late, now, max_age)
        raise typer.Exit(EXIT_LATE)


def _complain(late: list[DemarcheStatus], now: dt.datetime, max_age: str | None) -> None:
    from ds_bridge.cli.logs import say

    who = "; ".join(each.describe_lateness(now) for each in late)
    say(f"ds-bridge: no good run within {max_age}: {who}", error=True)


def _print(statuses: list[DemarcheStatus], now: dt.datetime, words: StatusWords) -> None:
    print_table(words.headings, (_list_cells(each, now, words) for each in statuses))
    for each in statuses:
        last = each.overview.last_run
        if last and last.summary and (error := last.summary.get("error")):
            print_message(f"{each.name}: {error}")
        for waiting in each.waiting:
            at = f"{waiting.next_try_at:%Y-%m-%d %H:%M}"
            print_line(
                words.waiting.format(
                    name=each.name, number=waiting.number, tries=waiting.tries, at=at, reason=waiting.reason
                )
            )
        _print_proof(each, now, words)
        if counts := each.describe_actions():
            print_line(f"{each.name}: {counts}")
        if each.holder:
            print_line(words.under_way.format(name=each.name, holder=each.holder))
        elif each.overview.walk_in_hand:
            print_line(words.in_hand.format(name=each.name))


def _print_proof(each: DemarcheStatus, now: dt.datetime, words: StatusWords) -> None:
    """Print when the store was last compared with the platform, and what is not proven."""
    last = each.overview.comparison
    if last is not None and last.at is not None:
        at = words.ago.format(words.tell_age(now - last.at))
        told = {"dossiers": last.dossiers, "differences": last.differences, "mended": last.mended}
        print_line(words.compared.format(name=each.name, at=at, **told))
    elif each.overview.last_run:
        print_line(words.not_compared.format(name=each.name))
    if each.overview.set_aside:
        print_line(words.not_proven.format(name=each.name, count=each.overview.set_aside))
    for lost in each.overview.lost_streams:
        at = f"{lost.since:%Y-%m-%d %H:%M}"
        stream = words.streams[lost.kind]
        print_line(words.lost_stream.format(name=each.name, stream=stream, at=at, reason=lost.reason))


def _list_cells(each: DemarcheStatus, now: dt.datetime, words: StatusWords) -> tuple[str, ...]:
    overview = each.overview
    waiting, good = str(overview.set_aside), words.outcomes.get("never", "never")
    last = words.outcomes.get(each.last_outcome, each.last_outcome)
    if overview.oldest_set_aside:
        waiting += f" ({words.oldest.format(words.tell_age(now - overview.oldest_set_aside))})"
    if overview.last_run:
        last += f", {words.ago.format(words.tell_age(now - overview.last_run.started_at))}"
    if each.last_good_at:
        good = words.ago.format(words.tell_age(now - each.last_good_at))
    counts = (each.number, overview.live, overview.invalid)
    return (each.name, *map(str, counts), waiting, str(overview.tombstones), last, good)
