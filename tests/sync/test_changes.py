"""The platform changes while it is walked, and behind what was walked: the store ends up equal to it.

The script runs between two pages, from `progress`. Where a difference may rightly remain until the next run
(a change behind the last page), the row says so.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from ds_bridge.config import SyncSettings
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.store import Store
from ds_bridge.sync import Stop
from tests.stores import new_sqlite
from tests.sync.conftest import PLAIN, Night, small_sandbox

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def in_order(world):
    """Numbers in the order of the walk."""
    return [number for _, number in world.demarches[CRA_NUMBER].by_modification.forward()]


def early(world):
    """The first dossiers that are `en_construction`: their usagers can hide them."""
    return [number for number in in_order(world) if world.dossier(number).state == "en_construction"]


@dataclass(frozen=True)
class Row:
    """`change` happens once so many pages are stored; the first run's counts must be exactly `expected`."""

    name: str
    change: Callable
    expected: dict
    after: int = 2

    def __str__(self) -> str:
        return self.name


def modify_passed(world):
    world.modify(in_order(world)[1])


def modify_ahead(world):
    world.modify(in_order(world)[-1])


def add(world):
    world.add_dossiers(3)


def delete_passed(world):
    world.delete(in_order(world)[1])


def delete_ahead(world):
    world.delete(in_order(world)[-1])


def hide_passed(world):
    world.hide_by_administration(in_order(world)[1])


def hide_ahead(world):
    world.hide_by_administration(in_order(world)[-1])


def hide_by_user(world):
    world.hide_by_user(early(world)[0])


def restore_what_was_hidden(world):
    hidden = [n for n, dossier in world.demarches[CRA_NUMBER].dossiers.items() if dossier.is_pending_deletion]
    for number in hidden:
        world.restore(number)


def hide_then_restore(world):
    number = in_order(world)[1]
    world.hide_by_administration(number)
    world.advance(MINUTE)
    world.restore(number)


def empty_the_rest(world):
    for number in in_order(world)[20:]:
        world.hide_by_administration(number)


def late_commit(world):
    world.modify(in_order(world)[30], at=world.dossier(in_order(world)[15]).modified_at)


# 40 dossiers in pages of 10, two of them hidden at first; a page of each stream of deletions.
ROWS = [
    Row("one that has passed is modified: twice", modify_passed, {"seen": 39, "created": 38, "updated": 1}),
    Row("one ahead is modified", modify_ahead, {"seen": 38, "created": 38}),
    Row("three are added", add, {"seen": 41, "created": 41}),
    Row("one that has passed is deleted", delete_passed, {"seen": 38, "created": 38, "deleted": 3}),
    Row("one ahead is deleted", delete_ahead, {"seen": 37, "created": 37, "deleted": 3}),
    Row("one that has passed is hidden", hide_passed, {"seen": 38, "created": 38, "deleted": 3}),
    Row("one ahead is hidden", hide_ahead, {"seen": 37, "created": 37, "deleted": 3}),
    Row("its user hides one", hide_by_user, {"deleted": 3}),
    Row("what was hidden is restored", restore_what_was_hidden, {"seen": 40, "created": 40, "deleted": 0}),
    Row(
        "hidden and restored between two pages", hide_then_restore, {"seen": 39, "created": 38, "updated": 1}
    ),
    Row("all that was left is hidden", empty_the_rest, {"seen": 21, "created": 20, "deleted": 20}),
]


def make_night(server, store):
    night = Night(server, store)
    night.demarche, night.page_size = PLAIN, 10
    for number in in_order(server.world)[4:6]:
        server.world.hide_by_administration(number)
    server.world.advance(HOUR)
    return night


def between_pages(world, change, after):
    def strike(reached):
        if getattr(reached, "pages", reached) == after:
            change(world)

    return strike


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_change_between_two_pages(tmp_path, row):
    with (
        small_sandbox(40) as server,
        Store.open(new_sqlite(tmp_path)) as store,
    ):
        night = make_night(server, store)
        summary = night.run(behind_page=between_pages(server.world, row.change, row.after))
        counts = {"updated": 0, "deleted": 2} | row.expected
        assert (summary.outcome, summary.error) == ("complete", None)
        assert {key: getattr(summary, key) for key in counts} == counts
        assert night.stored() == night.shown()
        assert night.run().outcome == "complete"
        assert night.stored() == night.shown()


