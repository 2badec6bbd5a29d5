"""A dossier on which every query fails: the run names it, sets it aside and goes on; later runs ask again."""

import datetime as dt

import pytest

from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.store import Store
from tests.stores import new_sqlite
from tests.sync.conftest import PLAIN, Night, small_sandbox
from tests.sync.test_full import remove_in_silence

KINDS = ["server_error", "invalid_null", "timeout"]
PLACES = {"first": [0], "middle": [543], "last": [999], "two neighbours": [543, 544]}
# The form, ten pages, one page of each stream of deletions.
CLEAN = 13
HOUR = dt.timedelta(hours=1)


def in_order(server):
    """Numbers in the order of the walk."""
    return [number for _, number in server.world.demarches[CRA_NUMBER].by_modification.forward()]


@pytest.fixture(scope="module")
def thousand():
    with small_sandbox(1000) as server:
        yield server


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        pytest.param(kind, place, marks=() if (kind, place) == (KINDS[0], "middle") else pytest.mark.long)
        for kind in KINDS
        for place in PLACES
    ],
)
def test_one_among_a_thousand_costs_few_requests_and_nobody_else(thousand, tmp_path, kind, place):
    poison = {in_order(thousand)[index] for index in PLACES[place]}
    for number in poison:
        thousand.faults.poison(number, kind)
    with Store.open(new_sqlite(tmp_path)) as store:
        night = Night(thousand, store)
        night.demarche, night.page_size = PLAIN, 100
        summary = night.run()
        thousand.faults.clear()
        assert (summary.outcome, summary.error, summary.exit_code) == ("complete", None, 0)
        assert (summary.seen, summary.created, summary.set_aside) == (1000 - len(poison),) * 2 + (
            len(poison),
        )
        assert {number for number, _ in store.modification_dates(CRA_NUMBER)} == (
            set(in_order(thousand)) - poison
        )
        assert night.aside() == dict.fromkeys(poison, 1)
        (reason,) = {each.reason.split(":")[0] for each in store.list_set_aside(CRA_NUMBER)}
        assert (
            reason
            == {
                "server_error": "ServerFaultError",
                "invalid_null": "BadDataError",
                "timeout": "QueryTimeoutError",
            }[kind]
        )
        assert summary.requests - CLEAN <= 40
        assert sum(night.waits) <= 60 * len(poison)


def test_dossiers_that_the_platform_names_cost_one_request_and_nobody_else(thousand, tmp_path):
    """Three in two pages, two of them neighbours: each page is kept, and its numbers are asked for once."""
    poison = {in_order(thousand)[index] for index in (43, 44, 543)}
    for number in poison:
        thousand.faults.poison(number, "invalid_null")
    with Store.open(new_sqlite(tmp_path)) as store:
        night = Night(thousand, store)
        night.demarche, night.page_size = PLAIN, 100
        thousand.journal.clear()
        summary = night.run()
        thousand.faults.clear()
        assert (summary.outcome, summary.created, summary.set_aside) == ("complete", 997, 3)
        assert night.aside() == dict.fromkeys(poison, 1)
        assert summary.requests - CLEAN == night.asked("DossierNumbersPage") == 2


@pytest.mark.parametrize("kind", ["server_error", "invalid_null", "timeout"])
def test_a_query_that_fails_on_every_dossier_is_to_blame_itself(store, kind):
    """A field that the platform cannot serve: not a hundred bad dossiers, and no complete run."""
    with small_sandbox(40) as server:
        for number in in_order(server):
            server.faults.poison(number, kind)
        night = Night(server, store)
        night.demarche = PLAIN
        summary = night.run()
        assert (summary.outcome, summary.exit_code, summary.seen) == ("failed", 4, 0)
        assert "the query or the instance is at fault, not the dossiers" in summary.error
        assert 3 <= summary.set_aside <= 25
        assert night.asked() <= 40

        server.faults.clear()
        server.world.advance(2 * HOUR)
        assert night.run().outcome == "complete"
        assert night.stored() == night.shown()


def test_a_demarche_of_one_dossier_that_cannot_be_pulled_is_not_complete(store):
    with small_sandbox(1) as server:
        server.faults.poison(in_order(server)[0])
        night = Night(server, store)
        night.demarche = PLAIN
        summary = night.run()
        assert (summary.outcome, summary.exit_code, summary.set_aside) == ("failed", 4, 1)
        assert "no dossier of the démarche can be pulled" in summary.error


@pytest.fixture(scope="module")
def server():
    with small_sandbox(40) as server:
        yield server


@pytest.fixture
def poisoned(server, store):
    """A night, and a dossier of the far past that was set aside in its first run."""
    night = Night(server, store)
    night.demarche = PLAIN
    number = in_order(server)[3]
    server.faults.poison(number)
    assert (night.run().outcome, night.aside()) == ("complete", {number: 1})
    server.journal.clear()
    yield night, number
    server.faults.clear()


def test_what_is_not_due_is_not_asked_for(poisoned):
    night, number = poisoned
    night.server.world.advance(HOUR - dt.timedelta(minutes=1))
    summary = night.run()
    assert (summary.outcome, summary.set_aside, summary.requests) == ("complete", 1, 4)
    assert (night.asked("Dossier"), night.aside()) == (0, {number: 1})


def test_a_sweep_does_not_ask_before_the_time_either(poisoned):
    night, number = poisoned
    summary = night.run(full=True)
    assert (summary.outcome, summary.deleted) == ("complete", 0)
    assert (night.asked("Dossier"), night.aside()) == (0, {number: 1})


