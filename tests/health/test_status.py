"""Status: read from the store alone, counted right, late when a monitor should cry."""

import datetime as dt
import os

import pytest

from ds_bridge.config import DemarcheSettings, Settings, StoreSettings
from ds_bridge.errors import ConfigurationError, StoreError
from ds_bridge.health.status import open_existing, read_statuses
from ds_bridge.store import Checkpoint, Store
from ds_bridge.sync.ages import describe_age, parse_age
from tests.store.samples import DEMARCHE, NOON, at, make_deletion, make_entry


@pytest.fixture
def settings(tmp_path):
    return Settings(
        store=StoreSettings(url=f"sqlite:///{tmp_path / 'store.db'}"),
        demarches={"cra": DemarcheSettings(number=DEMARCHE), "autre": DemarcheSettings(number=7)},
    )


@pytest.fixture
def store(settings):
    with Store.open(settings.store.url) as store:
        yield store


def write_run(store, run_id, hours, outcome=None, error=None):
    store.begin_run(DEMARCHE, run_id, at(hours))
    if outcome:
        store.finish_run(run_id, {"outcome": outcome, "error": error}, at(hours + 1))


def read(settings, store, name="cra"):
    return read_statuses(settings, [name], store)[0]


def test_a_demarche_never_seen(settings, store):
    status = read(settings, store)
    assert status.last_outcome == "never"
    assert status.is_late(NOON, dt.timedelta(days=9999))
    assert status.describe_lateness(NOON) == "cra never had a good run (last run: never)"
    assert status.to_json(NOON) == {
        "name": "cra",
        "number": DEMARCHE,
        "dossiers": 0,
        "invalid": 0,
        "set_aside": 0,
        "oldest_set_aside": None,
        "waiting": [],
        "tombstones": 0,
        "walk_in_hand": False,
        "running": None,
        "last_run": None,
        "last_good_run": None,
        "last_good_run_age_seconds": None,
        "purged_before": None,
        "comparison": None,
        "not_proven": {"streams": [], "set_aside": 0},
        "actions": {},
    }


def test_everything_is_counted_once(settings, store):
    entries = [make_entry(number, valid=number > 2) for number in range(1, 6)]
    store.save_page(DEMARCHE, entries, Checkpoint("dossiers", since=NOON, cursor="c"))
    store.save_page(7, [make_entry(99)], None)
    store.save_deletions(DEMARCHE, "deleted", [make_deletion(1, at(1)), make_deletion(50, at(1))], None)
    store.set_aside(DEMARCHE, 60, "QueryTimeoutError", at(2))
    store.set_aside(DEMARCHE, 61, "QueryTimeoutError", at(3))
    store.set_aside(DEMARCHE, 60, "QueryTimeoutError", at(9))
    store.purge(DEMARCHE, at(-99))
    write_run(store, "a", -30, "complete")
    write_run(store, "b", -20, "failed", "the platform is down")
    shown = read(settings, store).to_json(at(-19))
    assert [(each["number"], each["tries"]) for each in shown["waiting"]] == [(60, 2), (61, 1)]
    assert shown["waiting"][1] == {
        "number": 61,
        "reason": "QueryTimeoutError",
        "tries": 1,
        "first_at": "2024-05-30T15:00:00+00:00",
        "next_try_at": "2024-05-30T16:00:00+00:00",
    }
    assert shown | {"last_run": None, "waiting": None} == {
        "name": "cra",
        "number": DEMARCHE,
        "dossiers": 4,
        "invalid": 1,
        "set_aside": 2,
        "oldest_set_aside": "2024-05-30T14:00:00+00:00",
        "waiting": None,
        "tombstones": 2,
        "walk_in_hand": True,
        "running": None,
        "last_run": None,
        "last_good_run": "2024-05-29T07:00:00+00:00",
        "last_good_run_age_seconds": 10 * 3600,
        "purged_before": "2024-05-26T09:00:00+00:00",
        "comparison": None,
        "not_proven": {"streams": [], "set_aside": 2},
        "actions": {},
    }
    assert shown["last_run"] == {
        "run_id": "b",
        "started_at": "2024-05-29T16:00:00+00:00",
        "finished_at": "2024-05-29T17:00:00+00:00",
        "outcome": "failed",
        "error": "the platform is down",
    }
    assert read(settings, store, "autre").overview.live == 1


def test_late_is_older_than_the_age_and_not_as_old(settings, store):
    write_run(store, "a", -27, "complete")
    for number in range(60):
        write_run(store, f"b{number}", -25 + number / 100, "interrupted")
    status = read(settings, store)
    assert status.last_good_at == at(-26)
    assert not status.is_late(NOON, dt.timedelta(hours=26))
    assert status.is_late(NOON, dt.timedelta(hours=25, minutes=59))
    assert status.describe_lateness(NOON) == "cra had its last good run 1 d 2 h ago (last run: interrupted)"


def test_a_run_under_way_is_told_from_one_that_was_killed(settings, store):
    write_run(store, "a", -1)
    assert read(settings, store).last_outcome == "unfinished"
    with store.lock(DEMARCHE):
        status = read(settings, store)
        assert status.last_outcome == "running"
        assert status.holder.startswith(f"process {os.getpid()} on ")
        assert read(settings, store, "autre").holder is None
    assert read(settings, store).last_outcome == "unfinished"


def test_a_holder_that_is_gone_holds_nothing(settings, store, tmp_path):
    import socket

    lock = tmp_path / f"store.db.{DEMARCHE}.lock"
    lock.write_text(f'{{"holder": "process 4194999 on {socket.gethostname()}", "since": "…"}}')
    assert store.find_lock_holder(DEMARCHE) is None
    lock.write_text(f'{{"holder": "process {os.getpid()} on elsewhere", "since": "…"}}')
    assert store.find_lock_holder(DEMARCHE) is None


def test_looking_makes_no_file(settings, tmp_path):
    with pytest.raises(StoreError, match=r"no store at .* yet: run ds-bridge sync first"):
        open_existing(settings)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "age"),
    [("90m", dt.timedelta(minutes=90)), ("26h", dt.timedelta(hours=26)), ("730d", dt.timedelta(days=730))],
)
def test_ages(text, age):
    assert parse_age(text, "--max-age") == age


@pytest.mark.parametrize("text", ["", "26", "h", "0d", "-1d", "1.5h", "26 h", "1h30m", "٣d", "9999999d"])
def test_what_is_no_age(text):
    with pytest.raises(ConfigurationError, match=r"--max-age .* is not an age: write a number and m, h or d"):
        parse_age(text, "--max-age")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "0 s"), (0.4, "0 s"), (59, "59 s"), (60, "1 min"), (3600, "1 h 0 min"), (93_780, "1 d 2 h")],
)
def test_ages_in_words(seconds, words):
    assert describe_age(dt.timedelta(seconds=seconds)) == words
