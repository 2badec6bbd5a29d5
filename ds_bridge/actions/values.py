"""Values of annotations: reads a cell by the annotation's kind, and tells whether a champ holds the value.

The platform does not drop a bad value of an annotation: it refuses it. A value that it would surely refuse is
refused here, before anything is sent, in words that never repeat the value.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from ds_bridge.api.champs import Champ
from ds_bridge.form import Field

_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_DECIMALS = 3
_LARGEST_INTEGER = 2_147_483_647
_FRENCH_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
YES = frozenset({"true", "vrai", "oui", "yes", "1"})
NO = frozenset({"false", "faux", "non", "no", "0"})


class RefusedValueError(ValueError):
    """What is wrong with a value, without the value."""


def clean(text: str | None) -> str:
    """Text as the platform keeps it: without control characters."""
    return _CONTROL.sub("", text or "")


def read_yes_no(value: object) -> bool:
    """Raises RefusedValueError."""
    word = str(value).strip().casefold()
    if word in YES or word in NO:
        return word in YES
    raise RefusedValueError("neither yes nor no: write true or false")


def read_value(field: Field, given: object) -> dict[str, Any]:
    """The `value` for an annotation's kind, as the platform takes it: one key. Raises RefusedValueError."""
    known = _KINDS.get(field.kind)
    if known is None:
        raise RefusedValueError(f"act writes no annotation of kind {field.kind}")
    name, read, may_empty = known
    if given is None or (isinstance(given, str) and not given.strip()):
        if not may_empty:
            raise RefusedValueError(f"the platform has no way to empty an annotation of kind {field.kind}")
        given = ""
    return {name: read(field, given)}


def is_held(champ: Champ, value: Mapping[str, Any]) -> bool:
    """Whether the champ holds the value that `read_value` gave."""
    return bool(held_by(champ) == _normal(next(iter(value.values()))))


def held_by(champ: Champ) -> Any:
    """The value of a champ, as JSON that can be compared and kept."""
    for name in ("date", "datetime", "values", "value"):
        if hasattr(champ, name):
            return _normal(getattr(champ, name))
    return _normal(getattr(champ, "string_value", None))


def _normal(value: Any) -> Any:
    if value is None or value == "" or value == () or value == []:
        return None
    if isinstance(value, str):
        moment = _read_moment(value)
        return clean(value) if moment is None else moment
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return sorted(map(str, value))
    return value


def _read_moment(text: str) -> str | None:
    """A datetime with its zone, in UTC; None for any other text."""
    if "T" not in text:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment.astimezone(dt.UTC).isoformat()


def _read_text(field: Field, given: object) -> str:
    del field
    return clean(str(given))


def _read_bool(field: Field, given: object) -> bool:
    del field
    return read_yes_no(given)


def _read_date(field: Field, given: object) -> str:
    del field
    text = str(given).strip()
    french = _FRENCH_DATE.fullmatch(text)
    try:
        if french:
            return dt.date(int(french[3]), int(french[2]), int(french[1])).isoformat()
        return dt.date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        raise RefusedValueError("no date: write 2026-11-30 or 30/11/2026") from None


def _read_datetime(field: Field, given: object) -> str:
    del field
    try:
        moment = dt.datetime.fromisoformat(str(given).strip())
    except ValueError:
        raise RefusedValueError("no date with its hour: write 2026-11-30T10:00:00+01:00") from None
    if moment.tzinfo is None:
        raise RefusedValueError("an hour without its zone: write 2026-11-30T10:00:00+01:00")
    return moment.isoformat()


def _read_integer(field: Field, given: object) -> int:
    del field
    text = str(given).strip()
    if not re.fullmatch(r"[+-]?\d{1,18}(\.0)?", text):
        raise RefusedValueError("no whole number")
    number = int(text.removesuffix(".0"))
    if abs(number) > _LARGEST_INTEGER:
        raise RefusedValueError(f"over {_LARGEST_INTEGER}, the largest that the platform takes")
    return number


def _read_decimal(field: Field, given: object) -> float:
    del field
    text = str(given).strip().replace(",", ".")
    match = re.fullmatch(r"[+-]?\d{1,15}(?:\.(\d+))?", text)
    if match is None:
        raise RefusedValueError("no number")
    if len((match[1] or "").rstrip("0")) > _DECIMALS:
        raise RefusedValueError(f"more than {_DECIMALS} decimals")
    return float(text)


def _read_choice(field: Field, given: object) -> str:
    text = clean(str(given))
    if text and field.options is not None and text not in field.options and not field.other_option:
        raise RefusedValueError("not one of the options of the form")
    return text


def _read_choices(field: Field, given: object) -> list[str]:
    """A list, or text: one option, else options separated by a semicolon or a new line."""
    options = field.options or ()
    if isinstance(given, list):
        chosen = [str(each) for each in given]
    elif str(given) in options:
        chosen = [str(given)]
    else:
        chosen = [part.strip() for part in re.split(r"[;\n]", str(given)) if part.strip()]
    if field.options is not None and not set(chosen) <= set(options):
        raise RefusedValueError("not all of it is an option of the form")
    return chosen


_Read = Callable[[Field, object], Any]
# For each kind: the key of the platform's value, how to read a cell, whether it can be emptied.
_KINDS: Mapping[str, tuple[str, _Read, bool]] = {
    "text": ("text", _read_text, True),
    "textarea": ("textarea", _read_text, True),
    "email": ("email", _read_text, True),
    "phone": ("phone", _read_text, True),
    "iban": ("iban", _read_text, True),
    "formatted": ("formatted", _read_text, True),
    "checkbox": ("checkbox", _read_bool, False),
    "yes_no": ("yesNo", _read_bool, False),
    "date": ("date", _read_date, False),
    "datetime": ("datetime", _read_datetime, False),
    "integer_number": ("integerNumber", _read_integer, False),
    "decimal_number": ("decimalNumber", _read_decimal, False),
    "drop_down_list": ("dropDownList", _read_choice, True),
    "multiple_drop_down_list": ("multipleDropDownList", _read_choices, True),
}
