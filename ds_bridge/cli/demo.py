"""`demo`: from a link to a JSON report on this machine, without a token or a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ds_bridge.cli.logs import say
from ds_bridge.cli.output import print_json


def demo(
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="Folder for its files; by default a new temporary one."),
    ] = None,
) -> None:
    """Make a link, deposit a report through it in the sandbox, sync it, print it as JSON."""
    from ds_bridge.cli.extras import need_extra

    need_extra("demo", "web")
    from ds_bridge.sandbox.demo import REPORT_FILE, STORE_FILE, choose_folder, run_demo

    place = choose_folder(folder)
    print_json(run_demo(place, say=say))
    say(f"store:  {place / STORE_FILE}")
    say(f"report: {place / REPORT_FILE}")
    say(f"next:   cd {place} && ds-bridge status && ds-bridge dump cra --format ndjson")
