"""Formulas: cells that a spreadsheet would run. We write an apostrophe before them, and remove it on reading.

In a CSV, a reader with another separator begins a new cell at any `,` `;` tab or line end inside a text. So
the text after each of these is guarded too.
"""

from __future__ import annotations

import re
from typing import Any

# Full-width signs too: East Asian spreadsheets read them as the plain signs.
_SIGNS = "=+@＝＋－＠-"
_FIRST = rf"[\t\r\n]|\s*[{_SIGNS}]"
_INNER = rf"[\"'\s]*[{_SIGNS}]"
_RUNS = re.compile(rf"\A(?={_FIRST})")
_RUNS_INSIDE = re.compile(rf"([,;\t\r\n])(?={_INNER})")
_GUARDED = re.compile(rf"\A'(?={_FIRST})")
_GUARDED_INSIDE = re.compile(rf"([,;\t\r\n])'(?={_INNER})")


def neutralise(text: str) -> str:
    """The text, with `'` before it when it starts like a formula (leading blanks do not count)."""
    return _RUNS.sub("'", text)


def neutralise_line(text: str) -> str:
    """The same for CSV: at each place where a reader with another separator would begin a cell."""
    return _RUNS.sub("'", _RUNS_INSIDE.sub(r"\1'", text))


def restore(value: Any) -> Any:
    """The text without the apostrophe that `neutralise`, or another careful program, put before it."""
    return _GUARDED.sub("", value) if isinstance(value, str) else value


def restore_line(value: Any) -> Any:
    """Text without the apostrophes that `neutralise_line` put in."""
    return _GUARDED_INSIDE.sub(r"\1", restore(value)) if isinstance(value, str) else value
