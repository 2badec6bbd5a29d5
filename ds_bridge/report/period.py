"""Periods: the days of a report, and the days it is compared with. Days are in Paris time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ds_bridge.errors import ConfigurationError

PARIS = ZoneInfo("Europe/Paris")
FIRST_YEAR = 2000
_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


@dataclass(frozen=True, slots=True)
class Period:
    """From a day to a day, both included."""

    since: dt.date
    until: dt.date

    @classmethod
    def of_year(cls, year: int) -> Period:
        """A calendar year. Raises ConfigurationError."""
        if not FIRST_YEAR <= year <= dt.MAXYEAR:
            raise ConfigurationError(f"no report can be made of the year {year}: give one such as 2024")
        return cls(dt.date(year, 1, 1), dt.date(year, 12, 31))

    @classmethod
    def between(cls, since: dt.date | None, until: dt.date | None, today: dt.date) -> Period:
        """From `since` (default: the first of January of the year of the last day) until `until` (today).

        Raises ConfigurationError for a period that ends before it begins, or begins before FIRST_YEAR.
        """
        last = until or max(today, since or today)
        first = since or dt.date(last.year, 1, 1)
        if first > last:
            raise ConfigurationError("the period ends before it begins: look at --since and --until")
        if first.year < FIRST_YEAR:
            raise ConfigurationError(f"a report begins in {FIRST_YEAR} at the earliest: look at --since")
        return cls(first, last)

    @property
    def year(self) -> int | None:
        """The year, when the period is a whole calendar year; else None."""
        whole = (self.since.month, self.since.day, self.until.month, self.until.day) == (1, 1, 12, 31)
        return self.since.year if whole and self.since.year == self.until.year else None

    @property
    def label(self) -> str:
        """In French: `2024`, or `du 1er janvier 2024 au 30 juin 2024`."""
        if self.year is not None:
            return str(self.year)
        return f"du {write_day(self.since)} au {write_day(self.until)}"

    @property
    def before(self) -> Period:
        """The period that ends the day before this one. It has as many months, when this one is whole months;
        else as many days."""
        until = self.since - dt.timedelta(days=1)
        if self.since.day == 1 and (self.until + dt.timedelta(days=1)).day == 1:
            years, month = divmod(_rank(self.since) - (_rank(self.until) - _rank(self.since) + 1), 12)
            return Period(dt.date(years, month + 1, 1), until)
        return Period(self.since - (self.until - self.since) - dt.timedelta(days=1), until)

    def holds(self, day: dt.date) -> bool:
        """Whether the day is in the period."""
        return self.since <= day <= self.until

    def months(self) -> list[str]:
        """Every month of which a day is in the period: `2024-01`."""
        ranks = range(_rank(self.since), _rank(self.until) + 1)
        return [f"{rank // 12:04d}-{rank % 12 + 1:02d}" for rank in ranks]

    def name_month(self, month: str | None) -> str:
        """The name of a month's row, together with the month at the same place in the period before: `mars`
        in a whole year, `mars 2025 / décembre 2024` otherwise. Any other text stays as it is.
        """
        months, before = self.months(), self.before.months()
        if month not in months:
            return write_month(month or "")
        place = months.index(month)
        if self.year is not None:
            return _MONTHS[place]
        earlier = f" / {write_month(before[place])}" if place < len(before) else ""
        return write_month(month) + earlier

    def to_json(self) -> dict[str, str]:
        """JSON-ready."""
        return {"since": self.since.isoformat(), "until": self.until.isoformat(), "label": self.label}


def write_day(day: dt.date) -> str:
    """`1er janvier 2024`."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {_MONTHS[day.month - 1]} {day.year}"


def write_month(month: str) -> str:
    """`2024-01` as `janvier 2024`; anything else as it is."""
    year, dash, number = month.partition("-")
    if dash and year.isdigit() and number.isdigit():
        return f"{_MONTHS[int(number) - 1]} {year}"
    return month


def find_day(moment: str) -> dt.date:
    """The day in Paris of a moment of a document (ISO 8601 with its offset)."""
    return dt.datetime.fromisoformat(moment).astimezone(PARIS).date()


def _rank(day: dt.date) -> int:
    return day.year * 12 + day.month - 1
