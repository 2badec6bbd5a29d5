"""Moments on the command line: how `--since` is written, and what a time without an offset means."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_FORMATS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z")


def parse_moment(text: str) -> dt.datetime:
    """A day, or a moment with or without its offset. Raises typer.BadParameter: it says how to write one."""
    for form in _FORMATS:
        try:
            return dt.datetime.strptime(text, form)  # noqa: DTZ007 - `in_paris` gives the offset that is missing
        except ValueError:
            continue
    raise typer.BadParameter(
        f"{text!r} is no day: write year-month-day, 2024-05-30, or with the hour, 2024-05-30T10:15:00, and"
        " the offset where it is not Paris's, 2024-05-30T10:15:00+02:00"
    )


def end_in_paris(moment: dt.datetime | None) -> dt.datetime | None:
    """The first moment after `--until`. A day without an hour counts as a whole."""
    checked = in_paris(moment)
    if checked is not None and moment is not None and moment.tzinfo is None and moment.time() == dt.time():
        return in_paris(moment + dt.timedelta(days=1))
    return checked


FIRST_YEAR, LAST_YEAR = 1900, 9000


def find_zone() -> ZoneInfo:
    """The platform's time zone. Loaded only when needed: most commands handle no moment."""
    from zoneinfo import ZoneInfo

    return ZoneInfo("Europe/Paris")


def in_paris(moment: dt.datetime | None) -> dt.datetime | None:
    """A time without an offset is by the platform's clock. Raises ConfigurationError for odd years."""
    if moment is not None and not FIRST_YEAR <= moment.year <= LAST_YEAR:
        from ds_bridge.errors import ConfigurationError

        raise ConfigurationError(
            f"{moment.date()} is out of the calendar here: give a year from {FIRST_YEAR} to {LAST_YEAR}"
        )
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=find_zone())
