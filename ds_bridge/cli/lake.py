"""`lake NAME --to URI`: the démarche's tables as Delta tables in a folder or a bucket, kept up to date."""

from __future__ import annotations

from typing import Annotated

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
from ds_bridge.cli.output import print_json

ToOption = Annotated[
    str,
    typer.Option(
        "--to", help="The lake: a folder, or s3://bucket/folder.", metavar="URI", show_default=False
    ),
]
VacuumOption = Annotated[
    bool,
    typer.Option(
        "--vacuum", help="Remove replaced files at once, even under readers; by default after a week."
    ),
]


def lake(
    name: NameArgument,
    to: ToOption,
    vacuum: VacuumOption = False,
    json: JsonOption = False,
    config: ConfigOption = None,
    verbose: VerboseOption = 0,
    log_format: LogFormatOption = LogFormat.TEXT,
) -> None:
    """Keep a démarche's tables in a lake: everything the first time, then only changes, purges included.

    Each table changes in one commit of Delta Lake. Run it after each sync. Several démarches may share a
    lake, which has a folder for each.
    """
    from ds_bridge.cli.extras import need_extra
    from ds_bridge.cli.logs import say
    from ds_bridge.cli.progress import show_progress
    from ds_bridge.health.status import open_to_read
    from ds_bridge.sync import Stop

    need_extra("lake", "lake")
    from ds_bridge.lake import AT_ONCE, WEEK, LakeOrders, keep_lake

    settings = begin(config, verbose, log_format)
    demarche = settings.demarche(name)
    quiet = log_format is LogFormat.JSON
    with (
        open_to_read(settings) as store,
        Stop().on_signals() as stop,
        show_progress(quiet=quiet, first="reading the store") as progress,
    ):
        orders = LakeOrders(keep=AT_ONCE if vacuum else WEEK, stop=stop, progress=progress)
        kept = keep_lake(name, demarche, store, to, orders)
    if json:
        print_json(kept.to_json())
    else:
        say(kept.describe())
