"""`purge NAME`: asks on a terminal, refuses without --yes elsewhere, deletes for good."""

import datetime as dt
import json
import os
import pty
import subprocess
import sys

import pytest

from ds_bridge.store.backup import back_up
from tests.cli.commands import run_command
from tests.store.samples import DEMARCHE, make_entry

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture(autouse=True)
def now_is_when_the_test_runs(monkeypatch):
    """Ages are counted from now, and the suite takes longer than the minutes allowed."""
    monkeypatch.setattr(f"{__name__}.NOW", dt.datetime.now(dt.UTC))


@pytest.fixture
def filled(store):
    entries = [make_entry(number, modified_at=NOW - dt.timedelta(days=number)) for number in (729, 731, 900)]
    store.save_page(DEMARCHE, entries, None)
    return store


def numbers(store):
    return [dossier.number for dossier in store.dossiers(DEMARCHE)]


def test_it_refuses_without_a_terminal(config, filled):
    result = run_command("purge", "cra", "--older-than", "730d", config=config)
    assert (result.code, result.out) == (2, "")
    assert "2 dossiers and 0 tombstones of cra, from before " in result.err
    assert "say --yes" in result.err
    assert numbers(filled) == [729, 731, 900]
    assert filled.purged_before(DEMARCHE) is None


def test_yes(config, filled):
    result = run_command("purge", "cra", "--older-than", "730d", "--yes", config=config)
    assert result.code == 0, result.err
    assert result.out.startswith("cra: deleted 2 dossiers and 0 tombstones from before ")
    assert numbers(filled) == [729]


def test_json(config, filled):
    result = run_command("purge", "cra", "--older-than", "800d", "--yes", "--json", config=config)
    purged = json.loads(result.out)
    before = dt.datetime.fromisoformat(purged.pop("before"))
    assert purged == {"name": "cra", "dossiers": 1, "tombstones": 0}
    assert abs(NOW - dt.timedelta(days=800) - before) < dt.timedelta(minutes=5)
    assert filled.purged_before(DEMARCHE) == before


def answer(config, text):
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "ds_bridge",
        "purge",
        "cra",
        "--older-than",
        "730d",
        "--config",
        str(config),
    ]
    try:
        with subprocess.Popen(
            command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            os.write(ours, text.encode())
            out, err = process.communicate(timeout=30)
            return process.returncode, out, err
    finally:
        os.close(ours)
        os.close(theirs)


def test_no_on_a_terminal_deletes_nothing(config, filled):
    code, out, err = answer(config, "n\n")
    assert (code, out) == (0, "")
    assert "Delete 2 dossiers and 0 tombstones of cra, from before " in err
    assert err.endswith("nothing was deleted\n")
    assert numbers(filled) == [729, 731, 900]


def test_yes_on_a_terminal_deletes(config, filled):
    code, out, _ = answer(config, "y\n")
    assert code == 0
    assert out.startswith("cra: deleted 2 dossiers")
    assert numbers(filled) == [729]


def test_copies_are_named(config, filled, tmp_path):
    made = back_up(tmp_path / "store.db", "0001")
    result = run_command("purge", "cra", "--older-than", "730d", "--yes", config=config)
    assert f"delete them: {made}" in result.err


def test_not_while_a_run_is_under_way(config, filled):
    with filled.lock(DEMARCHE):
        result = run_command("purge", "cra", "--older-than", "730d", "--yes", config=config)
    assert result.code == 6
    assert numbers(filled) == [729, 731, 900]


@pytest.mark.parametrize("age", ["730", "0d", "two years"])
def test_what_is_no_age(config, filled, age):
    result = run_command("purge", "cra", "--older-than", age, "--yes", config=config)
    assert result.code == 2
    assert "--older-than" in result.err
    assert numbers(filled) == [729, 731, 900]


def test_the_age_has_no_default(config, filled):
    assert run_command("purge", "cra", "--yes", config=config).code == 2
    assert numbers(filled) == [729, 731, 900]
