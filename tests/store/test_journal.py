"""Checkpoints, runs, dossiers set aside, forms."""

from __future__ import annotations

from datetime import timedelta

from ds_bridge.store import Checkpoint, FormCheck, SetAside, Store
from tests.store.samples import DEMARCHE, NOON, PARIS, at, make_checkpoint


def test_checkpoints_are_kept_by_demarche_and_stream(store: Store) -> None:
    assert store.read_checkpoint(DEMARCHE, "dossiers") is None
    store.save_checkpoint(DEMARCHE, make_checkpoint("a"))
    store.save_checkpoint(DEMARCHE, make_checkpoint("b", "pending"))
    store.save_checkpoint(7, make_checkpoint("c"))
    store.save_checkpoint(DEMARCHE, Checkpoint("dossiers", high_water=at(5).astimezone(PARIS)))
    assert store.read_checkpoint(DEMARCHE, "dossiers") == Checkpoint("dossiers", high_water=at(5))
    assert store.read_checkpoint(DEMARCHE, "pending") == make_checkpoint("b", "pending")
    assert store.read_checkpoint(7, "dossiers") == make_checkpoint("c")
    assert store.read_checkpoint(DEMARCHE, "deleted") is None


def test_runs_come_newest_first_and_an_unfinished_one_shows(store: Store) -> None:
    store.begin_run(DEMARCHE, "r1", NOON)
    store.finish_run("r1", {"outcome": "complete", "seen": 3}, at(0.5))
    store.begin_run(DEMARCHE, "r2", at(24))
    store.begin_run(7, "r3", at(25))
    assert store.last_runs(DEMARCHE) == [
        {"run_id": "r2", "demarche": DEMARCHE, "started_at": at(24), "finished_at": None, "summary": None},
        {
            "run_id": "r1",
            "demarche": DEMARCHE,
            "started_at": NOON,
            "finished_at": at(0.5),
            "summary": {"outcome": "complete", "seen": 3},
        },
    ]
    assert [run["run_id"] for run in store.last_runs(DEMARCHE, 1)] == ["r2"]


def test_a_dossier_set_aside_waits_longer_each_time_up_to_a_week(store: Store) -> None:
    waits = []
    for day in range(12):
        entry = store.set_aside(DEMARCHE, 5, "timeout", at(24 * day))
        waits.append(entry.next_try_at - entry.last_at)
    hours = [wait / timedelta(hours=1) for wait in waits]
    assert hours == [1, 2, 4, 8, 16, 32, 64, 128, 168, 168, 168, 168]
    assert store.list_set_aside(DEMARCHE) == [
        SetAside(5, "timeout", 12, NOON, at(24 * 11), at(24 * 11) + timedelta(days=7))
    ]


def test_set_aside_lists_what_is_due_and_forgets_what_came(store: Store) -> None:
    store.set_aside(DEMARCHE, 9, "invalid_null", NOON)
    store.set_aside(DEMARCHE, 5, "timeout", at(3))
    store.set_aside(7, 6, "timeout", NOON)
    assert [entry.number for entry in store.list_set_aside(DEMARCHE)] == [5, 9]
    assert [entry.number for entry in store.list_set_aside(DEMARCHE, due=at(1))] == [9]
    assert store.list_set_aside(DEMARCHE, due=at(0.9)) == []
    assert store.clear_set_aside(DEMARCHE, 9) is True
    assert store.clear_set_aside(DEMARCHE, 9) is False
    assert [entry.number for entry in store.list_set_aside(DEMARCHE)] == [5]
    assert store.set_aside(DEMARCHE, 9, "timeout", at(9)).tries == 1, "counted anew once it came"


def test_a_form_is_kept_whole_with_its_name(store: Store) -> None:
    assert store.read_form(DEMARCHE) is None
    form = {"title": "Compte-rendu d’activité", "activeRevision": {"id": "x", "champDescriptors": []}}
    store.save_form(DEMARCHE, "cra", form)
    store.save_form(DEMARCHE, None, form | {"title": "CRA"})
    stored = store.read_form(DEMARCHE)
    assert stored == form | {"title": "CRA"}
    assert list(stored) == ["title", "activeRevision"]
    with store._read() as connection:
        assert connection.exec_driver_sql("SELECT name FROM demarches").scalars().all() == ["cra"]


def test_the_last_check_of_a_form_replaces_the_one_before(store: Store) -> None:
    assert store.read_form_check(DEMARCHE) is None
    store.save_form_check(DEMARCHE, FormCheck("UmV2aXNpb24tMQ==", "aa", NOON))
    store.save_form_check(7, FormCheck(None, "bb", NOON))
    check = FormCheck("UmV2aXNpb24tMg==", "cc", at(5))
    store.save_form_check(DEMARCHE, check)
    assert store.read_form_check(DEMARCHE) == check
    assert store.read_form_check(7) == FormCheck(None, "bb", NOON)
