"""Numbers: digits with a `.` mark, never an exponent, three decimals at most. A family of kinds.

The platform reads `3,14` as 3 and `4 211` as 4, and drops a fourth decimal. So none of these is sent.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from ds_bridge.prefill.refusals import RefusedValueError

DECIMALS = 3
_DIGITS = 200  # of what a number may be written with; Python itself refuses to write 4,300
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}([ \u00a0\u202f][0-9]{3})+(\.[0-9]+)?")
_BLANKS = re.compile(r"[ \u00a0\u202f]")

_ACCEPTED_INTEGER = "a whole number is accepted, in digits, like 4211 or -3"
_ACCEPTED_DECIMAL = f"a number is accepted, with a point and {DECIMALS} decimals at most, like 12.5"


def write_integer(value: int) -> str:
    """Its digits."""
    if value.bit_length() > 3 * _DIGITS:
        raise RefusedValueError("bad_number", "the number has too many digits")
    return str(int(value))


def write_decimal(value: Decimal | float) -> str:
    """The number's digits with a point, without trailing zeros. Raises RefusedValueError."""
    number = Decimal(str(value))
    if not number.is_finite():
        raise RefusedValueError("bad_number", "the value is not a finite number")
    if abs(number.adjusted()) > _DIGITS:
        raise RefusedValueError("bad_number", "the number has too many digits")
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if len(text.partition(".")[2]) > DECIMALS:
        raise RefusedValueError(
            "bad_number", f"more than {DECIMALS} decimals, which the platform drops: round it"
        )
    return "0" if text == "-0" else text


def read_integer(value: object) -> str:
    """A whole number from an int, a float or a decimal without fraction, or digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return write_integer(value)
    if isinstance(value, float | Decimal):
        text = write_decimal(value)
        if "." in text:
            raise RefusedValueError("bad_number", f"not a whole number: {_ACCEPTED_INTEGER}")
        return text
    if isinstance(value, str):
        text = _join_groups(value.strip())
        if _INTEGER.fullmatch(text) and len(text) <= _DIGITS:
            return write_integer(int(text))
        raise RefusedValueError("bad_number", f"not a whole number: {_ACCEPTED_INTEGER}")
    raise RefusedValueError("wrong_type", f"a {type(value).__name__} is given: {_ACCEPTED_INTEGER}")


def read_decimal(value: object) -> str:
    """A number from an int, a float, a decimal, or digits with a point. `3,14` is refused, not guessed."""
    if isinstance(value, int) and not isinstance(value, bool):
        return write_integer(value)
    if isinstance(value, float | Decimal):
        return write_decimal(value)
    if isinstance(value, str):
        text = _join_groups(value.strip())
        if not _DECIMAL.fullmatch(text) or len(text) > _DIGITS:
            comma = "the decimal mark is a comma, which the platform misreads" if "," in text else ""
            raise RefusedValueError("bad_number", f"{comma or 'not a number'}: {_ACCEPTED_DECIMAL}")
        try:
            return write_decimal(Decimal(text))
        except InvalidOperation:  # pragma: no cover - the pattern lets nothing else through
            raise RefusedValueError("bad_number", f"not a number: {_ACCEPTED_DECIMAL}") from None
    raise RefusedValueError("wrong_type", f"a {type(value).__name__} is given: {_ACCEPTED_DECIMAL}")


def read_dossier_number(value: object) -> str:
    """The number of a dossier, positive, without leading zeros (the platform reads those as octal)."""
    text = None
    if isinstance(value, int) and not isinstance(value, bool):
        text = write_integer(value)
    elif isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        text = value.strip()
    if text is None or len(text) > 18 or int(text) <= 0:
        raise RefusedValueError(
            "bad_number", "not a dossier's number: a positive whole number is accepted, like 14210"
        )
    return str(int(text))


def _join_groups(text: str) -> str:
    """`4 211` as spreadsheets show it → `4211`."""
    return _BLANKS.sub("", text) if _GROUPED.fullmatch(text) else text
