"""`demo`: the whole way on this machine, without a token or a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ds_bridge.cli.output import print_json


def demo(
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="Where the SQLite file goes; a new temporary one when left out."),
    ] = None,
) -> None:
    """Make a link, deposit a report through it in the sandbox, sync it, print it as JSON."""
    from ds_bridge.cli.extras import need_web

    need_web("demo")
    from ds_bridge.sandbox.demo import run_demo

    print_json(run_demo(folder, say=lambda line: typer.echo(line, err=True)))
