"""`prefill follow NAME`: asks the platform what became of the drafts, and keeps it in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from ds_bridge.cli.output import print_json, print_table

if TYPE_CHECKING:
    import datetime as dt

    from ds_bridge.people.followup import FollowUp
    from ds_bridge.store import StoredDraft

_HEADINGS = ("dossier", "identifiant", "state", "created", "dies", "deposited", "processed", "gone")


def follow(
    name: NameArgument,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Ask what became of the drafts: claimed, deposited, processed, gone. Needs no token."""
    from ds_bridge.api.public import PublicClient
    from ds_bridge.health.status import open_existing
    from ds_bridge.people.followup import describe_draft, follow_drafts

    settings = begin(config, verbose, log_format)
    demarche = settings.demarche(name)
    with open_existing(settings) as store, PublicClient(settings.api) as client:
        done = follow_drafts(store, client, demarche.number)
    if json:
        print_json([describe_draft(draft) for draft in done.drafts])
    elif done.drafts:
        print_table(_HEADINGS, map(_list_cells, done.drafts))
    raise typer.Exit(_conclude(name, done))


def _conclude(name: str, done: FollowUp) -> int:
    from ds_bridge.cli.logs import say

    say(f"{name}: {done.describe()}")
    if done.dying:
        numbers = ", ".join(f"{draft.number} ({_write(draft.expires_at)})" for draft in done.dying)
        say(f"{name}: {len(done.dying)} drafts that nobody has claimed die within 24 hours: {numbers}")
    if done.error is None:
        return 0
    say(f"ds-bridge: {done.error}: the other drafts keep their last known state", error=True)
    return done.error.exit_code


def _list_cells(draft: StoredDraft) -> tuple[str, ...]:
    moments = (
        draft.created_at,
        draft.expires_at if draft.is_unclaimed else None,
        draft.submitted_at,
        draft.processed_at,
        draft.gone_at,
    )
    return (str(draft.number), str(draft.identifiant or ""), draft.state, *map(_write, moments))


def _write(moment: dt.datetime | None) -> str:
    from zoneinfo import ZoneInfo

    return moment.astimezone(ZoneInfo("Europe/Paris")).strftime("%Y-%m-%d %H:%M") if moment else ""
