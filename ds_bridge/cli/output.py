"""Results on stdout: JSON for programs, lines and tables for people. Nothing else of `cli` writes there.

A terminal gets text, never a command: what it would obey is written out. JSON keeps its value, escaped.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import typer

from ds_bridge.log import show_line, show_message, show_text

if TYPE_CHECKING:
    from typing_extensions import Buffer

NO_STYLES: Mapping[str, str] = MappingProxyType({})
# What JSON may hold as it is, and a terminal obeys: written as escapes it is the same value.
_OBEYED = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def write_document(text: str) -> None:
    """A document of lines, UTF-8 whatever the terminal's encoding."""
    sys.stdout.flush()
    sys.stdout.buffer.write(show_text(text).encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def write_content(content: bytes) -> None:
    """A document that is bytes already. In a pipe as it is, on a terminal it is text."""
    if sys.stdout.isatty():
        write_document(content.decode("utf-8", "replace"))
        return
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def open_stdout() -> BinaryIO:
    """Stdout for records of any number, one a `write`. As they are in a pipe, shown on a terminal."""
    sys.stdout.flush()
    return cast("BinaryIO", _Terminal(sys.stdout.buffer)) if sys.stdout.isatty() else sys.stdout.buffer


class _Terminal(io.BufferedIOBase):
    """Takes records; none has a line's end inside that a reader would take for the next one's beginning."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, record: Buffer, /) -> int:
        text = escape_json(bytes(record).decode("utf-8", "replace"))
        content = text.rstrip("\r\n")
        shown = show_message(content) + "\n" * text.count("\n", len(content))
        self._out.write(shown.encode("utf-8", "replace"))
        return memoryview(record).nbytes

    def flush(self) -> None:
        self._out.flush()


def escape_json(text: str) -> str:
    """JSON of the same value, without a character that a terminal obeys."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def print_json(value: Any) -> None:
    """Indented UTF-8 JSON and a newline."""
    import orjson

    document = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    write_document(escape_json(document) + "\n")


def print_line(text: str) -> None:
    """A line for people, one whatever is in it."""
    typer.echo(show_line(text))


def print_message(text: str) -> None:
    """A message for people. The lists inside have lines of their own, that begin with two spaces."""
    typer.echo(show_message(text))


def print_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    whole: str | None = None,
    styles: Mapping[str, str] = NO_STYLES,
    width: int = 200,
) -> None:
    """A plain table, as wide as the terminal, `width` in a pipe. The column `whole` is never cut or broken.

    `styles`: how a first cell of this text is shown.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    cells = [tuple(map(show_line, row)) for row in rows]
    for position, heading in enumerate(headings):
        longest = max((len(row[position]) for row in cells), default=0) if heading == whole else None
        table.add_column(heading, no_wrap=heading == whole, min_width=longest)
    for first, *others in cells:
        table.add_row(Text(first, styles.get(first, "")), *map(Text, others))
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else width)
    # A terminal too narrow for every column breaks lines itself: that loses nothing.
    least = table.__rich_measure__(console, console.options).minimum
    if whole is not None and least > console.width:
        console = Console(file=sys.stdout, width=least)
    console.print(table)


def print_tsv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Values separated by tabs, a line each: for `cut`, `awk` and spreadsheets. Blanks inside are spaces.

    The pipe may end in a terminal (`| head`): what it would obey is shown. `--json` has the value as it is.
    """
    lines = ("\t".join(show_line(" ".join(cell.split())) for cell in row) for row in (headings, *rows))
    write_document("".join(f"{line}\n" for line in lines))
