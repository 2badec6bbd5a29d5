"""`purge NAME --older-than AGE`: deletes personal data that is not needed any more. Asks first."""

from __future__ import annotations

import datetime as dt
import sys
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
from ds_bridge.cli.output import print_json, print_line
from ds_bridge.log import tell_count

if TYPE_CHECKING:
    from ds_bridge.store import Purgeable

OlderOption = Annotated[
    str,
    typer.Option(
        "--older-than",
        help="Delete dossiers not modified, and tombstones of dossiers deleted, for longer than this: 730d.",
        metavar="AGE",
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def purge(
    name: NameArgument,
    older_than: OlderOption,
    yes: YesOption = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Delete old dossiers and old tombstones from the store for good. Sync does not bring them back."""
    from ds_bridge.cli.logs import say
    from ds_bridge.health.status import open_existing
    from ds_bridge.sync.ages import parse_age

    settings = begin(config, verbose, log_format)
    number = settings.demarche(name).number
    before = dt.datetime.now(dt.UTC).replace(microsecond=0) - parse_age(older_than, "--older-than")
    with open_existing(settings) as store:
        if not yes and not _confirm(name, store.count_purgeable(number, before), before):
            say("nothing was deleted")
            return
        with store.lock(number):
            purged = store.purge(number, before)
        backups = store.list_backups()
    _print(name, purged, before, as_json=json)
    if backups:
        where = ", ".join(str(each) for each in backups)
        say(f"copies made before a migration still hold the purged data, delete them: {where}")


def _confirm(name: str, found: Purgeable, before: dt.datetime) -> bool:
    from ds_bridge.cli.question import ask
    from ds_bridge.errors import ConfigurationError

    what = f"{_count(found)} of {name}, from before {before.date()}"
    if not sys.stdin.isatty():
        raise ConfigurationError(f"{what}: nothing was deleted, say --yes to delete without being asked")
    return ask(f"Delete {what}, for good?")


def _print(name: str, purged: Purgeable, before: dt.datetime, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "name": name,
                "before": before.isoformat(),
                "dossiers": purged.dossiers,
                "tombstones": purged.tombstones,
            }
        )
    else:
        print_line(f"{name}: deleted {_count(purged)} from before {before.isoformat()}")


def _count(found: Purgeable) -> str:
    return f"{tell_count(found.dossiers, 'dossier')} and {tell_count(found.tombstones, 'tombstone')}"
