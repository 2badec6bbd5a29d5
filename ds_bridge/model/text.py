"""Text: labels and descriptions of a form in, Python literals, comments and docstrings out.

A form's text may hold anything: quotes, line ends, emoji, letters that run from right to left. A literal
holds it exactly, in characters whose width is the same everywhere. A comment or a docstring holds its
readable part, cut to a length; the text can neither end it early nor give an instruction to a tool.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

WIDTH = 110
_LONGEST_NOTE = 400

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# Printable, and one column wide everywhere: Latin, Greek, Cyrillic, and what French typography uses.
_READABLE = frozenset("‐‑–—‘’‚“”„†•…‹›€№")
_PIECES = re.compile(r"\S+\s*|\s+")


def quote(text: str) -> str:
    """The literal, quoted the way ruff's formatter would."""
    mark = "'" if text.count('"') > text.count("'") else '"'
    return mark + "".join(_escape(character, mark) for character in text) + mark


def split_quoted(text: str, width: int) -> list[str]:
    """Literals that make the text when they stand side by side, none wider than `width`."""
    pieces: list[str] = []
    line = ""
    for word in _words(text, width - 14):
        if line and len(quote(line + word)) > width:
            pieces.append(line)
            line = ""
        line += word
    return [quote(piece) for piece in (*pieces, line)]


def read_plainly(text: str, most: int = _LONGEST_NOTE) -> str:
    """One line of what a person can read of a text, cut after `most` characters."""
    shown = "".join(
        character if _shows(character) else " " if character.isspace() else "" for character in text
    )
    words = " ".join(shown.split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def write_comment(text: str, indent: str, mark: str) -> list[str]:
    """Comment lines. `mark` opens each, so that none can read as an instruction to a checker."""
    plain = read_plainly(text).replace("#", "")
    return [f"{indent}# {mark} {line}" for line in _wrap(plain, WIDTH - len(indent) - len(mark) - 4)]


def write_docstring(paragraphs: list[str], indent: str) -> list[str]:
    """A docstring of these paragraphs, each wrapped; empty ones are left out."""
    width = WIDTH - len(indent) - 6
    lines: list[str] = []
    for paragraph in paragraphs:
        # Single quotes throughout: a double one could end the docstring or make the formatter pad it.
        plain = paragraph.replace("\\", "\\\\").replace('"', "'")
        wrapped = _wrap(plain, width)
        if wrapped:
            lines += ["", *wrapped] if lines else wrapped
    if not lines:
        return []
    if len(lines) == 1:
        return [f'{indent}"""{lines[0]}"""']
    body = [f"{indent}{line}" if line else "" for line in lines[1:]]
    return [f'{indent}"""{lines[0]}', *body, f'{indent}"""']


def _escape(character: str, mark: str) -> str:
    if character == mark:
        return f"\\{mark}"
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    if character.isprintable() and (code < 0x250 or 0x391 <= code < 0x460 or character in _READABLE):
        return character
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _words(text: str, most: int) -> Iterator[str]:
    """Words with the spaces behind them; a word that is too long comes in parts. No escape is ever cut."""
    for word in _PIECES.findall(text):
        part = ""
        for character in word:
            if part and len(quote(part + character)) > most:
                yield part
                part = ""
            part += character
        yield part


def _shows(character: str) -> bool:
    # Marks that only change the character before them (emoji in colour or not) have no width of their own.
    return character.isprintable() and not 0xFE00 <= ord(character) <= 0xFE0F


def _wrap(text: str, width: int) -> list[str]:
    lines: list[str] = []
    line, used = "", 0
    for word in text.split():
        for part in _cut(word, width):
            size = _measure(part)
            if line and used + 1 + size > width:
                lines.append(line)
                line, used = "", 0
            used += size + (1 if line else 0)
            line = f"{line} {part}" if line else part
    return [*lines, line] if line else lines


def _cut(word: str, width: int) -> Iterator[str]:
    part, used = "", 0
    for character in word:
        size = _measure(character)
        if used + size > width and not part.endswith("\\"):
            yield part
            part, used = "", 0
        part += character
        used += size
    yield part


def _measure(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
