"""`status`: a table for people, JSON for programs, an exit code for a monitor. No token anywhere."""

import datetime as dt
import json

import pytest

from tests.cli.commands import run_command
from tests.store.samples import DEMARCHE, make_entry

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture(autouse=True)
def now_is_when_the_test_runs(monkeypatch):
    """Ages are told to the minute, and the suite takes longer than that."""
    monkeypatch.setattr(f"{__name__}.NOW", dt.datetime.now(dt.UTC))


def write_run(store, run_id, hours_ago, outcome, error=None, demarche=DEMARCHE):
    moment = NOW - dt.timedelta(hours=hours_ago)
    store.begin_run(demarche, run_id, moment)
    store.finish_run(run_id, {"outcome": outcome, "error": error}, moment)


def test_a_table(config, store):
    store.save_page(DEMARCHE, [make_entry(1), make_entry(2, valid=False)], None)
    store.set_aside(DEMARCHE, 60, "QueryTimeoutError", NOW - dt.timedelta(hours=3))
    next_try = NOW - dt.timedelta(hours=2)
    write_run(store, "a", 28, "complete")
    write_run(store, "b", 4, "failed", "the platform is down")
    result = run_command("status", config=config)
    assert (result.code, result.err) == (0, "")
    cells = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in result.out.splitlines()]
    assert cells == [
        ["démarche", "number", "dossiers", "invalid", "set aside", "deleted", "last run", "last good run"],
        ["cra", "82349", "2", "1", "1 (oldest 3 h 0 min)", "0", "failed, 4 h 0 min ago", "1 d 4 h ago"],
        ["autre", "7", "0", "0", "0", "0", "never", "never"],
        ["cra: the platform is down"],
        [f"cra: dossier 60 set aside, 1 tries, next after {next_try:%Y-%m-%d %H:%M} UTC: QueryTimeoutError"],
        ["cra: not compared with the platform yet"],
        ["cra: not proven: 1 set aside"],
    ]


def test_a_run_under_way_is_told(config, store):
    store.begin_run(DEMARCHE, "a", NOW)
    with store.lock(DEMARCHE):
        result = run_command("status", "cra", config=config)
    assert "cra: a run is under way: process " in result.out
    assert "under way" not in run_command("status", "cra", config=config).out


def test_json(config, store):
    write_run(store, "a", 1, "complete")
    result = run_command("status", "autre", "cra", "--json", config=config)
    assert [each["name"] for each in json.loads(result.out)] == ["cra", "autre"]
    assert json.loads(result.out)[0]["last_run"]["outcome"] == "complete"


def test_max_age(config, store):
    write_run(store, "a", 27, "complete")
    write_run(store, "b", 1, "complete", demarche=7)
    late = run_command("status", "--max-age", "26h", "--json", config=config)
    assert late.code == 1
    assert len(json.loads(late.out)) == 2
    assert late.err == (
        "ds-bridge: no good run within 26h: cra had its last good run 1 d 3 h ago (last run: complete)\n"
    )
    for arguments in (["--max-age", "28h"], ["autre", "--max-age", "90m"], []):
        assert run_command("status", *arguments, config=config).code == 0


def test_max_age_without_any_good_run(config, store):
    write_run(store, "a", 1, "interrupted")
    result = run_command("status", "--max-age", "26h", config=config)
    assert result.code == 1
    assert result.err == (
        "ds-bridge: no good run within 26h: cra never had a good run (last run: interrupted);"
        " autre never had a good run (last run: never)\n"
    )


def test_no_store_no_file(config, tmp_path):
    result = run_command("status", "--max-age", "26h", config=config)
    assert result.code == 1
    assert result.err.endswith("yet: run ds-bridge sync first\n")
    assert not (tmp_path / "store.db").exists()


def test_what_is_no_age(config, store):
    result = run_command("status", "--max-age", "26", config=config)
    assert (result.code, result.out) == (2, "")
    assert "like 26h" in result.err
