"""Values of champs: Python in, the text the platform reads out. Second step of the write side.

Reads a value whatever champ it is for; `kinds` knows what each kind of champ takes. The platform drops in
silence what it cannot read. What it can never read is refused here, in words that never repeat the value.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import TypeAlias, TypeGuard

from ds_bridge.prefill import moments, numbers
from ds_bridge.prefill.invisible import take_out
from ds_bridge.prefill.refusals import RefusedValueError

Scalar: TypeAlias = str | int | bool | Decimal | float | dt.date | Enum | None
ChampValue: TypeAlias = "Scalar | Sequence[ChampValue] | Mapping[str, ChampValue]"
"""What a caller may give for a champ. A sequence is a list of choices, or the rows of a block (mappings)."""

SINGLE = (str, int, float, Decimal, dt.date, bytes, bytearray, memoryview)
"""Types of one value, whatever else they are."""

# What a screen writes in place of data that it has not loaded yet. Compared without case and blanks.
MISSING_DATA = frozenset({"undefined", "null", "none", "nan", "[object object]"})
_LONGEST_WORD = max(map(len, MISSING_DATA))
# What a spreadsheet shows where a cell has no value, in two languages: #REF!, #VALEUR!, #NOM ?, ###, Err:502.
_SHEET_ERROR = re.compile(
    r"#{2,}|#[A-ZÉ/0]+\s?[!?]|#N/[AD]|N/A|#ERREUR|#GETTING_DATA|ERR:[0-9]{3}", re.IGNORECASE
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def write_scalar(value: object, notes: list[str]) -> str | None:
    """The text to send for a value whose kind is not known; None when there is nothing to send.

    Text is kept as it is, blanks included, unless it is blank from end to end. Booleans become `true` and
    `false`, dates ISO 8601, aware datetimes Paris wall time, decimals get a `.` and three places at most.
    Raises RefusedValueError. Other things that the caller should know go into `notes`.
    """
    if isinstance(value, str):
        return clean_text(value.value if isinstance(value, Enum) else value)
    if value is None:
        return None
    if isinstance(value, Enum):
        return write_scalar(value.value, notes)
    if isinstance(value, bool):  # before int: True is one
        return "true" if value else "false"
    if isinstance(value, int):
        return numbers.write_integer(value)
    if isinstance(value, float | Decimal):
        return numbers.write_decimal(value)
    if isinstance(value, dt.datetime):  # before date: a datetime is one
        return moments.write_datetime(value, notes)
    if isinstance(value, dt.date):
        return value.isoformat()
    raise RefusedValueError(
        "wrong_type",
        f"a {type(value).__name__} cannot be prefilled; give text, a number, a boolean, a date, or a list",
    )


def clean_text(value: str) -> str | None:
    """`value` unchanged, or None when it is blank.

    Raises RefusedValueError for words that stand for missing data, and for characters that cannot travel in a
    link or be typed in a form.
    """
    word = value.strip()
    if not word:
        return None
    if len(word) <= _LONGEST_WORD and word.casefold() in MISSING_DATA:
        raise RefusedValueError(
            "missing_data",
            "the value is a word programs write for missing data (undefined, null, None, NaN): "
            "leave the value out, or wait until it is loaded",
        )
    if _SHEET_ERROR.fullmatch(word):
        raise RefusedValueError(
            "missing_data",
            "the value is what a spreadsheet shows for an error or for nothing (#REF!, #N/A, N/A): "
            "correct the cell, or leave the value out",
        )
    if not value.isprintable():
        _refuse_unprintable(value)
    return value


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    """Whether it is several values, not one. Bytes and text are one value."""
    # Plain types first: to test for an abstract type costs more than the rest of a link.
    return not isinstance(value, SINGLE) and isinstance(value, Sequence)


def is_empty(value: object) -> bool:
    """Whether there is nothing to send: None, blank text, a list of these only. An empty row is a row."""
    return all(map(_is_blank, value)) if is_list(value) else _is_blank(value)


def _is_blank(value: object) -> bool:
    if isinstance(value, Enum):
        value = value.value
    return value is None or (isinstance(value, str) and not take_out(value)[0].strip())


def _refuse_unprintable(value: str) -> None:
    if _SURROGATE.search(value):
        raise RefusedValueError("bad_character", "the value holds half a character (a lone surrogate)")
    if found := _CONTROL.search(value):
        raise RefusedValueError(
            "bad_character", f"the value holds a control character (U+{ord(found[0]):04X})"
        )
