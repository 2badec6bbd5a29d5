"""Cells that a spreadsheet would run. Out, an apostrophe goes in front; in, that apostrophe goes again."""

from __future__ import annotations

from typing import Any

# Full-width forms too: spreadsheets of East Asia read them as the plain ones.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def neutralise(text: str) -> str:
    """The text, with `'` in front when it starts as a formula does, blanks aside."""
    return f"'{text}" if _starts_formula(text) else text


def restore(value: Any) -> Any:
    """Text without the apostrophe that `neutralise`, or a careful exporter, put in front; else as it is."""
    if isinstance(value, str) and value[:1] == "'" and _starts_formula(value[1:]):
        return value[1:]
    return value


def _starts_formula(text: str) -> bool:
    return text.startswith(_STARTS) or text.lstrip().startswith(_STARTS)
