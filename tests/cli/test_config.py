"""`config show`, and what is said when there is no configuration at all."""

import json

import pytest

from ds_bridge.config import Settings
from tests.cli.commands import run_command

SECRETS = """
[api]
token = "s3cret-token"
page_size = 50
[store]
url = "postgresql+psycopg://me:s3cret-password@db.example.org:5433/pilotage?sslmode=require"
[notify]
ping_url = "https://hc.example/s3cret-ping"
[web]
keys = [{name = "tableau", hash = "sha256:HASH", demarches = ["cra"]}]
[dump]
pseudonym_key = "s3cret-pseudonyms"
drop_champs = [12]
[demarches.cra]
number = 82349
with = ["avis"]
[demarches.cra.champs]
nom = "Q2hhbXAtMQ"
""".replace("HASH", "0" * 64)


@pytest.fixture
def config(tmp_path):
    file = tmp_path / "ds-bridge.toml"
    file.write_text(SECRETS, encoding="utf-8")
    return file


def test_every_setting_with_its_source_and_no_secret(config, monkeypatch):
    monkeypatch.setenv("DS_BRIDGE_API__Timeout_Seconds", "20")
    monkeypatch.setenv("DS_BRIDGE_SYNC", '{"overlap_minutes": 5}')
    done = run_command("config", "show", "--json", config=config)
    assert done.code == 0, done.err
    shown = json.loads(done.out)
    assert shown["file"] == str(config)
    found = {each["name"]: (each["value"], each["source"]) for each in shown["settings"]}
    assert found["api.token"] == ("set, not shown", "file")
    assert found["api.page_size"] == (50, "file")
    assert found["api.timeout_seconds"] == (20.0, "DS_BRIDGE_API__Timeout_Seconds")
    assert found["sync.overlap_minutes"] == (5, "DS_BRIDGE_SYNC")
    assert found["api.attempts"] == (6, "default")
    assert found["store.url"] == ("postgresql+psycopg://me:…@db.example.org:5433/pilotage", "file")
    assert found["web.keys"][0] == [{"name": "tableau", "hash": "set, not shown", "demarches": ["cra"]}]
    assert found["dump.drop_champs"] == ([12], "file")
    assert found["demarches.cra.with"] == (["avis"], "file")
    assert found["demarches.cra.champs.nom"] == ("Q2hhbXAtMQ", "file")
    assert {name.split(".")[0] for name in found} == set(Settings.model_fields)
    assert "s3cret" not in done.out + done.err
    assert "0" * 64 not in done.out


def test_for_people(config):
    done = run_command("config", "show", config=config)
    assert done.err == f"file: {config}\n"
    lines = dict(line.split(maxsplit=1) for line in done.out.splitlines())
    assert lines["api.page_size"].split() == ["50", "file"]
    assert lines["api.token_file"] == "default"
    assert "s3cret" not in done.out


def test_no_file_says_where_one_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run_command("config", "show")
    assert done.code == 0
    assert done.err.startswith(
        f"no file: looked for --config FILE, $DS_BRIDGE_CONFIG, '{tmp_path}/ds-bridge.toml' and '"
    )
    assert done.err.endswith("ds-bridge/ds-bridge.toml'\n")
    for command in (("sync",), ("dump", "cra"), ("status",), ("form", "cra")):
        done = run_command(*command)
        assert done.code == 2
        assert done.err.startswith("ds-bridge: no démarche in the configuration: none in the environment")
        assert f"'{tmp_path}/ds-bridge.toml'" in done.err
        assert done.err.endswith("or let ds-bridge init ADDRESS write a file\n")


def test_an_empty_file_is_named(tmp_path):
    file = tmp_path / "empty.toml"
    file.write_text("")
    done = run_command("sync", config=file)
    assert done.code == 2
    assert f"no démarche in the configuration: none in '{file}': add a [demarches.NAME] table" in done.err


def test_an_empty_token_is_not_set(config, monkeypatch):
    monkeypatch.setenv("DS_BRIDGE_API__TOKEN", "")
    shown = json.loads(run_command("config", "show", "--json", config=config).out)["settings"]
    assert [each["value"] for each in shown if each["name"] == "api.token"] == ["empty"]
