"""Cells that a spreadsheet would run. Out, an apostrophe goes in front; in, that apostrophe goes again.

In a CSV any `,` `;` tab or line end inside a text begins a cell for a reader that takes another separator, so
what follows one is guarded too.
"""

from __future__ import annotations

import re
from typing import Any

# Full-width forms too: spreadsheets of East Asia read them as the plain ones.
_SIGNS = "=+@＝＋－＠-"
_FIRST = rf"[\t\r\n]|\s*[{_SIGNS}]"
_INNER = rf"[\"'\s]*[{_SIGNS}]"
_RUNS = re.compile(rf"\A(?={_FIRST})")
_RUNS_INSIDE = re.compile(rf"([,;\t\r\n])(?={_INNER})")
_GUARDED = re.compile(rf"\A'(?={_FIRST})")
_GUARDED_INSIDE = re.compile(rf"([,;\t\r\n])'(?={_INNER})")


def neutralise(text: str) -> str:
    """The text, with `'` in front when it starts as a formula does, blanks aside."""
    return _RUNS.sub("'", text)


def neutralise_line(text: str) -> str:
    """The same for a CSV: wherever a reader with another separator would begin a cell."""
    return _RUNS.sub("'", _RUNS_INSIDE.sub(r"\1'", text))


def restore(value: Any) -> Any:
    """Text without the apostrophe that `neutralise`, or a careful exporter, put in front; else as it is."""
    return _GUARDED.sub("", value) if isinstance(value, str) else value


def restore_line(value: Any) -> Any:
    """Text without the apostrophes that `neutralise_line` put in."""
    return _GUARDED_INSIDE.sub(r"\1", restore(value)) if isinstance(value, str) else value
