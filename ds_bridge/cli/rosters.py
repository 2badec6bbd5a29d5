"""Shared by the commands that take a roster: read it, choose a format, open the output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from ds_bridge.cli.endings import find_file

if TYPE_CHECKING:
    from ds_bridge.people.roster import Roster, RosterFormat

STDIN = Path("-")

RosterArgument = Annotated[
    Path,
    typer.Argument(metavar="ROSTER", help="CSV, JSON, NDJSON or spreadsheet; - for stdin.", allow_dash=True),
]

OutputOption = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        help="Write to this file instead of stdout; its ending may choose another format.",
        metavar="OUT",
    ),
]


def open_roster(path: Path) -> Roster:
    """Read the roster from the file, or from stdin. Raises ConfigurationError."""
    from ds_bridge.people.roster import read_roster

    return read_roster(sys.stdin.buffer if path == STDIN else path)


def choose_format(roster: Roster, source: Path, output: Path | None) -> RosterFormat:
    """The roster's own format, unless the output's ending says another. Raises ConfigurationError."""
    from ds_bridge.errors import ConfigurationError
    from ds_bridge.people.roster import RosterFormat
    from ds_bridge.people.roster.file import FORMATS
    from ds_bridge.people.roster.spreadsheet import need_extra

    output = find_file(output)
    suffix = output.suffix.lower() if output else ""
    chosen = FORMATS.get(suffix, roster.format)
    if chosen is RosterFormat.SPREADSHEET:
        need_extra()
        if output is None:
            raise ConfigurationError("a spreadsheet must be written to a file: give -o OUT.xlsx")
        if suffix in FORMATS and suffix != ".xlsx":
            raise ConfigurationError("spreadsheets are written as .xlsx: name the output OUT.xlsx")
    if output and source != STDIN and output.exists() and output.samefile(source):
        raise ConfigurationError("the output is the roster itself: give it another name")
    return chosen


@contextmanager
def open_output(output: Path | None) -> Iterator[BinaryIO]:
    """The file, which is written whole or not at all, or stdout (None, or `-`)."""
    from ds_bridge.cli.output import open_stdout
    from ds_bridge.dump.file import replacing

    file = find_file(output)
    if file is None:
        out = open_stdout()
        yield out
        out.flush()
    else:
        with replacing(file) as stream:
            yield stream
