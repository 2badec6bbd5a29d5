"""`init`: writes a first configuration that works, never over a file; bad addresses of démarches."""

import stat
import tomllib
from dataclasses import replace

import pytest

from ds_bridge.config import Settings, load_settings
from ds_bridge.sandbox.forms import load_forms
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import World
from tests.cli.commands import run_command

PATH = "a1dac784-b6a0-4733-82c9-2c5c660797cf"


@pytest.fixture(scope="module")
def server():
    with SandboxServer(seed=2, dossiers=10, requests_per_minute=None) as server:
        yield server


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_address_of_a_known_form_gives_a_configuration_that_syncs_and_links(server, here, monkeypatch):
    done = run_command("init", f"{server.url}/commencer/{PATH}")
    assert done.code == 0, done.err
    file = here / "ds-bridge.toml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    cra = content["demarches"]["cra"]
    assert (cra["number"], cra["path"], cra["model"]) == (82349, PATH, "ds_bridge.cra:CompteRendu")
    assert "champs" not in cra, "the model finds them"
    assert content["api"] == {"url": server.url}
    title = server.world.demarches[82349].form.title
    assert f"[demarches.cra]             # {' '.join(title.split())}\n" in file.read_text(encoding="utf-8")
    assert done.err.startswith("ds-bridge.toml: démarche 82349, ")
    assert done.err.splitlines()[-1] == (
        "next: put the token in place, then ds-bridge doctor cra and ds-bridge sync cra"
    )
    monkeypatch.setenv("DS_BRIDGE_API__TOKEN", server.token)
    assert run_command("sync", "cra").code == 0
    link = run_command("prefill", "link", "cra", "--nom", "NOËL", "--identifiant", "4211")
    assert link.out.startswith(f"{server.url}/commencer/{PATH}?")
    assert "champ_Q2hhbXAtMzU2NjQ5MQ=NO%C3%8BL" in link.out


def test_a_form_of_no_known_model_says_how_one_is_written(server, here):
    other = server.world.demarches[99001]
    assert run_command("init", f"{server.url}/commencer/{other.form.path}", "-o", "other.toml").code == 0
    text = (here / "other.toml").read_text(encoding="utf-8")
    [name] = tomllib.loads(text)["demarches"]
    assert f"# ds-bridge model {name} -o {name}.py, which says the line to put here.\n" in text
    assert load_settings(here / "other.toml").demarche(name).model is None


def test_a_number_asks_with_the_token_and_says_what_that_binds(server, here, monkeypatch):
    monkeypatch.setenv("DS_BRIDGE_API__URL", server.url)
    monkeypatch.setenv("DS_BRIDGE_API__TOKEN", server.token)
    done = run_command("init", "82349", "--name", "rapports")
    assert done.code == 0, done.err
    first = done.err.splitlines()[0]
    assert first.startswith("a new token is bound for good to the address of its first call: make that call")
    text = (here / "ds-bridge.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["demarches"]["rapports"]["number"] == 82349
    assert '# path = "…"' in text
    assert server.token not in text


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("cra", "is no démarche's address: give https://…/commencer/<path> as a browser shows it, or"),
        ("0", "is no démarche's address"),
        ("99999999999999999999999", "is no démarche's address"),
        ("https://demarche.numerique.gouv.fr/dossiers/12", "is no démarche's address"),
        ("https://user:secret@x.example/commencer/a", "is no host"),
        ("https://x.example:nan/commencer/a", "is no"),
        ("{url}/commencer/unknown", "give its number and a token instead: DS_BRIDGE_API__TOKEN=…"),
    ],
)
def test_what_is_no_address(server, here, address, words):
    done = run_command("init", address.format(url=server.url))
    assert done.code == 2
    assert words in done.err
    assert len(done.err.splitlines()) == 1
    assert list(here.iterdir()) == []


def test_a_title_that_commands_a_terminal_and_another_file(here):
    hostile = "CRA\x1b[31m\x1b]0;pwn\x07\u202e\x00\nnumber = 4"
    world = World(forms=tuple(replace(form, title=hostile) for form in load_forms()))
    with SandboxServer(world=world, requests_per_minute=None) as server:
        done = run_command("init", f"{server.url}/commencer/{PATH}", "-o", "my cra.toml")
    assert done.code == 0, done.err
    assert load_settings(here / "my cra.toml").demarche("cra").number == 82349
    text = (here / "my cra.toml").read_text(encoding="utf-8")
    assert "# CRA\\x1b[31m\\x1b]0;pwn\\x07\\u202e\\x00 number = 4\n" in text
    option = "--config 'my cra.toml'"
    assert done.err.splitlines()[-1] == (
        f"next: put the token in place, then ds-bridge doctor cra {option} and ds-bridge sync cra {option}"
    )


def test_an_old_path_is_replaced_and_said(server, here):
    old = next(iter(server.world.demarches[82349].form.old_paths), None) or "cra-2023"
    done = run_command("init", f"{server.url}/commencer/{old}")
    assert done.code == 0, done.err
    assert f"'{old}' is an old path, on which a link loses its values: '{PATH}' is written" in done.err
    assert load_settings(here / "ds-bridge.toml").demarche("cra").path == PATH


def test_never_over_a_file_and_never_without_a_place(server, here):
    (here / "ds-bridge.toml").write_text("# mine\n")
    done = run_command("init", f"{server.url}/commencer/{PATH}")
    assert (done.code, done.err) == (
        2, "ds-bridge: 'ds-bridge.toml' is there already: give another file with -o\n",
    )  # fmt: skip
    assert (here / "ds-bridge.toml").read_text() == "# mine\n"
    done = run_command("init", f"{server.url}/commencer/{PATH}", "-o", "missing/a.toml")
    assert (done.code, done.err) == (
        1, "ds-bridge: 'missing/a.toml' cannot be written: No such file or directory\n",
    )  # fmt: skip
    done = run_command("init", f"{server.url}/commencer/{PATH}", "-o", "b.toml", "--name", "Mes CRA")
    assert done.code == 2
    assert "--name 'Mes CRA': small letters, digits and _" in done.err


def test_what_it_writes_is_settings(server, here):
    run_command("init", f"{server.url}/commencer/{PATH}")
    Settings(**tomllib.loads((here / "ds-bridge.toml").read_text(encoding="utf-8")))
