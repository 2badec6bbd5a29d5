"""`store backup|copy|check`: copies the whole store, moves it to another database, or checks it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ds_bridge.cli.logs import LogFormat
from ds_bridge.cli.options import ConfigOption, JsonOption, LogFormatOption, VerboseOption, begin
from ds_bridge.cli.output import print_json, print_line
from ds_bridge.log import tell_count

if TYPE_CHECKING:
    from ds_bridge.store.checking import Condition

EXIT_DAMAGED = 1
_MIB = 1024 * 1024

BackupArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A file that does not exist yet.")]
ToOption = Annotated[
    str,
    typer.Option(
        "--to", help="An empty store: sqlite:///FILE or postgresql://user@host/database", metavar="URL"
    ),
]
CheckArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FILE]", help="A backup, instead of the configuration's store.", show_default=False
    ),
]

app = typer.Typer(
    help="Back the store up, copy it to another database, or check it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _group() -> None:
    """Back the store up, copy it to another database, or check it."""


@app.command(
    "backup",
    short_help="Copy a SQLite store to a new private file.",
    epilog="Example: ds-bridge store backup /var/backups/ds-bridge.db",
)
def backup(
    file: BackupArgument,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Copy a SQLite store to a new private file, even while a run writes. For PostgreSQL, say how to."""
    from ds_bridge.cli.logs import say
    from ds_bridge.health.status import open_to_read

    settings = begin(config, verbose, log_format, for_demarches=False)
    with open_to_read(settings) as store:
        size = store.back_up(file.absolute())
    say(f"backed up to {file}: {size / _MIB:.1f} MiB", file=str(file), bytes=size)


@app.command(
    "copy",
    short_help="Copy everything into an empty store, and compare.",
    epilog="Example: ds-bridge store copy --to postgresql+psycopg://me@db/ds",
)
def copy(
    to: ToOption,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Copy everything into an empty store of the other database, and compare. The old store stays."""
    from ds_bridge.cli.logs import say
    from ds_bridge.cli.progress import show_progress
    from ds_bridge.store.transfer import copy_store

    settings = begin(config, verbose, log_format, for_demarches=False)
    with show_progress(
        quiet=log_format is LogFormat.JSON, what="rows", first="opening both stores"
    ) as progress:
        transfer = copy_store(settings.store.url, _read_target(to), progress)
    copied = transfer.copied
    if json:
        print_json({"rows": copied.rows, "total": copied.seen, "under_way": list(transfer.under_way)})
    else:
        dossiers = tell_count(copied.rows["dossiers"], "dossier")
        print_line(f"copied and compared: {tell_count(copied.seen, 'row')}, {dossiers}")
    for number in transfer.under_way:
        say(f"démarche {number} has a run under way: the copy lacks what it writes from now on")


def _read_target(url: str) -> str:
    from pydantic import ValidationError

    from ds_bridge.config import StoreSettings
    from ds_bridge.errors import ConfigurationError

    try:
        return StoreSettings(url=url).url
    except ValidationError as error:
        reason = error.errors(include_input=False)[0]["msg"].removeprefix("Value error, ")
        raise ConfigurationError(f"--to: {reason}") from None


@app.command(
    "check",
    short_help="Read every row: is anything damaged?",
    epilog="Example: ds-bridge store check /var/backups/ds-bridge.db",
)
def check(
    file: CheckArgument = None,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Read every row: what is damaged, what is there, what no pull can bring back.

    Exit code 1 when something is damaged.
    """
    from ds_bridge.errors import ConfigurationError
    from ds_bridge.store import Store

    settings = begin(config, verbose, log_format, for_demarches=False)
    if file is not None and not os.path.exists(file):
        raise ConfigurationError(f"no file {str(file)!r}: give the path of a backup")
    with Store.open_to_read(f"sqlite:///{file.absolute()}" if file else settings.store.url) as store:
        found = store.check()
        shown = repr(store).strip("<>")
    if json:
        print_json(_describe(found))
    else:
        _print(shown, found)
    raise typer.Exit(EXIT_DAMAGED if found.problems else 0)


def _describe(found: Condition) -> dict[str, object]:
    return {
        "damaged": bool(found.problems),
        "problems": list(found.problems),
        "rows": found.rows,
        "not_pulled_again": {
            "drafts": found.drafts,
            "tombstones": found.tombstones,
            "runs": found.runs,
            "purges": found.purges,
        },
    }


def _print(shown: str, found: Condition) -> None:
    print_line(f"{shown}: {'DAMAGED' if found.problems else 'in order'}")
    for problem in found.problems:
        print_line(f"  {problem}")
    print_line("rows: " + ", ".join(f"{name} {count}" for name, count in found.rows.items() if count))
    counts = ((found.drafts, "draft"), (found.tombstones, "tombstone"), (found.runs, "run"))
    rest = ", ".join(tell_count(count, noun) for count, noun in counts)
    print_line(f"no pull brings back: {rest}, the purge dates of {tell_count(found.purges, 'démarche')}")
