"""`who NAME IDENTIFIANT`: a person's drafts, dossiers and next step. From the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.options import (
    ConfigOption,
    JsonOption,
    LogFormatOption,
    NameArgument,
    VerboseOption,
    begin,
)
from ds_bridge.cli.output import print_json, print_line, print_table
from ds_bridge.log import tell_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ds_bridge.people.where import Whereabouts

_HEADINGS = ("what", "number", "state", "next", "made", "until", "anomalies", "address")

IdentifiantArgument = Annotated[
    str, typer.Argument(metavar="IDENTIFIANT", help="The person's number in the pilotage.")
]


def who(
    name: NameArgument,
    identifiant: IdentifiantArgument,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Show where a person stands: drafts made, dossiers, what is next. Does not ask the platform."""
    from ds_bridge.cli.logs import say
    from ds_bridge.people.where import where

    found = where(begin(config, verbose, log_format), name, identifiant)
    if json:
        print_json(found.to_json())
        return
    print_line(found.next)
    if found.drafts or found.dossiers:
        print_table(_HEADINGS, _list_rows(found), whole="number")
    for warning in found.warnings:
        say(f"ds-bridge: {warning}")
    if found.as_of is not None:
        say(f"{name}: as of the last good sync, {found.as_of.isoformat(timespec='minutes')}")


def _list_rows(found: Whereabouts) -> Iterator[tuple[str, ...]]:
    from ds_bridge.cli.moments import find_zone

    zone = find_zone()
    for draft in found.drafts:
        made = str(draft.created_at.astimezone(zone).date())
        until = f"{draft.until.astimezone(zone):%Y-%m-%d %H:%M}" if draft.until else ""
        yield ("draft", str(draft.number), draft.state, draft.next, made, until, "", "")
    for each in found.dossiers:
        made = str(each.deposited_at.astimezone(zone).date())
        counts = f"{tell_count(each.errors, 'error')}, {tell_count(each.warnings, 'warning')}"
        if not (each.errors or each.warnings):
            counts = ""
        yield ("dossier", str(each.number), each.state, each.next, made, "", counts, each.url)
