"""In a real browser, with nothing configured but what the sandbox prints: `who` at each step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from ds_bridge.cli.sandbox import _describe
from ds_bridge.sandbox.server import SandboxServer
from tests.browser.journey import PERSON, deposit_from, finish_report, reach_form
from tests.cli.commands import run_command

ARGUMENTS = (
    "--nom", PERSON.nom, "--prenom", PERSON.prenom, "--genre", PERSON.genre, "--email", PERSON.email,
    "--identifiant", str(PERSON.identifiant), "--structure-nom", PERSON.structure_nom,
    "--structure-identifiant", str(PERSON.structure_identifiant),
)  # fmt: skip


@pytest.fixture
def config(server: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "ds-bridge.toml"
    printed = _describe(server.url, server.token)
    file.write_text(f'{printed}[store]\nurl = "sqlite:///store.db"\n', encoding="utf-8")
    return file


def run(config: Path, *arguments: str | None) -> str:
    done = run_command(*map(str, arguments), config=config)
    assert done.code == 0, done.err
    return done.out.strip()


def who(config: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(config, "who", "cra", "4211", "--json"))
    return found


def test_a_link_from_nothing_to_a_dossier(page: Page, server: SandboxServer, config: Path) -> None:
    run(config, "sync")
    assert who(config)["next"] == "nothing yet"
    link = run(config, "prefill", "link", "cra", *ARGUMENTS)
    number = deposit_from(page, link)
    assert who(config)["next"] == "nothing yet", "a link leaves no trace before its dossier is pulled"
    run(config, "sync")
    found = who(config)
    assert (found["next"], found["warnings"]) == ("deposited", [])
    (dossier,) = found["dossiers"]
    assert (dossier["number"], dossier["by"], dossier["state"]) == (number, "identifiant", "en_construction")
    assert (dossier["valid"], dossier["anomalies"]) == (True, {"error": 0, "warning": 0})
    assert dossier["url"] == f"{server.url}/dossiers/{number}"


def test_a_draft_at_each_step(page: Page, server: SandboxServer, config: Path) -> None:
    run(config, "sync")
    link = run(config, "prefill", "link", "cra", *ARGUMENTS, "--draft")
    assert who(config)["next"] == "prefilled, not opened"
    page.goto(link)
    reach_form(page)
    run(config, "prefill", "follow", "cra")
    assert who(config)["next"] == "opened, not deposited"
    number = finish_report(page)
    run(config, "prefill", "follow", "cra")
    assert who(config)["next"] == "deposited", "the platform said so of the draft; its dossier is not pulled"
    assert who(config)["dossiers"] == []
    run(config, "sync")
    found = who(config)
    assert [each["number"] for each in found["dossiers"]] == [number]
    assert (found["next"], found["drafts"][0]["next"]) == ("deposited", "deposited")
