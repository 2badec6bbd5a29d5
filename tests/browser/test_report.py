"""A report's page as people see it: axe, a phone, a desk, print; no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

import ds_bridge
from tests.browser.audit import find_faults
from tests.report.conftest import Filled, fill

KINDS = ("programme", "public", "structure", "personne", "vide", "general")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return fill(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def pages(filled: Filled, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One of each, as files."""
    row = filled.table("dossiers").drop_nulls("identite_structure_identifiant").row(-1, named=True)
    config, roster = filled.config, filled.roster
    person, structure = row["identite_identifiant"], row["identite_structure_identifiant"]
    made = {
        "programme": ds_bridge.report("cra", year=2025, roster=roster, config=config),
        "public": ds_bridge.report("cra", year=2025, roster=roster, public=True, config=config),
        "structure": ds_bridge.report("cra", for_="structure", id=structure, roster=roster, config=config),
        "personne": ds_bridge.report("cra", for_="personne", id=person, config=config),
        "vide": ds_bridge.report("cra", year=2015, config=config),
        "general": ds_bridge.report("tout", config=config),
    }
    folder = tmp_path_factory.mktemp("pages")
    for name, report in made.items():
        (folder / f"{name}.html").write_text(report.to_html(), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


@pytest.fixture
def offline(browser: Browser) -> Iterator[Page]:
    """A page where scripts are off, and anything asked of a network fails the test."""
    context = browser.new_context(locale="fr-FR", java_script_enabled=False)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    yield context.new_page()
    context.close()
    assert [url for url in asked if not url.startswith("file://")] == []
    assert len(asked) == 1


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=() if kind in ("public", "personne") else pytest.mark.long) for kind in KINDS],
)
def test_no_finding_of_axe_on_a_desk_and_a_phone(page: Page, pages: dict[str, Path], kind: str) -> None:
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(pages[kind].as_uri())
        found = Axe().run(page)
        assert found.response["violations"] == []
        assert find_faults(page) == []


@pytest.mark.parametrize("kind", KINDS)
def test_it_needs_no_script_and_no_network(offline: Page, pages: dict[str, Path], kind: str) -> None:
    assert "<script" not in pages[kind].read_text(encoding="utf-8")
    offline.goto(pages[kind].as_uri())
    assert offline.locator("h1").count() == 1
    assert offline.locator("#methode").is_visible()


def test_each_plot_has_its_words_and_its_table(page: Page, pages: dict[str, Path]) -> None:
    page.goto(pages["programme"].as_uri())
    plots = page.locator(".plot")
    assert plots.count() == 11
    for place in range(plots.count()):
        figure = page.locator(".figure", has=page.locator(".plot")).nth(place)
        words = figure.locator(".plot").get_attribute("aria-label") or ""
        title = figure.locator("h3").inner_text()
        assert title in words
        assert "Le tableau qui suit donne tous les nombres." in words
        assert figure.locator("tbody tr").count() >= 2


def test_wide_tables_stand_on_end_on_a_phone(page: Page, pages: dict[str, Path]) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(pages["programme"].as_uri())
    text = page.locator("table.wide td").first.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert "Structures" in text
    sizes = page.evaluate(
        "() => [...document.querySelectorAll('.plot svg')].map(svg => svg.getBoundingClientRect().width)"
    )
    assert all(300 <= size <= 340 for size in sizes)


def test_in_print(page: Page, pages: dict[str, Path]) -> None:
    page.goto(pages["programme"].as_uri())
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.locator("table").first.is_visible()
    assert len(page.pdf(format="A4")) > 10_000
