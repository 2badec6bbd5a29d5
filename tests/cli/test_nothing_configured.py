"""With the configuration that the sandbox prints, nothing more: links, rosters, `form --toml`, the doctor."""

from __future__ import annotations

import csv
import io
import os
import pty
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from ds_bridge.cli.sandbox import _describe
from ds_bridge.config import load_settings
from ds_bridge.prefill import Identity, build_configured_link
from ds_bridge.prefill.forms import load_form
from ds_bridge.sandbox.server import SandboxServer
from tests.cli.commands import Result, run_command

PERSON = (
    "--nom", "NOËL", "--prenom", "Zoé", "--identifiant", "4211", "--email", "zoe@example.org",
    "--structure-nom", "Mairie d’Évry & Cie", "--structure-identifiant", "87",
)  # fmt: skip
CHAMPS = {
    3566491: "NOËL",
    3566520: "Zoé",
    3566521: "Mairie d’Évry & Cie",
    3566522: 87,
    3566523: 4211,
    3566524: "zoe@example.org",
}
WRONG = 'path = "a1dac784-b6a0-4733-82c9-2c5c660797ff"'


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(seed=2, dossiers=2, requests_per_minute=None) as server:
        yield server


@pytest.fixture
def config(server: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "ds-bridge.toml"
    file.write_text(
        _describe(server.url, server.token) + '[store]\nurl = "sqlite:///store.db"\n', encoding="utf-8"
    )
    return file


def change(config: Path, old: str, new: str) -> Path:
    text = config.read_text(encoding="utf-8")
    assert old in text
    config.write_text(text.replace(old, new), encoding="utf-8")
    return config


def link(config: Path, *arguments: str) -> Result:
    return run_command("prefill", "link", "cra", *arguments, config=config)


def values_of(server: SandboxServer, url: str) -> dict[int, object]:
    """Follow the link as a browser does: what stands in the dossier it opens."""
    before = set(server.world.drafts)
    assert httpx.get(url).status_code == 200
    (token,) = set(server.world.drafts) - before
    return {number: value for number, value in server.world.drafts[token].values.items() if value}


def test_every_person_arrives_whole(server: SandboxServer, config: Path) -> None:
    settings = load_settings(config)
    form = load_form(settings, "cra").form
    for number in range(1, 41):
        person = Identity(
            nom=f"Nom {number}",
            prenom=f"Prénom {number}",
            identifiant=number,
            email=f"p{number}@example.org",
            structure_nom=f"Structure n° {number} & fils",
            structure_identifiant=1000 + number,
        )
        url = build_configured_link(settings, "cra", person, form=form)
        values = values_of(server, url)
        assert [str(values[champ]) for champ in CHAMPS] == [
            f"Nom {number}",
            f"Prénom {number}",
            f"Structure n° {number} & fils",
            str(1000 + number),
            str(number),
            f"p{number}@example.org",
        ]


def test_the_command_gives_the_same_link(server: SandboxServer, config: Path) -> None:
    done = link(config, *PERSON)
    assert (done.code, done.err) == (0, "")
    values = values_of(server, done.out.strip())
    assert {champ: str(values[champ]) for champ in CHAMPS} == {each: str(CHAMPS[each]) for each in CHAMPS}


def test_offline_the_configuration_is_all_that_is_known(config: Path) -> None:
    done = link(config, *PERSON, "--offline")
    assert (done.code, done.out) == (2, "")
    for attribute in ("email", "identifiant", "structure_nom", "structure_identifiant"):
        assert f"set demarches.cra.champs.{attribute} = " in done.err
    named = change(config, "[store]", '[demarches.cra.champs]\nidentifiant = "3566523"\n[store]')
    done = link(named, "--nom", "NOËL", "--identifiant", "4211", "--offline")
    assert (done.code, parse_qs(urlsplit(done.out.strip()).query)["champ_Q2hhbXAtMzU2NjUyMw"]) == (
        0,
        ["4211"],
    )


@pytest.mark.parametrize("wrong", [WRONG, 'path = "fourre-tout"'])
def test_a_wrong_path_is_never_printed_as_a_link(config: Path, wrong: str) -> None:
    change(config, 'path = "a1dac784-b6a0-4733-82c9-2c5c660797cf"', wrong)
    done = link(config, *PERSON)
    assert (done.code, done.out) == (2, "")
    assert "path" in done.err


def test_without_the_platform_the_form_of_the_last_sync(tmp_path: Path, config: Path) -> None:
    assert run_command("sync", config=config).code == 0
    settings = load_settings(config)
    change(config, settings.api.url, "http://127.0.0.1:9")
    done = link(config, *PERSON)
    assert (done.code, "champ_Q2hhbXAtMzU2NjUyMw=4211" in done.out) == (0, True)
    assert done.err.startswith("ds-bridge: checked against the form as the last sync saw it: ")
    (tmp_path / "store.db").unlink()
    done = link(config, *PERSON)
    assert (done.code, done.out) == (2, "")


def test_without_a_path_the_form_of_the_last_sync_serves_drafts(config: Path) -> None:
    change(config, 'path = "a1dac784-b6a0-4733-82c9-2c5c660797cf"\n', "")
    assert run_command("sync", config=config).code == 0
    done = link(config, *PERSON, "--draft")
    assert (done.code, done.out.count("prefill_token=")) == (0, 1)


def test_a_roster_is_sent_whole(config: Path, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("nom;prénom;ID CoNum;e-mail\nNOËL;Zoé;4211;zoe@example.org\n", encoding="utf-8")
    done = run_command("prefill", "batch", "cra", str(roster), config=config)
    (row,) = csv.DictReader(io.StringIO(done.out.removeprefix("\ufeff")), delimiter=";")
    query = parse_qs(urlsplit(row["url"]).query)
    assert query["champ_Q2hhbXAtMzU2NjUyMw"] == ["4211"]
    assert query["champ_Q2hhbXAtMzU2NjUyNA"] == ["zoe@example.org"]
    change(config, 'model = "ds_bridge.cra:CompteRendu"\n', "")
    refused = run_command("prefill", "batch", "cra", str(roster), config=config)
    assert (refused.code, refused.out) == (2, "")
    assert "column 'ID CoNum' gives identifiant, no champ is configured to take it" in refused.err
    assert "column 'e-mail' gives email, " in refused.err
    assert "or rename the column" in refused.err


def test_the_section_is_ready_to_paste(config: Path) -> None:
    done = run_command("form", "cra", "--toml", config=config)
    assert (done.code, done.err) == (0, "")
    section = tomllib.loads(done.out)["demarches"]["cra"]["champs"]
    assert section["identifiant"] == "Q2hhbXAtMzU2NjUyMw"
    assert "evenements.type_precision" in section
    before = run_command("prefill", "link", "cra", *PERSON, config=config).out
    config.write_text(config.read_text(encoding="utf-8") + done.out, encoding="utf-8")
    offline = link(config, *PERSON, "--offline").out
    assert parse_qs(urlsplit(offline.strip()).query) == parse_qs(urlsplit(before.strip()).query)
    assert run_command("form", "cra", "--toml", config=config).out == done.out


def test_without_a_model_every_champ_has_a_name(config: Path) -> None:
    change(config, 'model = "ds_bridge.cra:CompteRendu"\n', "")
    done = run_command("form", "cra", "--toml", config=config)
    section = tomllib.loads(done.out)["demarches"]["cra"]["champs"]
    assert section["votre_nom_de_famille"] == "Q2hhbXAtMzU2NjQ5MQ"
    assert len(section) == len(set(section.values()))
    pasted = done.out.replace("votre_nom_de_famille", "nom")
    config.write_text(config.read_text(encoding="utf-8") + pasted, encoding="utf-8")
    assert run_command("sync", "--json", config=config).code == 0
    again = tomllib.loads(run_command("form", "cra", "--toml", config=config).out)
    assert again["demarches"]["cra"]["champs"]["nom"] == "Q2hhbXAtMzU2NjQ5MQ"


def test_a_field_that_is_not_found_is_told_and_the_rest_shown(config: Path) -> None:
    change(config, "[store]", '[demarches.cra.champs]\ntemps_total = "Un label perdu"\n[store]')
    done = run_command("form", "cra", "--toml", config=config)
    assert done.code == 0
    assert "identifiant = " in done.out
    assert "# temps_total: no champ has the configured label 'Un label perdu'" in done.out
    assert "temps_total: no champ has the configured label" in done.err
    assert run_command("form", "cra", "--toml", "--json", config=config).code == 2


def test_in_a_pipe_the_form_is_tsv(config: Path) -> None:
    done = run_command("form", "cra", config=config)
    rows = [line.split("\t") for line in done.out.splitlines()]
    assert rows[0] == ["id", "kind", "label", "required", "feeds", "options"]
    assert {len(row) for row in rows} == {6}
    assert ["Q2hhbXAtMzU2NjUyMw", "integer_number"] in [row[:2] for row in rows]


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_on_any_terminal_no_id_is_cut(config: Path, columns: int) -> None:
    ids = {line.split("\t")[0] for line in run_command("form", "cra", config=config).out.splitlines()[1:]}
    shown = show_on_terminal(columns, "form", "cra", "--config", str(config))
    assert len(ids) > 40
    assert [each for each in ids if each not in shown.split()] == []


def show_on_terminal(columns: int, *arguments: str) -> str:
    """What the command prints on a terminal that wide. A terminal of its own: a real one."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": str(columns), "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-m", "ds_bridge", *arguments], stdout=theirs, stderr=theirs, env=environment
    ):
        os.close(theirs)
        parts = []
        try:
            while part := os.read(ours, 65_536):
                parts.append(part)
        except OSError:  # Linux's way to say that nobody holds the other end any more
            pass
    os.close(ours)
    return b"".join(parts).decode()


def test_the_doctor_says_what_a_link_carries(config: Path) -> None:
    done = run_command("doctor", "--json", config=config)
    assert "a link carries nom, prenom, email, identifiant, structure_nom, structure_identifiant" in done.out
    change(config, "[store]", '[demarches.cra.champs]\nemail = "Un label perdu"\n[store]')
    done = run_command("doctor", "--json", config=config)
    assert "a link carries nom, prenom, email, identifiant" in done.out
    assert "Un label perdu" in done.out
