"""Spreadsheet: makes a text harmless that a spreadsheet would run as a formula. For CSV and XLSX only.

A cell that begins like a formula may fetch a page or start a program on the machine that opens the file, and
anybody may have typed it into a form. An apostrophe in front makes it a text again.
"""

from __future__ import annotations

_STARTS = tuple("=+-@＝＋－＠")
_BLANKS = ("\t", "\r", "\n")


def neutralise(text: str) -> str:
    """The text, with an apostrophe before it when it begins with `=`, `+`, `-`, `@`, a tab or a line end.

    A full-width sign is a sign too, and blanks before a sign do not hide it.
    """
    if text.startswith(_BLANKS) or text.lstrip().startswith(_STARTS):
        return f"'{text}"
    return text
