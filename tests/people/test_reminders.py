"""Reminders: who is written to, why, and with which address; nobody is called missing by a like name."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ds_bridge.cli.sandbox import _describe
from ds_bridge.config import load_settings
from ds_bridge.people.roster import read_roster
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import DossierEntry, Store
from tests.cli.commands import Result, run_command
from tests.store.samples import DEMARCHE, make_draft, make_entry

ROSTER = """nom;prénom;ID CoNum;e-mail
NOËL;Zoé;4211;zoe@example.org
Petit;Ana;12;ana@example.org
Le Gall;Jean;77;jean@example.org
Moreau;Luc;;luc@example.org
Durand;Eva;13;eva@example.org
Blanc;Ida;14;ida@example.org
Faure;Guy;15;guy@example.org
Rey;Lou;16;undefined
"""
HOUR = dt.timedelta(hours=1)


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(seed=2, dossiers=0, requests_per_minute=None) as server:
        yield server


@pytest.fixture
def config(server: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "ds-bridge.toml"
    text = _describe(server.url, server.token)
    file.write_text(f'{text}[store]\nurl = "sqlite:///store.db"\n', encoding="utf-8")
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    with Store.open(load_settings(file).store.url) as store:
        fill(store)
    return file


def deposit(number: int, identifiant: int | None, nom: str, prenom: str) -> DossierEntry:
    identite = {"nom": nom, "prenom": prenom, "identifiant": identifiant}
    return replace(make_entry(number, document={"dossier": {"number": number}, "identite": identite}))


def fill(store: Store) -> None:
    """4211 and 15 deposited, and a namesake of 77; drafts: 13's and 4211's die, 14's was claimed."""
    now = dt.datetime.now(dt.UTC)
    store.save_page(DEMARCHE, [deposit(1, 4211, "NOËL", "Zoé"), deposit(2, None, "LE GALL", "Jean")], None)
    store.save_page(DEMARCHE, [deposit(26, 15, "Faure", "Guy")], None)
    soon, later = {"expires_at": now + 3 * HOUR}, {"expires_at": now + 100 * HOUR}
    drafts = [
        replace(make_draft(21, created_at=now, identifiant=13), **soon),
        replace(make_draft(22, created_at=now, identifiant=14, state="claimed"), **soon),
        replace(make_draft(23, created_at=now, identifiant=4211), **soon),
        replace(make_draft(24, created_at=now, identifiant=12), expires_at=now - HOUR),
        replace(make_draft(26, created_at=now, identifiant=15), **later),
        replace(make_draft(27, created_at=now), **soon),
    ]
    store.save_drafts(DEMARCHE, drafts)


def run(config: Path, *arguments: str) -> Result:
    roster = config.parent / "roster.csv"
    return run_command("coverage", "cra", str(roster), "--missing", *arguments, config=config)


def read(text: str) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";")
    return {row["nom"]: row for row in rows}


def test_those_to_write_to_each_with_an_address(config: Path, server: SandboxServer) -> None:
    output = config.parent / "reminders.csv"
    done = run(config, "-o", str(output))
    assert (done.code, done.out) == (0, "")
    rows = read(output.read_text(encoding="utf-8"))
    assert {nom: row["reminder"] for nom, row in rows.items()} == {
        "NOËL": "draft",
        "Petit": "missing",
        "Le Gall": "possible",
        "Moreau": "missing",
        "Durand": "missing",
        "Blanc": "missing",
        "Rey": "missing",
    }
    ana = parse_qs(urlsplit(rows["Petit"]["url"]).query)
    assert (ana["champ_Q2hhbXAtMzU2NjUyMw"], ana["champ_Q2hhbXAtMzU2NjUyNA"]) == (["12"], ["ana@example.org"])
    assert rows["Petit"]["method"] == "link"
    path = load_settings(config).demarche("cra").path
    assert rows["Durand"]["url"] == f"{server.url}/commencer/{path}?prefill_token=secret-21"
    assert rows["NOËL"]["url"].endswith("?prefill_token=secret-23")
    assert rows["Blanc"]["url"] == f"{server.url}/dossiers/22"
    assert (rows["Durand"]["method"], rows["Durand"]["until"] > "2024", rows["Blanc"]["until"]) == (
        "draft",
        True,
        "",
    )
    assert (rows["Le Gall"]["possible"], "look before you write" in rows["Le Gall"]["note"]) == ("2", True)
    assert "whether they deposited is not sure" in rows["Moreau"]["note"]
    assert (rows["Rey"]["url"], rows["Rey"]["problem"].partition(":")[0]) == ("", "e-mail")
    assert list(rows["Petit"])[:4] == ["nom", "prénom", "ID CoNum", "e-mail"], "the roster's own columns stay"
    assert server.world.drafts == {}


def test_on_stdout_offline_and_what_does_not_go_together(config: Path) -> None:
    config.write_text(
        config.read_text(encoding="utf-8")
        + '[demarches.cra.champs]\nidentifiant = "3566523"\nemail = "3566524"\n',
        encoding="utf-8",
    )
    done = run(config, "--offline")
    assert (done.code, len(read(done.out))) == (0, 7)
    assert "nothing was checked against the form (--offline)" in done.err
    assert "7 rows: 3 links, 3 drafts, 1 with a problem" in done.err
    for wrong in (("--json",), ("--csv", "x.csv")):
        assert run(config, *wrong).code == 2
    roster = str(config.parent / "roster.csv")
    assert run_command("coverage", "cra", roster, "-o", "x.csv", config=config).code == 2


def test_a_draft_of_a_demarche_without_a_path(config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    path = load_settings(config).demarche("cra").path
    config.write_text(
        text.replace(f'path = "{path}"\n', "")
        + '[demarches.cra.champs]\nidentifiant = "3566523"\nemail = "3566524"\n',
        encoding="utf-8",
    )
    rows = read(run(config).out)
    assert rows["Blanc"]["url"].endswith("/dossiers/22")
    assert (rows["Durand"]["url"], "has no path" in rows["Durand"]["problem"]) == ("", True)


def test_a_roster_of_another_format(config: Path) -> None:
    output = config.parent / "reminders.xlsx"
    assert run(config, "-o", str(output)).code == 0
    assert len(read_roster(output).rows) == 7
