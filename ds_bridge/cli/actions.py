"""`actions NAME`: the changes asked of the platform, and what became of each. From the store alone."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

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
    from ds_bridge.store import StoredAction


class State(StrEnum):
    """The states of an action."""

    PLANNED = "planned"
    SENT = "sent"
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"


StateOption = Annotated[
    list[State] | None,
    typer.Option("--state", help="Only actions in this state; may be repeated.", show_default=False),
]
DossierOption = Annotated[
    int | None, typer.Option("--dossier", help="Only actions of this dossier.", metavar="NUMBER")
]


def actions(
    name: NameArgument,
    state: StateOption = None,
    dossier: DossierOption = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """List the actions of a démarche and what became of each. Needs no network and no token."""
    from ds_bridge.health.status import open_to_read

    settings = begin(config, verbose, log_format)
    with open_to_read(settings) as store:
        states = [each.value for each in state] if state else None
        found = store.outbox.entries(settings.demarche(name).number, states=states, dossier=dossier)
    if json:
        print_json([_describe(each) for each in found])
        return
    headings = ("dossier", "action", "state", "tries", "sent", "key", "why")
    print_table(headings, (_list_cells(each) for each in found))


def _list_cells(each: StoredAction) -> tuple[str, ...]:
    sent = f"{each.sent_at:%Y-%m-%d %H:%M:%S}" if each.sent_at else ""
    why = "; ".join(filter(None, (each.reason, each.warning)))
    return (str(each.dossier), each.action, each.state, str(each.tries), sent, each.key, why)


def _describe(each: StoredAction) -> dict[str, Any]:
    """The action without what people wrote."""
    names = ("key", "dossier", "action", "state", "tries", "reason", "warning")
    moments = ("created_at", "sent_at", "settled_at")
    return {name: getattr(each, name) for name in names} | {
        name: moment.isoformat(timespec="seconds") if (moment := getattr(each, name)) else None
        for name in moments
    }
