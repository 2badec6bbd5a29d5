"""The sweep that comes by itself: when, which changes without a date it finds; what is not proven is told."""

import datetime as dt
from dataclasses import replace

import pytest

from ds_bridge.config import SyncSettings
from ds_bridge.health.tongues import Language, describe_run
from ds_bridge.sandbox.dossiers import ENDED_STATES
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.sync.census import Census, Seen
from ds_bridge.sync.verdict import describe
from tests.sync.conftest import CRA, Night, small_sandbox

DAY = dt.timedelta(days=1)
START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
QUIET = 4
PENDING = "PendingDeletedDossiersPage"


@pytest.fixture
def night(store):
    with small_sandbox() as server:
        night = Night(server, store)
        night.demarche = CRA
        assert night.run().outcome == "complete"
        yield night


def publish_next(night):
    form = night.server.world.form(CRA_NUMBER)
    revision = replace(form.active, number=form.active.number + 1000)
    night.server.world.publish(CRA_NUMBER, revision)
    return revision.number


def revisions(night):
    return {each.number: each.revision for each in night.store.dossiers(CRA_NUMBER)}


def test_a_first_load_is_not_compared_and_the_days_count_from_it(night):
    world = night.server.world
    summary = night.run()
    assert (summary.compared, summary.comparison.at, summary.to_json()["comparison"]) == (False, None, None)
    world.advance(6 * DAY)
    assert (night.run().compared, night.run().requests) == (False, QUIET)
    world.advance(DAY)
    summary = night.run()
    assert (summary.outcome, summary.compared, summary.requests) == ("complete", True, QUIET + 2)
    assert summary.to_json()["comparison"] == {
        "at": summary.comparison.at.isoformat(timespec="seconds"),
        "dossiers": len(night.shown()),
        "differences": 0,
        "mended": 0,
    }
    line = f"; compared with the platform: {len(night.shown())} dossiers, 0 differences"
    assert line in describe(summary)
    # The next one is seven days away; what is known of the last is told until then.
    again = night.run()
    assert (again.compared, again.comparison) == (False, summary.comparison)
    assert "compared" not in describe(again)


@pytest.mark.parametrize(("days", "passed", "compared"), [(0, 400, False), (1, 1, True), (30, 29, False)])
def test_how_often_is_a_setting(night, days, passed, compared):
    night.server.world.advance(passed * DAY)
    assert night.run(settings=SyncSettings(sweep_days=days)).compared is compared


def test_a_store_that_never_counted_the_days_is_compared_at_once(night):
    with night.store._write() as connection:
        connection.exec_driver_sql("DELETE FROM comparisons")
    assert night.run().compared


def test_a_revision_moves_open_dossiers_without_a_date(night):
    """Publishing one rebases them; only the light walk's revision shows it."""
    before = revisions(night)
    number = publish_next(night)
    ended = {n for n, (state, _) in night.shown().items() if state in ENDED_STATES}
    assert night.run().updated <= 1  # the overlap's own
    night.server.journal.clear()
    summary = night.run(full=True)
    after = revisions(night)
    open_ones = after.keys() - ended
    assert {after[n] for n in open_ones} == {next(iter({after[n] for n in open_ones}))} != set()
    assert all(after[n] != before[n] for n in open_ones)
    assert {n: after[n] for n in ended} == {n: before[n] for n in ended}
    assert summary.comparison.differences == summary.comparison.mended >= len(open_ones) - 1
    assert str(number) not in before.values()
    # By pages: 120 dossiers in pages of 25.
    assert night.asked("Dossier") == 0
    assert night.asked("DossiersPage") <= 7
    line = f"{summary.comparison.differences} differences, {summary.comparison.differences} mended"
    assert line in describe(summary)
    french = describe_run(summary, Language.FR)
    assert f"{summary.comparison.differences} écarts, {summary.comparison.mended} réparés" in french


def test_a_few_that_lie_apart_are_asked_for_by_number(night):
    numbers = sorted(night.stored(), key=lambda n: night.stored()[n][1])[::50]
    with night.store._write() as connection:
        for number in numbers:
            connection.exec_driver_sql(f"DELETE FROM dossiers WHERE number = {number}")
    night.server.journal.clear()
    summary = night.run(full=True)
    asked = {entry.variables["number"] for entry in night.server.journal.entries("Dossier")}
    assert asked == set(numbers)
    assert (summary.comparison.differences, summary.comparison.mended) == (len(numbers), len(numbers))


