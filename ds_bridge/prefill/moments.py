"""Dates and hours: ISO 8601, in the time of Paris as the platform's forms show it. A family of kinds.

The platform reads an hour without offset as Paris time, and a bad one as empty. When summer time ends, one
hour comes twice: the platform reads the first.
"""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

from ds_bridge.prefill.refusals import RefusedValueError

PARIS = ZoneInfo("Europe/Paris")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}"
    r"(:[0-9]{2}([.,][0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_ACCEPTED_DATE = "a date is accepted, like 2023-02-01"
_ACCEPTED_DATETIME = "a date and an hour are accepted, like 2023-02-01T10:30"


def write_datetime(value: dt.datetime, notes: list[str]) -> str:
    """Paris wall time to the minute. A naive value is taken as Paris time.

    When summer time ends, an hour comes twice: the second one carries its offset, and `notes` says so. Raises
    RefusedValueError for an hour that the clocks skip in spring.
    """
    local = _in_paris(value)
    text = local.replace(tzinfo=None, fold=0).isoformat(timespec="minutes")
    first, second = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
    if first == second:
        return text
    assert first is not None  # noqa: S101 # a zone of the tz database always has an offset
    assert second is not None  # noqa: S101 # the same reason
    if first < second:  # a gap: only a naive value can stand in it
        raise RefusedValueError(
            "bad_datetime", "this hour does not exist in Paris: clocks skip it that night"
        )
    if local.fold:
        notes.append("this hour comes twice that night; the second one is sent, with its offset")
        return f"{text}+{second.seconds // 3600:02}:00"
    notes.append("this hour comes twice that night; the platform reads the first one")
    return text


def read_date(value: object) -> str:
    """A date from a date, a datetime (its day in Paris) or ISO text. Raises RefusedValueError."""
    if isinstance(value, dt.datetime):
        return _in_paris(value).date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if not isinstance(value, str):
        raise RefusedValueError("wrong_type", f"a {type(value).__name__} is given: {_ACCEPTED_DATE}")
    text = value.strip()
    try:
        if _DATE.fullmatch(text):
            return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise RefusedValueError("bad_date", f"no such day: {_ACCEPTED_DATE}") from None
    raise RefusedValueError("bad_date", f"not a date: {_ACCEPTED_DATE}")


def read_datetime(value: object, notes: list[str]) -> str:
    """A date and an hour from a datetime or ISO text, with or without offset. Raises RefusedValueError."""
    if isinstance(value, dt.datetime):
        return write_datetime(value, notes)
    if isinstance(value, dt.date):
        raise RefusedValueError("bad_datetime", f"the hour is missing: {_ACCEPTED_DATETIME}")
    if not isinstance(value, str):
        raise RefusedValueError("wrong_type", f"a {type(value).__name__} is given: {_ACCEPTED_DATETIME}")
    text = value.strip()
    if not _DATETIME.fullmatch(text):
        missing = "the hour is missing" if _DATE.fullmatch(text) else "not a date and an hour"
        raise RefusedValueError("bad_datetime", f"{missing}: {_ACCEPTED_DATETIME}")
    try:
        return write_datetime(dt.datetime.fromisoformat(text), notes)
    except RefusedValueError:
        raise
    except ValueError:
        raise RefusedValueError("bad_datetime", f"no such day or hour: {_ACCEPTED_DATETIME}") from None


def _in_paris(value: dt.datetime) -> dt.datetime:
    try:
        return value.astimezone(PARIS) if value.tzinfo else value.replace(tzinfo=PARIS)
    except OverflowError:
        raise RefusedValueError("bad_datetime", "out of the years a calendar holds") from None
