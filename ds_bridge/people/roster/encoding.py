"""Decodes a CSV or JSON roster: UTF-8 with or without a mark, UTF-16, or an older encoding.

The older ones are those of French offices: Windows-1252, CP850 (MS-DOS), Mac Roman. Nearly any bytes can be
read as each of them. So the text is checked, and the encoding with the fewest garbled lines is taken.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from ds_bridge.errors import ConfigurationError
from ds_bridge.people.sheets.unfold import MOST_CELLS

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
OLDER: dict[str, str] = {"cp1252": "Windows-1252", "cp850": "CP850 (MS-DOS)", "mac_roman": "Mac Roman"}
_LOOKED_AT = 4096
_CELL_ENDS = (",", ";", "\t", "\n", "[", "{")
_SAMPLE = 64 * 1024
# What nobody writes, so the text is garbled: a sign inside a word, small letters and capitals mixed around an
# accent, a word that is only two accented letters, and signs that French texts do not have.
_MARK = "«»‘“”–—…€°²³§£·½¼¾¿¡©®"
_GARBLED = re.compile(
    rf"[^\x00-\x7f\u00a0’{_MARK}À-ÖØ-öø-ÿŒœŠšŽžŸıŁłĄąĆćĘęŃńŚśŹźŻżČčĚěŘřŮůĞğŞşİ]"
    rf"|[^\W\d_][{_MARK}][^\W\d_]"
    r"|[a-zà-öø-ÿœ][À-ÖØ-ÞŒŠŽŸ]"
    r"|[A-ZÀ-ÖØ-ÞŒ][à-öø-ÿœ][A-ZÀ-ÖØ-ÞŒ]"
    r"|[A-ZÀ-ÖØ-ÞŒ]{2}[à-öø-ÿœ]"
    r"|(?<!\w)[^\W\x00-\x7f]{2,}(?!\w)"
    r"|[\x01-\x08\x0e-\x1f\x7f]"
)
_FRENCH = frozenset("àâæçéèêëîïôœùûüÿÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸ’«»")
_NEIGHBOURS = frozenset("áäåãíñóöõøúßÁÄÅÃÍÑÓÖÕØÚ")
GARBLED = "its accents cannot be read: save it as CSV UTF-8"


@dataclass(frozen=True, slots=True, repr=False)
class Decoded:
    """The text, the name of its encoding, and whether it began with a mark."""

    text: str
    encoding: str
    bom: bool

    @property
    def is_older(self) -> bool:
        """Whether the encoding was guessed: then some lines may be garbled."""
        return self.encoding in OLDER

    def note(self, name: str) -> tuple[str, ...]:
        """The note about the encoding, for the user."""
        return (f"{name}: read as {OLDER[self.encoding]}, not being UTF-8",) if self.is_older else ()


def decode(content: bytes, name: str) -> Decoded:
    """Find the encoding. `name`: what errors call the file.

    Raises ConfigurationError for a file that is not text, or has more cells than a roster may have.
    """
    decoded = _decode(content, name)
    if sum(map(decoded.text.count, _CELL_ENDS)) > MOST_CELLS:
        raise ConfigurationError(f"{name}: it has more than {MOST_CELLS} cells: cut it in parts")
    return decoded


def _decode(content: bytes, name: str) -> Decoded:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _checked(content[len(mark) :], encoding, name, bom=True)
    guessed = _guess_utf16(content)
    if guessed:
        return _checked(content, guessed, name, bom=False)
    try:
        return _refuse_nul(Decoded(content.decode("utf-8"), "utf-8", bom=False), name)
    except UnicodeDecodeError:
        return _refuse_nul(_decode_older(content, name), name)


def is_garbled(text: str) -> bool:
    """Whether the text shows that it was decoded with the wrong encoding."""
    return not text.isascii() and _GARBLED.search(text) is not None


def _decode_older(content: bytes, name: str) -> Decoded:
    """The encoding with the fewest garbled lines, then with the fewest letters that are rare in France.

    When two are equal, charset-normalizer decides. The guess can still be wrong for one short name.
    """
    lines = [line for line in content.splitlines() if not line.isascii()]
    sample = b"\n".join(lines)[:_SAMPLE]
    likely = [match.encoding for match in from_bytes(sample, cp_isolation=list(OLDER))]
    found: list[tuple[int, int, Decoded]] = []
    for encoding in dict.fromkeys((*likely, *OLDER)):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:  # only Windows-1252 has bytes that it cannot read
            continue
        read = sample.decode(encoding)
        garbled = sum(map(is_garbled, read.split("\n")))
        found.append((garbled, sum(map(_weigh, read)), Decoded(text, encoding, bom=False)))
    garbled, _, decoded = min(found, key=lambda each: each[:2])
    if garbled > sample.count(b"\n"):
        raise _not_text(name)
    return decoded


def _weigh(character: str) -> int:
    """How rare a letter is in French texts."""
    if character.isascii() or character in _FRENCH:
        return 0
    return 1 if character in _NEIGHBOURS else 3


def _checked(content: bytes, encoding: str, name: str, *, bom: bool) -> Decoded:
    try:
        return _refuse_nul(Decoded(content.decode(encoding), encoding, bom), name)
    except UnicodeDecodeError:
        raise _not_text(name) from None


def _not_text(name: str) -> ConfigurationError:
    return ConfigurationError(
        f"{name}: not text in UTF-8, UTF-16, Windows-1252, CP850 or Mac Roman: save it as CSV UTF-8"
    )


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
