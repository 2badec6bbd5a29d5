"""Spreadsheet: text that a spreadsheet would run as a formula, made harmless. For CSV and XLSX only.

A cell that begins like a formula may fetch a page or start a program on the machine of whoever opens it, and
anybody may have typed it into a form. An apostrophe before it makes it text again.
"""

from __future__ import annotations

_STARTS = tuple("=+-@＝＋－＠")
_BLANKS = ("\t", "\r", "\n")


def neutralise(text: str) -> str:
    """The text, with an apostrophe before it when it begins with `=`, `+`, `-`, `@`, a tab or a line end.

    Full-width signs and blanks before the sign do not hide it.
    """
    if text.startswith(_BLANKS) or text.lstrip().startswith(_STARTS):
        return f"'{text}"
    return text
