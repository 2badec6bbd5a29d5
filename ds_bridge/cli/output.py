"""Results on stdout: JSON for programs, lines and tables for people. Only this module of `cli` writes there.

On a terminal, characters that it would obey are escaped. JSON keeps its value: there they are JSON escapes.
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
# Characters that JSON may hold raw and a terminal obeys. As JSON escapes they have the same value.
_OBEYED = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def write_document(text: str) -> None:
    """Write a document of lines, in UTF-8 whatever the terminal's encoding."""
    sys.stdout.flush()
    sys.stdout.buffer.write(show_text(text).encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def write_content(content: bytes) -> None:
    """Write a document that is already bytes: unchanged in a pipe, as text on a terminal."""
    if sys.stdout.isatty():
        write_document(content.decode("utf-8", "replace"))
        return
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def open_stdout() -> BinaryIO:
    """Stdout for any number of records, one in each `write`: unchanged in a pipe, shown on a terminal."""
    sys.stdout.flush()
    return cast("BinaryIO", _Terminal(sys.stdout.buffer)) if sys.stdout.isatty() else sys.stdout.buffer


class _Terminal(io.BufferedIOBase):
    """Shows records. A line end inside a record does not stay: it would look like the next record."""

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
    """JSON of the same value without any character that a terminal obeys."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def print_json(value: Any) -> None:
    """Indented UTF-8 JSON and a newline."""
    import orjson

    document = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    write_document(escape_json(document) + "\n")


def print_line(text: str) -> None:
    """Print one line for people; line ends inside the text do not break it."""
    typer.echo(show_line(text))


def print_message(text: str) -> None:
    """Print a message for people. Lines that begin with two spaces (its lists) stay lines."""
    typer.echo(show_message(text))


def print_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    whole: str | None = None,
    styles: Mapping[str, str] = NO_STYLES,
    width: int = 200,
) -> None:
    """A plain table, as wide as the terminal, or `width` in a pipe. The column `whole` is never cut or
    broken.

    `styles`: the text of a first cell → its style.
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
    """Values separated by tabs, one row a line, for `cut`, `awk` and spreadsheets. Blanks inside become
    spaces.

    The pipe may end in a terminal (`| head`), so characters that it would obey are escaped. `--json` keeps
    them.
    """
    lines = ("\t".join(show_line(" ".join(cell.split())) for cell in row) for row in (headings, *rows))
    write_document("".join(f"{line}\n" for line in lines))
