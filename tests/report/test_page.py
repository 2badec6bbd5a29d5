"""What the page says: French numbers, hostile names, long labels, empty periods."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

import ds_bridge
from ds_bridge.report.figure import Chapter, Figure, LeftOut, Table
from ds_bridge.report.pages.view import make_view
from ds_bridge.report.pages.wording import shorten, write_cell, write_moment, write_number
from ds_bridge.report.result import Report
from tests.report.conftest import Filled

HOSTILE = '</title><script>alert(1)</script> {{ 7*7 }} #panic("x") \\ $x$ Λευτέρης'
LONG = "Réunion de coordination " * 13


@pytest.fixture(scope="module")
def empty(filled: Filled) -> Report:
    return ds_bridge.report("cra", year=2010, config=filled.config)


def with_figure(report: Report, figure: Figure) -> Report:
    return dataclasses.replace(
        report, subject=HOSTILE, audience="personne", chapters=(Chapter("Essai", (figure,)),)
    )


def make_figure(**more: object) -> Figure:
    values = {
        "id": "essai",
        "title": HOSTILE,
        "definition": LONG,
        "unit": "choses",
        "value": 1234,
        "before": 1,
    }
    return Figure(**(values | more))


def test_numbers_and_days() -> None:
    assert write_number(1234567) == "1\u202f234\u202f567"
    assert write_number(12.5) == "12,5"
    assert write_number(None) == "–"
    assert write_cell("2025-03-01", "–", plain=True) == "01/03/2025"
    assert write_cell(17204311, "–", plain=True) == "17204311"
    assert write_cell(None, "n. d.", plain=False) == "n. d."
    assert write_cell("2025-03-01 au soir", "–", plain=False) == "2025-03-01 au soir"
    assert write_moment(dt.datetime(2025, 10, 31, 17, 5, tzinfo=dt.UTC)) == "31 octobre 2025 à 18 h 05"
    assert shorten("a\n b", 10) == "a b"
    assert shorten("abcdefgh", 5) == "abcd…"


def test_an_empty_period_says_so(empty: Report) -> None:
    page = empty.to_html()
    assert "Aucun compte rendu n&#39;a été déposé dans la période." in page
    assert page.count("Aucune ligne pour la période.") == 8
    assert "<svg" not in page


def test_hostile_words_stay_words(empty: Report) -> None:
    table = Table(("Quoi", "2010", "2009"), ((HOSTILE, 3, None), (LONG, 2, 0)))
    report = with_figure(empty, make_figure(table=table, show="bars", left_out=(LeftOut(HOSTILE, 1, 0),)))
    page = report.to_html()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} #panic(&#34;x&#34;)" in page
    assert "Λευτέρης" in page
    assert report.to_pdf().startswith(b"%PDF")


def test_labels_of_300_characters(empty: Report) -> None:
    rows = tuple((f"{place} {LONG}", 50 - place, 0) for place in range(50))
    report = with_figure(empty, make_figure(table=Table((LONG, "2010", "2009"), rows), show="bars"))
    shown = make_view(report)["chapters"][0]["figures"][0]
    assert shown["cut"] == "Les 15 premières lignes du tableau."
    assert len(shown["table"]["rows"]) == 40
    assert shown["table"]["more"] == "Et 10 autres lignes, dans le fichier report.json."
    assert shown["headline"] == "Choses : 1\u202f234 (2009 : 1)"
    assert report.to_html().count("…</text>") == 15
    assert report.to_pdf().startswith(b"%PDF")


def test_months_of_several_years(empty: Report) -> None:
    rows = tuple((f"mars {year} / mars {year - 20}", 0, 1) for year in range(2000, 2020))
    figure = make_figure(table=Table(("Mois", "a", "b"), rows), show="months", value=None)
    assert with_figure(empty, figure).to_html().count("<svg") == 1


def test_it_says_declared_activity_and_never_impact(filled: Filled) -> None:
    report = ds_bridge.report("cra", year=2025, roster=filled.roster, config=filled.config)
    page = report.to_html().lower()
    assert "activité déclarée" in page
    assert "impact" not in page
    assert "€" not in page
    assert "marianne" not in page
