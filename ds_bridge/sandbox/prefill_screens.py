"""Screens values as the platform does since July 2026: takes what was sent, gives a champ's value or None.

Numbers, ticks, dates and choices are put in their own shape, in rows and at top level. A value that cannot be
put in its shape, or that is outside of the form's bounds, is dropped.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from ds_bridge.sandbox.forms import Descriptor
from ds_bridge.sandbox.node import PARIS

Given: TypeAlias = Any
Screen: TypeAlias = Callable[[Descriptor, Given], Any]

GENRES = ("M.", "Mme")
LIST_KINDS = frozenset({"multiple_drop_down_list", "commune", "epci", "repetition"})
"""Kinds that are sent as lists. For any other kind, a list or an object is dropped."""

_TRUE = frozenset({"true", "1", "t", "on"})
_FALSE = frozenset({"false", "0", "f", "off"})
_MEN = frozenset({"m", "m.", "mr", "monsieur", "homme"})
_WOMEN = frozenset({"mme", "madame", "mlle", "mademoiselle", "femme"})
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]{1,3})?")
_UNIX = re.compile(r"[0-9]{10,13}")
_SECONDS = 10
_DAY_FIRST = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/]([0-9]{2})[-/]([0-9]{2})")


def read_day(text: str) -> dt.date | None:
    """`2023-02-01`, `2023/02/01` or `01/02/2023`, day first."""
    first = _YEAR_FIRST.fullmatch(text)
    last = _DAY_FIRST.fullmatch(text)
    try:
        if first:
            return dt.date(int(first[1]), int(first[2]), int(first[3]))
        if last:
            return dt.date(int(last[3]), int(last[2]), int(last[1]))
    except ValueError:
        return None
    return None


def read_moment(text: str) -> dt.datetime | None:
    """An ISO 8601 date and time, or one with the day first. Without an offset it is Paris time."""
    day, _, time = text.strip().partition(" ")
    french = _DAY_FIRST.fullmatch(day)
    if french:
        text = f"{french[3]}-{french[2]}-{french[1]}T{time or '00:00'}"
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=PARIS) if moment.tzinfo is None else moment.astimezone(PARIS)


def _screen_integer(descriptor: Descriptor, given: Given) -> int | None:
    text = re.sub(r"\s", "", _write(given))
    number = int(text) if _INTEGER.fullmatch(text) else None
    return number if number is not None and _lies_within(descriptor, number) else None


def _screen_decimal(descriptor: Descriptor, given: Given) -> float | None:
    text = re.sub(r"\s", "", _write(given)).replace(",", ".")
    number = float(text) if _DECIMAL.fullmatch(text) else None
    return number if number is not None and _lies_within(descriptor, number) else None


def _screen_boolean(_descriptor: Descriptor, given: Given) -> bool | None:
    text = _write(given).lower()
    if text in _TRUE:
        return True
    return False if text in _FALSE else None


def _screen_date(descriptor: Descriptor, given: Given) -> str | None:
    text = _write(given).strip()
    if _UNIX.fullmatch(text):
        day: dt.date | None = _read_unix(text).date()
    else:
        day = read_day(text[: len("2023-02-01")]) if re.match(r"[0-9]{4}-.*T", text) else read_day(text)
    return day.isoformat() if day is not None and _lies_within(descriptor, day.isoformat()) else None


def _screen_datetime(descriptor: Descriptor, given: Given) -> str | None:
    text = _write(given).strip()
    if _UNIX.fullmatch(text):
        moment: dt.datetime | None = _read_unix(text)
    else:
        moment = read_moment(text)
    if moment is None or not _lies_within(descriptor, moment.date().isoformat()):
        return None
    return moment.isoformat(timespec="seconds")


def _read_unix(text: str) -> dt.datetime:
    seconds = int(text) / 10 ** (len(text) - _SECONDS)
    return dt.datetime.fromtimestamp(seconds, PARIS)


def _screen_civilite(_descriptor: Descriptor, given: Given) -> str | None:
    text = _write(given).strip().lower()
    if text in _MEN:
        return GENRES[0]
    return GENRES[1] if text in _WOMEN else None


def _screen_choice(descriptor: Descriptor, given: Given) -> str | None:
    text = _write(given)
    is_free = descriptor.other_option and text not in ("", "__other__")
    return text if is_free or text in (descriptor.options or ()) else None


def _write(given: Given) -> str:
    """A scalar as text. A list or an object never passes."""
    return "" if isinstance(given, list | dict) or given is None else str(given)


def _lies_within(descriptor: Descriptor, value: Any) -> bool:
    low, high = descriptor.bounds
    return (low is None or value >= low) and (high is None or value <= high)


SCREENS: Mapping[str, Screen] = {
    "integer_number": _screen_integer,
    "decimal_number": _screen_decimal,
    "yes_no": _screen_boolean,
    "checkbox": _screen_boolean,
    "date": _screen_date,
    "datetime": _screen_datetime,
    "civilite": _screen_civilite,
    "drop_down_list": _screen_choice,
}
"""Kind → its screen."""
