"""Results on stdout: JSON for programs, a table for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any


def write_document(text: str) -> None:
    """What programs read: UTF-8, whatever the terminal's encoding."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def print_json(value: Any) -> None:
    """Indented UTF-8 JSON and a newline."""
    import orjson

    write_document(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, whole: str | None = None) -> None:
    """A plain table, as wide as the terminal, whole in a pipe. The column `whole` is never cut or broken."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    cells = list(rows)
    for position, heading in enumerate(headings):
        longest = max((len(row[position]) for row in cells), default=0) if heading == whole else None
        table.add_column(heading, no_wrap=heading == whole, min_width=longest)
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 200)
    # A terminal too narrow for every column breaks lines itself: that loses nothing.
    least = table.__rich_measure__(console, console.options).minimum
    if whole is not None and least > console.width:
        console = Console(file=sys.stdout, width=least)
    console.print(table)


def print_tsv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Values separated by tabs, a line each: for `cut`, `awk` and spreadsheets. Blanks inside are spaces."""
    lines = ("\t".join(" ".join(cell.split()) for cell in row) for row in (headings, *rows))
    write_document("".join(f"{line}\n" for line in lines))
