"""`schema` as a command: the schema of what `dump` of the same démarche prints, without a store."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from ds_bridge.sandbox.server import SandboxServer
from tests.cli.commands import run_command, write_config, write_sandbox_config
from tests.cli.test_dump import DEMARCHES


@pytest.mark.parametrize("name", ["cra", "tout"])
def test_it_is_the_schema_of_the_dump(tmp_path: Path, name: str) -> None:
    with SandboxServer(seed=7, dossiers=12, requests_per_minute=None) as server:
        config = write_sandbox_config(tmp_path, server, DEMARCHES)
        before = run_command("schema", name, config=config)
        assert not (tmp_path / "store.db").exists()
        assert run_command("sync", config=config).code == 0
    assert (before.code, before.err) == (0, "")
    schema = json.loads(before.out)
    number = {"cra": 82349, "tout": 99001}[name]
    assert schema["title"] == f"ds-bridge dump {name} (démarche {number})"
    check = Draft202012Validator(schema)
    dumped = json.loads(run_command("dump", name, config=config).out)
    assert dumped
    assert [error.message for each in dumped for error in check.iter_errors(each)] == []


@pytest.mark.parametrize("name", ["cra", "tout"])
def test_the_views_it_tells_are_those_of_the_store(tmp_path: Path, name: str) -> None:
    with SandboxServer(seed=7, dossiers=12, requests_per_minute=None) as server:
        config = write_sandbox_config(tmp_path, server, DEMARCHES)
        never = run_command("schema", name, "--sql", config=config)
        assert (never.code, never.out) == (1, "")
        assert run_command("sync", name, config=config).code == 0
    told = json.loads(run_command("schema", name, "--sql", "--json", config=config).out)
    with contextlib.closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        for view in told:
            cursor = connection.execute(f'SELECT * FROM "{view["view"]}"')
            assert [column[0] for column in cursor.description] == [each["name"] for each in view["columns"]]
        names = connection.execute("SELECT name FROM published_views").fetchall()
    assert {(view["view"],) for view in told} == set(names)
    assert all(column["meaning"] for view in told for column in view["columns"])
    text = run_command("schema", name, "--sql", config=config)
    assert (text.code, text.err) == (0, "")
    assert all(f"{view['view']}: " in text.out for view in told)
    if name == "cra":
        assert re.search(r"^  date +text: 2024-05-30 +date +Date de l'événement$", text.out, re.MULTILINE)


def test_an_unknown_name_or_model_is_refused(tmp_path: Path) -> None:
    config = write_config(tmp_path, '[demarches.x]\nnumber = 1\nmodel = "nowhere:Model"\n')
    assert run_command("schema", "y", config=config).code == 2
    done = run_command("schema", "x", config=config)
    assert (done.code, done.out) == (2, "")
    assert "no module named 'nowhere'" in done.err