def test_all_of_them_at_once_page_after_page(server, store):
    night = make_night(server, store)
    changes = [row.change for row in ROWS[:-1]]

    def strike(page):
        if changes:
            server.world.advance(MINUTE)
            changes.pop()(server.world)

    assert night.run(behind_page=strike).outcome == "complete"
    assert not changes
    assert night.run().outcome == "complete"
    assert night.stored() == night.shown()


def test_a_dossier_that_is_modified_at_every_page_does_not_keep_the_walk_busy(server, store):
    night = make_night(server, store)
    number = in_order(server.world)[0]
    summary = night.run(behind_page=lambda _: server.world.modify(number))
    # Every dossier once, and this one once more at the end: then the last page has no next one.
    assert (summary.outcome, summary.seen, summary.created) == ("complete", 119, 118)
    assert night.run().outcome == "complete"
    assert night.stored() == night.shown()


# --- what commits late


@pytest.mark.parametrize("minutes", [0, 1, 9])
def test_a_late_commit_behind_the_last_page_is_in_the_next_overlap(server, store, minutes):
    night = make_night(server, store)
    night.run()
    world = server.world
    world.modify(in_order(world)[-1])  # the walk gets to the present
    assert night.run().updated == 1
    late = in_order(world)[3]
    world.modify(late, {}, at=world.now() - minutes * MINUTE, archived=True)
    assert (night.run().updated, night.stored()) == (1, night.shown())
    stored = next(each for each in store.dossiers(CRA_NUMBER) if each.number == late)
    assert stored.archived is True


def test_a_late_commit_behind_the_cursor_of_an_interrupted_run(server, store):
    """The run is stopped near the present, goes on a day later, and only then ends."""
    night = make_night(server, store)
    night.run()
    world = server.world
    late, *others = in_order(world)[:25]
    for number in others:
        world.modify(number)
    stop = Stop()
    night.run(stop=stop, progress=between_pages(world, lambda _: stop.request(), 2))
    world.modify(late, at=world.now() - 2 * MINUTE)
    world.advance(DAY)
    for number in others[:15]:
        world.modify(number)
    assert night.run().outcome == "complete"
    world.advance(DAY)
    assert night.run().outcome == "complete"
    assert night.stored() == night.shown()


def test_a_late_commit_behind_a_run_that_stood_still(server, store):
    """Between two pages near the present an hour passes: a long wait, a slow platform."""
    night = make_night(server, store)
    night.run()
    world = server.world
    late, *others = in_order(world)[:25]
    for number in others:
        world.modify(number)

    def stand_still(page):
        if page == 1:
            world.modify(late, at=world.now() - 2 * MINUTE)
            world.advance(HOUR)
            world.add_dossiers(1)

    assert night.run(behind_page=stand_still).outcome == "complete"
    assert night.run().outcome == "complete"
    assert night.stored() == night.shown()


def test_a_dossier_dated_in_the_future_does_not_pull_the_others_start_ahead(server, store):
    night = make_night(server, store)
    world = server.world
    world.modify(in_order(world)[0], at=world.now() + 400 * DAY)
    night.run()
    for _ in range(2):
        world.advance(DAY)
        world.modify(in_order(world)[0])
        assert night.run().updated == 1
        assert night.stored() == night.shown()


def test_a_dossier_modified_while_it_is_read_does_not_move_the_start(server, store):
    """It shows a date far ahead of its place: a run killed there must not start again from that date."""
    night = make_night(server, store)
    world = server.world
    poison = in_order(world)[12]
    server.faults.add(Fault(action="server_error", dossier=poison, operation="DossiersPage"))

    def modify(operation, seconds):
        # No page with it can be read; the light one has named it, and it is about to be asked for.
        if operation == "DossierNumbersPage":
            world.modify(poison)

    class Killed(BaseException):
        pass

    def kill(summary):
        if summary.seen == 13:
            raise Killed

    night.on_request = modify
    with pytest.raises(Killed):
        night.run(progress=kill)
    assert poison in night.stored()
    night.on_request = None
    server.faults.clear()
    night.server.faults.add(Fault(action="refused_cursor", after_cursor=True, times=1))
    assert night.run().outcome == "complete"
    assert night.stored() == night.shown()