def test_what_fails_again_waits_twice_as_long(poisoned):
    night, number = poisoned
    waits = []
    for tries in range(2, 13):
        due = night.store.list_set_aside(CRA_NUMBER)[0].next_try_at
        night.server.world.advance(due - night.server.world.now() + dt.timedelta(seconds=2))
        summary = night.run()
        assert (summary.outcome, summary.set_aside, night.aside()) == ("complete", 1, {number: tries})
        (entry,) = night.store.list_set_aside(CRA_NUMBER)
        waits.append((entry.next_try_at - entry.last_at) / HOUR)
    assert waits == [2, 4, 8, 16, 32, 64, 128, 168, 168, 168, 168]
    assert night.asked("Dossier") == 11 * 3


def test_what_is_cured_comes_and_is_forgotten(poisoned):
    night, number = poisoned
    night.server.faults.cure(number)
    night.server.world.advance(2 * HOUR)
    summary = night.run()
    assert (summary.outcome, summary.set_aside, summary.created) == ("complete", 0, 1)
    assert (night.asked("Dossier"), night.aside()) == (1, {})
    assert night.stored() == night.shown()


def test_what_is_modified_comes_with_the_walk_before_it_is_due(poisoned):
    night, number = poisoned
    night.server.faults.cure(number)
    night.server.world.modify(number)
    summary = night.run()
    assert (summary.created, summary.set_aside, night.asked("Dossier")) == (1, 0, 0)


@pytest.mark.parametrize("gone", ["deleted", "pending"])
def test_what_is_gone_is_forgotten(store, gone):
    with small_sandbox(10) as server:
        night = Night(server, store)
        number = in_order(server)[3]
        server.faults.poison(number)
        night.run()
        server.world.hide_by_administration(number)
        if gone == "deleted":
            server.world.delete(number)
        summary = night.run()
        assert (summary.outcome, summary.set_aside, night.aside()) == ("complete", 0, {})
        assert night.tombstones() == {number: gone}


def test_a_dossier_known_already_keeps_its_last_good_version(server, store):
    night = Night(server, store)
    night.demarche = PLAIN
    night.run()
    number, before = in_order(server)[7], night.stored()
    server.world.advance(HOUR)
    server.world.modify(number)
    server.faults.poison(number)
    summary = night.run()
    assert (summary.outcome, summary.set_aside, summary.updated) == ("complete", 1, 0)
    assert night.stored() == before
    server.faults.clear()
    server.world.advance(2 * HOUR)
    assert night.run().updated == 1
    assert night.stored() == night.shown()


def test_one_met_by_the_walk_in_the_run_it_is_due_counts_one_try(server, store):
    """The newest dossier is in every walk's overlap."""
    night = Night(server, store)
    night.demarche = PLAIN
    number = in_order(server)[-1]
    server.faults.poison(number)
    for tries in (1, 2, 3):
        assert night.run().set_aside == 1
        assert night.aside() == {number: tries}
        server.world.advance(dt.timedelta(days=1))
    server.faults.clear()
    assert (night.run().set_aside, night.aside()) == (0, {})


def test_a_platform_that_gives_no_dossier_by_number_is_not_asked_for_all_of_them(store, told):
    with small_sandbox(60) as server:
        night = Night(server, store)
        night.demarche = PLAIN
        at = server.world.now()
        for number in range(1, 61):
            store.set_aside(CRA_NUMBER, number, "long ago", at - dt.timedelta(hours=3 + number))
        fault = server.faults.add(Fault(action="server_error", operation="Dossier"))
        summary = night.run()
        assert (summary.outcome, summary.set_aside) == ("complete", 60)
        assert night.asked("Dossier") == 25 * 3
        # Those that waited longest came first.
        assert {number for number, tries in night.aside().items() if tries == 2} == set(range(36, 61))
        (event,) = told("the other dossiers set aside wait for the next run")
        assert event["left"] == 35

        server.faults.remove(fault)
        assert night.run().set_aside == 25  # the others do not exist: nothing to wait for


def test_a_sweep_ends_when_no_dossier_comes_by_number(store):
    with small_sandbox(60) as server:
        night = Night(server, store)
        night.demarche = PLAIN
        night.run()
        for number in in_order(server)[:30]:
            remove_in_silence(server.world, number)
        server.faults.add(Fault(action="server_error", operation="Dossier"))
        summary = night.run(full=True, may_empty=True)
        assert (summary.outcome, summary.exit_code, summary.set_aside) == ("failed", 4, 11)
        assert "11 dossiers in a row cannot be read by number" in summary.error


def test_a_fault_of_the_model_costs_one_document_not_the_night(server, store, monkeypatch, told):
    """A rule of somebody's own model that stumbles over one dossier."""
    from ds_bridge.cra import CompteRendu

    number = in_order(server)[5]

    def stumble(value, context):
        if value.dossier.number == number:
            raise TypeError("jeanne@example.org is not a number")
        return []

    monkeypatch.setattr(CompteRendu, "rules", (*CompteRendu.rules, stumble))
    night = Night(server, store)
    summary = night.run()
    assert (summary.outcome, summary.created) == ("complete", 40)
    assert night.stored() == night.shown()
    found = [each for each in store.anomalies(CRA_NUMBER) if each.number == number]
    assert [(each.code, each.severity) for each in found] == [("fault", "error")]
    assert "TypeError" in found[0].message
    assert "test_poison.py" in found[0].message
    assert "jeanne" not in found[0].message
    assert [event["dossier"] for event in told("dossier not mapped")] == [number]