def test_what_cannot_be_given_is_a_difference_that_is_not_mended(night):
    number = sorted(night.stored(), key=lambda n: night.stored()[n][1])[60]
    with night.store._write() as connection:
        connection.exec_driver_sql(f"DELETE FROM dossiers WHERE number = {number}")
    night.server.faults.poison(number)
    summary = night.run(full=True)
    assert (summary.comparison.differences, summary.comparison.mended) == (1, 0)
    assert summary.to_json()["not_proven"] == {"streams": [], "set_aside": 1}


def test_a_cursor_refused_in_the_middle_costs_requests_and_no_dossier(night):
    before = set(revisions(night).values())
    publish_next(night)
    night.server.faults.add(
        Fault(action="refused_cursor", operation="DossiersPage", after_cursor=True, times=1)
    )
    summary = night.run(full=True)
    assert summary.outcome == "complete"
    assert summary.comparison.differences == summary.comparison.mended
    # The ended ones stay on theirs.
    left = {n for n, of in revisions(night).items() if of in before}
    assert left == {n for n, (state, _) in night.shown().items() if state in ENDED_STATES}


# --- a stream of deletions that the platform cannot give


def test_a_lost_stream_fails_one_night_and_the_sweep_finds_what_was_deleted(night):
    world, faults = night.server.world, night.server.faults
    faults.add(Fault(action="timeout", partial=False, operation=PENDING))
    first = night.run()
    assert (first.outcome, first.exit_code, first.lost_streams) == ("failed", 4, ("pending",))
    hidden = sorted(night.stored())[7]
    world.hide_by_user(hidden)
    night.server.journal.clear()
    second = night.run()
    assert (second.outcome, second.exit_code, second.lost_streams) == ("complete", 0, ("pending",))
    assert night.asked(PENDING) <= 3  # a bounded number of tries of the smallest page
    assert second.to_json()["not_proven"]["streams"] == ["pending"]
    assert "pending deletions not followed (see: ds-bridge status cra)" in describe(second)
    assert "suppressions en attente non suivies" in describe_run(second, Language.FR)
    assert hidden in night.stored()

    world.advance(7 * DAY)
    third = night.run()
    assert (third.outcome, third.compared) == ("complete", True)
    assert night.tombstones()[hidden] == "vanished"
    (lost,) = night.store.list_lost_streams(CRA_NUMBER)
    assert lost.kind == "pending"
    assert lost.since < third.comparison.at - 6 * DAY

    faults.clear()
    assert (night.run().lost_streams, night.store.list_lost_streams(CRA_NUMBER)) == ((), [])
    assert night.tombstones()[hidden] == "pending"


def test_without_sweeps_a_lost_stream_fails_every_night(night):
    night.server.faults.add(Fault(action="timeout", partial=False, operation=PENDING))
    for _ in range(2):
        assert night.run(settings=SyncSettings(sweep_days=0)).exit_code == 4


# --- stretches


def stretches(count, wanted, *, size=10, worth=2, seconds=60):
    with Census() as census:
        census.add(Seen(n, START + dt.timedelta(seconds=seconds * n)) for n in range(count))
        for n in wanted:
            census.want(n)
        return [each.numbers for each in census.stretches(size, worth)]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ([], []),
        ([5], [(5,)]),
        ([5, 50], [(5,), (50,)]),
        ([5, 6, 50, 51], [(5, 6), (50, 51)]),
        (range(100), [tuple(range(100))]),
        ([*range(20), 40], [tuple(range(20)), (40,)]),
        ([0, 1, 15, 16], [(0, 1), (15, 16)]),
        ([99], [(99,)]),
    ],
)
def test_what_lies_together_is_a_stretch(wanted, found):
    assert stretches(100, wanted) == found


def test_a_thousand_of_one_second_are_one_stretch():
    wanted = range(0, 1000, 5)
    assert stretches(1000, wanted, seconds=0) == [tuple(wanted)]


def test_a_stretch_holds_a_bounded_number():
    found = stretches(12_000, range(12_000), size=100)
    assert max(map(len, found)) <= 5100
    assert [n for each in found for n in each] == list(range(12_000))