def test_without_an_overlap_nothing_on_time_is_lost(server, store):
    night = make_night(server, store)
    settings = SyncSettings(overlap_minutes=0, deletion_overlap_days=0)
    night.run(settings=settings)
    world = server.world
    for _ in range(3):
        world.advance(HOUR)
        world.modify(in_order(world)[0])
        world.add_dossiers(2)
        world.hide_by_administration(in_order(world)[1])
        world.delete(in_order(world)[2])
        assert night.run(settings=settings).outcome == "complete"
        assert night.stored() == night.shown()


# --- deletions


def test_a_page_without_deletions_keeps_the_checkpoint(server, store):
    night = make_night(server, store)
    night.run()
    before = store.read_checkpoint(CRA_NUMBER, "pending")
    assert before.high_water is not None
    restore_what_was_hidden(server.world)
    server.world.advance(30 * DAY)
    assert night.run().outcome == "complete"
    assert store.read_checkpoint(CRA_NUMBER, "pending") == before
    assert store.read_checkpoint(CRA_NUMBER, "deleted").high_water is None


@pytest.mark.parametrize(
    ("operation", "kind"), [("DeletedDossiersPage", "deleted"), ("PendingDeletedDossiersPage", "pending")]
)
def test_a_stream_of_deletions_that_fails_is_told_and_catches_up(server, store, told, operation, kind):
    night = make_night(server, store)
    night.run()
    world = server.world
    first, second, third = early(world)[:3]
    world.delete(first)
    world.hide_by_administration(second)
    world.modify(third)
    server.faults.add(Fault(action="status", status=503, operation=operation))
    summary = night.run()
    assert (summary.outcome, summary.exit_code) == ("failed", 4)
    assert summary.error == (
        f"{kind} dossiers could not be followed: {operation}: the platform failed (HTTP 503)"
        " (tried 3 times) (the dossiers themselves were pulled)"
    )
    # The dossiers and the other stream were pulled.
    assert (summary.updated, summary.deleted) == (1, 1)
    assert [event["kind"] for event in told("deletions not followed")] == [kind]
    server.faults.clear()
    summary = night.run()
    assert (summary.outcome, summary.deleted) == ("complete", 1)
    assert night.stored() == night.shown()
    assert (night.tombstones()[first], night.tombstones()[second]) == ("deleted", "pending")


def test_both_streams_that_fail_are_told(server, store):
    night = make_night(server, store)
    for operation in ("DeletedDossiersPage", "PendingDeletedDossiersPage"):
        server.faults.add(Fault(action="server_error", operation=operation))
    summary = night.run()
    assert (summary.exit_code, summary.created) == (4, 118)
    assert "deleted dossiers could not be followed" in summary.error
    assert "; pending dossiers could not be followed" in summary.error


def test_a_deletion_dated_back_to_when_its_user_hid_it(server, store):
    night = make_night(server, store)
    night.run()
    world = server.world
    number = early(world)[0]
    world.hide_by_user(number)
    world.advance(5 * DAY)
    world.delete(early(world)[1])  # moves the highest date of deletions past the other's
    night.run()
    world.delete(number)
    assert night.run().outcome == "complete"
    assert night.tombstones()[number] == "deleted"
    assert store.count(CRA_NUMBER) == len(night.shown())


def test_hidden_long_ago_and_back_in_construction(server, store):
    """Hidden by its user while instructed it stays listed; sent back, it is gone at once, dated before."""
    night = make_night(server, store)
    world = server.world
    number = next(n for n in in_order(world) if world.dossier(n).state == "en_instruction")
    world.hide_by_user(number)
    world.advance(HOUR)
    night.run()
    world.modify(number)
    assert (night.run().updated, number in night.stored()) == (1, True)
    world.advance(DAY)
    world.change_state(number, "en_construction")
    assert night.run().deleted == 1
    assert night.stored() == night.shown()
    assert night.tombstones()[number] == "pending"


def test_restored_and_hidden_again_and_again(server, store):
    night = make_night(server, store)
    world = server.world
    number = early(world)[0]
    for _ in range(3):
        world.advance(MINUTE)
        world.hide_by_user(number)
        night.run()
        assert number not in night.stored()
        world.advance(MINUTE)
        world.restore(number)
        night.run()
        assert number in night.stored()
    assert night.stored() == night.shown()


def test_a_number_deleted_before_it_was_ever_pulled(server, store):
    world = server.world
    number = early(world)[0]
    world.delete(number)
    night = make_night(server, store)
    night.run()
    (tombstone,) = (each for each in store.deletions(CRA_NUMBER) if each.number == number)
    assert (tombstone.kind, tombstone.pulled) == ("deleted", False)
