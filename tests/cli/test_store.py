"""`store backup|copy|check`: during a run, both ways between the databases, and what is refused."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys

import pytest

from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import Store
from tests.cli.commands import run_command, write_sandbox_config
from tests.postgres import shared_server

CRA = '[demarches.cra]\nnumber = 82349\nmodel = "ds_bridge.cra:CompteRendu"\n'


@pytest.fixture
def busy():
    with SandboxServer(seed=8, dossiers=60, requests_per_minute=None) as server:
        yield server


def dump(config, *options):
    result = run_command("dump", "cra", "--format", "ndjson", *options, config=config)
    assert result.code == 0, result.err
    return result.out


def test_a_backup_taken_during_a_run_restores_to_a_store_that_is_in_order(busy, tmp_path):
    config = write_sandbox_config(tmp_path, busy, CRA, page_size=1)
    backup = tmp_path / "backup.db"
    run = [sys.executable, "-m", "ds_bridge", "sync", "-v", "--config", str(config)]
    with subprocess.Popen(run, stderr=subprocess.PIPE, text=True) as process:
        assert any("page stored" in line for line in process.stderr)
        taken = run_command("store", "backup", str(backup), config=config)
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert taken.code == 0, taken.err
    assert re.fullmatch(rf"backed up to {backup}: \d+\.\d MiB\n", taken.err)
    checked = run_command("store", "check", str(backup), "--json", config=config)
    assert checked.code == 0, checked.out
    found = json.loads(checked.out)
    assert 1 <= found["rows"]["dossiers"] <= 60
    assert (found["damaged"], found["not_pulled_again"]["runs"]) == (False, 1)
    whole = dump(config)
    (tmp_path / "store.db").unlink()
    shutil.copy(backup, tmp_path / "store.db")
    assert run_command("sync", "--full", config=config).code == 0
    assert dump(config) == whole
    assert run_command("store", "check", config=config).out.splitlines()[0].endswith("store.db': in order")


def test_a_copy_both_ways_is_equal_dump_for_dump(busy, tmp_path):
    config = write_sandbox_config(tmp_path, busy, CRA)
    assert run_command("sync", config=config).code == 0
    server = shared_server().create_database()
    there = run_command("store", "copy", "--to", server, config=config)
    assert there.code == 0, there.err
    count = len(dump(config).splitlines())
    assert re.fullmatch(rf"copied and compared: \d+ rows, {count} dossiers\n", there.out)
    (tmp_path / "moved").mkdir()
    moved = write_sandbox_config(tmp_path / "moved", busy, CRA)
    moved.write_text(moved.read_text().replace("sqlite:///store.db", server))
    back = tmp_path / "back"
    back.mkdir()
    home = write_sandbox_config(back, busy, CRA)
    result = run_command("store", "copy", "--to", f"sqlite:///{back / 'store.db'}", "--json", config=moved)
    assert result.code == 0, result.err
    assert json.loads(result.out)["rows"]["dossiers"] == count
    assert dump(home) == dump(moved) == dump(config)
    raw = [[json.loads(line) for line in dump(each, "--raw").splitlines()] for each in (config, moved, home)]
    assert raw[0] == raw[1] == raw[2]
    # What was copied goes on where it stood, and makes its views.
    again = run_command("sync", "--json", config=moved)
    assert again.code == 0
    assert json.loads(again.out)[0]["created"] == 0
    assert run_command("anomalies", "cra", "--json", config=moved).out == (
        run_command("anomalies", "cra", "--json", config=config).out
    )


def test_what_is_refused(busy, tmp_path):
    config = write_sandbox_config(tmp_path, busy, CRA)
    early = run_command("store", "backup", str(tmp_path / "b.db"), config=config)
    assert early.code == 1
    assert early.err == f"ds-bridge: no store at '{tmp_path}/store.db' yet: run ds-bridge sync first\n"
    absent = run_command("store", "check", str(tmp_path / "b.db"), config=config)
    assert (absent.code, absent.err) == (
        2,
        f"ds-bridge: no file '{tmp_path}/b.db': give the path of a backup\n",
    )
    assert run_command("sync", config=config).code == 0
    over = run_command("store", "backup", str(config), config=config)
    assert over.code == 1
    assert over.err.endswith("it exists already: give another name, or remove it first\n")
    itself = run_command("store", "copy", "--to", f"sqlite:///{tmp_path / 'store.db'}", config=config)
    assert itself.code == 2
    assert "a copy goes into an empty store only" in itself.err
    mysql = run_command("store", "copy", "--to", "mysql://x/y", config=config)
    assert mysql.code == 2
    assert "--to: write sqlite:///path/to/file.db or postgresql://" in mysql.err
    other = run_command("store", "check", str(config), config=config)
    assert (other.code, other.out) == (1, "")
    assert "the file is not a SQLite database: give another path" in other.err


def test_damage_is_told_and_ends_with_1(busy, tmp_path):
    config = write_sandbox_config(tmp_path, busy, CRA)
    assert run_command("sync", config=config).code == 0
    connection = sqlite3.connect(tmp_path / "store.db")
    connection.execute("UPDATE dossiers SET document = 'x' WHERE number = (SELECT max(number) FROM dossiers)")
    connection.commit()
    connection.close()
    result = run_command("store", "check", config=config)
    assert result.code == 1
    lines = result.out.splitlines()
    assert lines[0].endswith(": DAMAGED")
    assert lines[1] == "  1 rows of dossiers hold a document that is not JSON"
    told = r"no pull brings back: 0 drafts, \d+ tombstones, 1 run, the purge dates of 0 démarches"
    assert re.fullmatch(told, lines[3])


def test_postgresql_says_what_backs_it_up(busy, tmp_path):
    config = write_sandbox_config(tmp_path, busy, CRA)
    config.write_text(config.read_text().replace("sqlite:///store.db", shared_server().create_database()))
    assert run_command("sync", config=config).code == 0
    result = run_command("store", "backup", "a.dump", config=config)
    assert (result.code, result.out) == (2, "")
    assert (
        "nothing was backed up: back up PostgreSQL with its own program: (umask 077 && pg_dump" in result.err
    )


def test_a_copy_during_a_run_says_what_it_may_miss(busy, tmp_path):
    config = write_sandbox_config(tmp_path, busy, CRA)
    assert run_command("sync", config=config).code == 0
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store, store.lock(82349):
        result = run_command("store", "copy", "--to", f"sqlite:///{tmp_path / 'c.db'}", config=config)
    assert result.code == 0
    assert result.err == "démarche 82349 has a run under way: the copy lacks what it writes from now on\n"
