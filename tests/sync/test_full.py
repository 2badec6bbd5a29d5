"""`--full`: numbers and dates are compared, differences are mended, the rest is not touched."""

import datetime as dt

import pytest

from ds_bridge.config import SyncSettings
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.store import Store
from ds_bridge.sync import Stop
from tests.sync.conftest import PLAIN, Night, small_sandbox

LONG_AGO = dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)


def remove_in_silence(world, number):
    """Gone without any deletion to show for it, as an expired dossier that is not destroyed yet."""
    demarche = world.demarches[CRA_NUMBER]
    demarche._unlist(demarche.dossiers.pop(number))


@pytest.fixture
def night(store):
    with small_sandbox(40) as server:
        night = Night(server, store)
        night.demarche = PLAIN
        assert night.run().outcome == "complete"
        server.world.advance(dt.timedelta(hours=1))
        server.journal.clear()
        yield night


def pulled_at(night):
    return {each.number: each.pulled_at for each in night.store.dossiers(CRA_NUMBER)}


def test_what_is_the_same_is_not_touched(night):
    before = pulled_at(night)
    summary = night.run(full=True)
    assert (summary.outcome, summary.seen, summary.requests) == ("complete", 1, 5)
    assert pulled_at(night) == before
    assert night.asked("Dossier") == 0


def test_everything_a_walk_cannot_see(night):
    world = night.server.world
    missed, changed, vanished, restored, *same = sorted(night.stored())
    with night.store._write() as connection:
        connection.exec_driver_sql(f"DELETE FROM dossiers WHERE number = {missed}")
    world.modify(changed, {}, at=LONG_AGO, archived=True)
    remove_in_silence(world, vanished)
    world.hide_by_administration(restored)
    assert night.run().deleted == 1
    world.modify(restored, touch=False, hidden_by_administration_at=None, modified_at=LONG_AGO)
    before = pulled_at(night)
    # Nothing of this moved a date that a walk would look at.
    assert night.run().unchanged == 1
    assert night.stored() != night.shown()

    summary = night.run(full=True)
    counts = {
        key: getattr(summary, key) for key in ("created", "updated", "restored", "deleted", "set_aside")
    }
    assert counts == {"created": 1, "updated": 1, "restored": 1, "deleted": 1, "set_aside": 0}
    assert (summary.outcome, night.stored()) == ("complete", night.shown())
    assert night.tombstones() == {vanished: "vanished"}
    assert [each.reason for each in night.store.deletions(CRA_NUMBER)] == ["vanished"]
    # Those that lie together by date came by a page; the vanished one was asked for before it was buried.
    asked = [entry.variables["number"] for entry in night.server.journal.entries("Dossier")]
    assert asked == [vanished]
    assert {number: at for number, at in pulled_at(night).items() if number in same} == {
        number: at for number, at in before.items() if number in same
    }


def test_one_that_is_not_listed_but_given_is_not_buried(night):
    """A late commit behind the census: asked for by number it comes."""
    world = night.server.world
    number = sorted(night.stored())[3]

    demarche = world.demarches[CRA_NUMBER]
    demarche.by_modification.remove((demarche.dossiers[number].modified_at, number))
    summary = night.run(full=True)
    demarche.by_modification.add((demarche.dossiers[number].modified_at, number))
    assert (summary.outcome, summary.deleted, night.tombstones()) == ("complete", 0, {})
    assert number in night.stored()


def test_too_many_that_vanished_are_refused_and_yes_says_it_is_right(night):
    world = night.server.world
    gone, changed = sorted(night.stored())[:9], sorted(night.stored())[20]
    for number in gone:
        remove_in_silence(world, number)
    world.modify(changed, {}, at=LONG_AGO, archived=True)
    refused = night.run(full=True)
    assert (refused.outcome, refused.exit_code, refused.deleted) == ("failed", 2, 0)
    assert refused.error == (
        "9 of 40 dossiers are not on the platform any more, over 20 % (sync.vanish_limit_percent):"
        " none was marked as vanished; if this is right, run again with --full --yes"
    )
    # Everything else was mended.
    assert refused.updated == 1
    assert night.tombstones() == {}

    assert night.run(full=True, settings=SyncSettings(vanish_limit_percent=22)).exit_code == 2
    allowed = night.run(full=True, may_empty=True)
    assert (allowed.outcome, allowed.deleted) == ("complete", 9)
    assert night.stored() == night.shown()


def test_as_many_as_the_settings_allow(night):
    for number in sorted(night.stored())[:8]:
        remove_in_silence(night.server.world, number)
    summary = night.run(full=True)
    assert (summary.outcome, summary.deleted) == ("complete", 8)
    assert night.stored() == night.shown()


def test_a_vanished_one_that_is_deleted_after_all_says_so(night):
    world = night.server.world
    number = sorted(night.stored())[0]
    dossier = world.dossier(number)
    remove_in_silence(world, number)
    night.run(full=True)
    world.add_dossier(dossier)
    world.delete(number, "expired")
    assert night.run().deleted == 0
    assert night.tombstones() == {number: "deleted"}


def test_a_sweep_of_a_new_store_is_an_ordinary_first_run(night, tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'new.db'}") as store:
        other = Night(night.server, store)
        other.demarche = PLAIN
        summary = other.run(full=True)
        assert (summary.outcome, summary.created) == ("complete", 40)
        assert other.stored() == other.shown()


def test_a_sweep_interrupted_is_done_again(night):
    world = night.server.world
    for number in sorted(night.stored())[:6]:
        world.modify(number, {}, at=LONG_AGO, archived=True)
    night.page_size = 4
    stop = Stop()
    summary = night.run(full=True, stop=stop, progress=lambda each: each.updated == 4 and stop.request())
    assert (summary.outcome, summary.exit_code, summary.updated) == ("interrupted", 130, 4)
    assert (night.run(full=True).updated, night.stored()) == (2, night.shown())
