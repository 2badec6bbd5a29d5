"""Bytes of a CSV or JSON roster in, text out: UTF-8 with and without a mark, UTF-16, Windows-1252."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from ds_bridge.errors import ConfigurationError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LOOKED_AT = 4096


@dataclass(frozen=True, slots=True, repr=False)
class Decoded:
    """The text, its encoding's name, and whether a mark stood in front."""

    text: str
    encoding: str
    bom: bool


def decode(content: bytes, name: str) -> Decoded:
    """Find the encoding. `name` is what errors call the file. Raises ConfigurationError for what is no text.

    What is not UTF-8 is taken as Windows-1252, which nearly any bytes are: the caller should say so.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _checked(content[len(mark) :], encoding, name, bom=True)
    guessed = _guess_utf16(content)
    if guessed:
        return _checked(content, guessed, name, bom=False)
    try:
        return _refuse_nul(Decoded(content.decode("utf-8"), "utf-8", bom=False), name)
    except UnicodeDecodeError:
        return _checked(content, "windows-1252", name, bom=False)


def _checked(content: bytes, encoding: str, name: str, *, bom: bool) -> Decoded:
    try:
        return _refuse_nul(Decoded(content.decode(encoding), encoding, bom), name)
    except UnicodeDecodeError:
        raise ConfigurationError(
            f"{name}: not text in UTF-8, UTF-16 or Windows-1252: save it as CSV UTF-8"
        ) from None


def _refuse_nul(decoded: Decoded, name: str) -> Decoded:
    if "\0" in decoded.text:
        raise ConfigurationError(f"{name}: not a text file (it holds NUL characters)")
    return decoded


def _guess_utf16(content: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of Latin text is zero."""
    start = content[:_LOOKED_AT]
    if len(content) % 2 or not start:
        return None
    if start[1::2].count(0) * 2 > len(start[1::2]) and not start[0::2].count(0):
        return "utf-16-le"
    if start[0::2].count(0) * 2 > len(start[0::2]) and not start[1::2].count(0):
        return "utf-16-be"
    return None
