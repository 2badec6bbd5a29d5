"""Values of champs: Python in, the text the platform reads out. Second step of the write side.

Works without a form, so it knows only what a value is, not what its champ expects. The platform drops in
silence what it cannot read: what it could never read is refused here, by a message that names the champ and
never repeats the value.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from ds_bridge.errors import PrefillError

ChampValue: TypeAlias = str | int | bool | Decimal | float | dt.date | None

_PARIS = ZoneInfo("Europe/Paris")
_DECIMALS = 3
_LAYOUT = frozenset("\t\n\r")
# What a screen that has not loaded its data yet writes in place of it. Compared without case and blanks.
_MISSING_DATA = frozenset({"undefined", "null", "none", "nan", "[object object]"})


def encode_value(value: ChampValue, name: str) -> str | None:
    """The text to send for a champ called `name` in messages; None when there is nothing to send.

    Text is kept as it is, blanks included, unless it is blank from end to end. Booleans become `true` and
    `false`, dates ISO 8601, aware datetimes Paris wall time, decimals get a `.` and three places at most.
    Raises PrefillError.
    """
    if value is None:
        return None
    if isinstance(value, bool):  # before int: True is one
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        return _encode_decimal(Decimal(str(value)), name)
    if isinstance(value, dt.datetime):  # before date: a datetime is one
        local = value.astimezone(_PARIS) if value.tzinfo else value
        return local.replace(tzinfo=None).isoformat(timespec="minutes")
    if isinstance(value, dt.date):
        return value.isoformat()
    return clean_text(value, name)


def clean_text(value: object, name: str) -> str | None:
    """`value` unchanged, or None when it is blank.

    Raises PrefillError for what is no text, for words that stand for missing data, and for characters that
    cannot travel in a link or be typed in a form.
    """
    if not isinstance(value, str):
        raise PrefillError(
            f"{name}: a {type(value).__name__} cannot be prefilled; give text, a number, a boolean or a date"
        )
    word = value.strip()
    if not word:
        return None
    if word.casefold() in _MISSING_DATA:
        raise PrefillError(
            f"{name}: the value is a word programs write for missing data (undefined, null, None, NaN): "
            "leave the value out, or wait until it is loaded"
        )
    for character in value:
        category = unicodedata.category(character)
        if category == "Cs":
            raise PrefillError(f"{name}: the value holds half a character (a lone surrogate)")
        if category == "Cc" and character not in _LAYOUT:
            raise PrefillError(f"{name}: the value holds a control character (U+{ord(character):04X})")
    return str(value)


def _encode_decimal(value: Decimal, name: str) -> str:
    if not value.is_finite():
        raise PrefillError(f"{name}: the value is not a finite number")
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if len(text.partition(".")[2]) > _DECIMALS:
        raise PrefillError(f"{name}: more than {_DECIMALS} decimals, which the platform drops: round it")
    return "0" if text == "-0" else text
