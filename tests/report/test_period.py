"""Periods: whole years and others, the period before, words for days."""

from __future__ import annotations

import datetime as dt

import pytest

from ds_bridge.errors import ConfigurationError
from ds_bridge.report.period import Period, find_day, write_day, write_month

TODAY = dt.date(2025, 3, 12)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("since", "until", "label", "before"),
    [
        ("2024-01-01", "2024-12-31", "2024", ("2023-01-01", "2023-12-31")),
        ("2024-01-01", "2024-06-30", "du 1er janvier 2024 au 30 juin 2024", ("2023-07-01", "2023-12-31")),
        ("2024-02-01", "2024-02-29", "du 1er février 2024 au 29 février 2024", ("2024-01-01", "2024-01-31")),
        ("2024-03-11", "2024-03-17", "du 11 mars 2024 au 17 mars 2024", ("2024-03-04", "2024-03-10")),
        (
            "2023-01-01",
            "2024-12-31",
            "du 1er janvier 2023 au 31 décembre 2024",
            ("2021-01-01", "2022-12-31"),
        ),
    ],
)
def test_the_period_before(since: str, until: str, label: str, before: tuple[str, str]) -> None:
    period = Period(day(since), day(until))
    assert period.label == label
    assert (period.before.since.isoformat(), period.before.until.isoformat()) == before
    assert period.to_json() == {"since": since, "until": until, "label": label}


def test_a_period_that_is_not_whole() -> None:
    assert Period.between(day("2024-05-02"), None, TODAY) == Period(day("2024-05-02"), TODAY)
    assert Period.between(None, day("2024-05-02"), TODAY) == Period(day("2024-01-01"), day("2024-05-02"))
    assert Period.between(day("2026-01-01"), None, TODAY) == Period(day("2026-01-01"), day("2026-01-01"))


@pytest.mark.parametrize(
    ("since", "until", "message"),
    [
        ("2024-05-02", "2024-05-01", "ends before it begins"),
        ("1999-12-31", "2024-05-01", "2000 at the earliest"),
    ],
)
def test_a_period_that_cannot_be(since: str, until: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Period.between(day(since), day(until), TODAY)


@pytest.mark.parametrize("year", [0, 1999, 10_000])
def test_a_year_that_cannot_be(year: int) -> None:
    with pytest.raises(ConfigurationError, match=f"the year {year}"):
        Period.of_year(year)


def test_months_and_days() -> None:
    period = Period(day("2023-11-30"), day("2024-01-01"))
    assert period.months() == ["2023-11", "2023-12", "2024-01"]
    assert period.holds(day("2024-01-01"))
    assert not period.holds(day("2024-01-02"))
    assert write_day(day("2024-08-01")) == "1er août 2024"
    assert write_month("2024-08") == "août 2024"
    assert write_month("avant la période") == "avant la période"
    assert write_month("a-b") == "a-b"


def test_a_moment_is_of_the_day_in_paris() -> None:
    assert find_day("2024-12-31T23:30:00+00:00") == day("2025-01-01")
    assert find_day("2024-12-31T23:30:00+01:00") == day("2024-12-31")
