"""Moments on the command line: how `--since` is written, and what a time without an offset means."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

MOMENT_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]


def find_zone() -> ZoneInfo:
    """The platform's clock. Not loaded with the module: most commands know no moment."""
    from zoneinfo import ZoneInfo

    return ZoneInfo("Europe/Paris")


def in_paris(moment: dt.datetime | None) -> dt.datetime | None:
    """A time without an offset is one of the platform's clock."""
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=find_zone())
