"""A first load in parallel: the same store as in order, whatever happens to the platform or to the run."""

import datetime as dt

import pytest

from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.store import Checkpoint, Store
from ds_bridge.sync import Parallel, Stop
from ds_bridge.sync.pulled import Pulled
from tests.stores import new_sqlite
from tests.sync.conftest import CRA, PLAIN, Night, fingerprint_of, read_raw

WAYS = ["ends", "states", "groupes"]
NOM = 3566491
DAY = dt.timedelta(days=1)


class Killed(BaseException):
    """The run dies here."""


def die(summary):
    raise Killed


def dump(store):
    """All that a dump could show: number, state, content as pulled and as mapped."""
    return [
        (
            each.number,
            each.state,
            each.modified_at,
            each.document,
            each.valid,
            fingerprint_of(each.raw),
        )
        for each in store.dossiers(CRA_NUMBER)
    ]


def check_equal(night):
    """The store is the platform, and no load is in hand any more."""
    truth = read_raw(night.server)
    stored = {each.number: fingerprint_of(each.raw) for each in night.store.dossiers(CRA_NUMBER)}
    assert stored == {number: fingerprint_of(raw) for number, raw in truth.items()}
    assert night.store.read_load(CRA_NUMBER) == []
    assert not night.store.overview(CRA_NUMBER).walk_in_hand
    checkpoint = night.store.read_checkpoint(CRA_NUMBER, "dossiers")
    assert checkpoint.cursor is None
    assert checkpoint.high_water is not None


def oldest(night):
    """Numbers in the order of modification."""
    order = night.server.world.demarches[CRA_NUMBER].by_modification
    return [number for _, number in order.forward()]


def long(*values):
    return pytest.param(*values, marks=pytest.mark.long)


@pytest.fixture
def night(night):
    """Without a model: what is mapped is the same whoever walks, and one test says so."""
    night.demarche = PLAIN
    return night


@pytest.fixture(autouse=True)
def groupes(server):
    """Four groupes instructeurs, and dossiers that have none."""
    for number in list(server.world.demarches[CRA_NUMBER].dossiers):
        server.world.modify(number, touch=False, groupe=None if number % 31 == 0 else number % 4)


@pytest.mark.parametrize(
    ("way", "walkers"),
    [("ends", 2), ("ends", 1), ("states", 2), ("states", 4), ("groupes", 2), ("groupes", 1)],
)
def test_the_store_is_the_same_as_in_order(night, tmp_path, way, walkers):
    for number in oldest(night)[:6:2]:
        night.server.world.delete(number)
    (tmp_path / "in order").mkdir()
    with Store.open(new_sqlite(tmp_path / "in order")) as store:
        in_order = Night(night.server, store)
        in_order.page_size = 7
        assert in_order.run().error is None
        expected, tombstones = dump(store), in_order.tombstones()
    night.demarche, night.page_size = CRA, 7
    before = night.asked()
    summary = night.run(parallel=Parallel(way, walkers))
    assert (summary.outcome, summary.error, summary.created) == ("complete", None, len(expected))
    assert not summary.resumed
    assert dump(night.store) == expected
    assert night.tombstones() == tombstones
    check_equal(night)
    # All were counted, up to those still on their way when two ends met.
    assert summary.requests <= night.asked() - before <= summary.requests + walkers


@pytest.mark.parametrize("way", ["ends", "states", "groupes"])
def test_a_load_into_a_store_that_has_them_brings_what_changed(night, way):
    """The store holds an older version of each and no date to start from, so only this load can bring them:
    the walk by date starts from the newest."""
    assert night.run().error is None
    world = night.server.world
    *chosen, newest = oldest(night)[:7]
    for number in chosen:
        world.modify(number, {NOM: "MODIFIÉ"}, groupe=None)
    world.advance(DAY)
    world.modify(newest, {NOM: "MODIFIÉ"}, groupe=1)
    world.advance(DAY)
    night.store.save_checkpoint(CRA_NUMBER, Checkpoint("dossiers"))
    assert night.run(parallel=Parallel(way)).updated == 7
    check_equal(night)


def test_two_ends_read_each_dossier_about_once(night):
    """They meet in the middle, and the walk by date that follows has only the overlap to read."""
    night.page_size = 5
    summary = night.run(parallel=Parallel("ends"))
    assert summary.error is None
    asked = [entry.variables for entry in night.server.journal.entries("DossiersPage")]
    up = sum("first" in variables for variables in asked)
    down = sum("last" in variables for variables in asked)
    assert up + down <= 120 // 5 + 5
    assert min(up, down) >= 4


@pytest.mark.parametrize("way", WAYS)
def test_the_platform_changes_all_the_time(night, way):
    world, night.page_size = night.server.world, 4
    numbers = oldest(night)
    modified, late, ended = numbers[:12], numbers[-12:], numbers[50:62]
    hidden, deleted = numbers[30:33], numbers[80:83]

    def change(page):
        world.advance(dt.timedelta(seconds=20))
        if page % 2 and modified:
            world.modify(modified.pop(), {NOM: f"modified {page}"})
            world.modify(late.pop(), {NOM: f"late {page}"}, at=world.now() - dt.timedelta(minutes=9))
            world.change_state(ended.pop(), "accepte" if page % 4 == 1 else "sans_suite")
        if page in (3, 9, 15):
            world.add_dossiers(2)
            world.hide_by_administration(hidden[page // 6])
            world.delete(deleted[page // 6])
        if page == 18:
            world.restore(hidden[0])

    summary = night.run(parallel=Parallel(way, 3), behind_page=change)
    assert (summary.outcome, summary.error) == ("complete", None)
    check_equal(night)
    assert not modified
    assert night.tombstones() == dict.fromkeys(hidden[1:], "pending") | dict.fromkeys(deleted, "deleted")


def test_a_dossier_read_while_it_changed_does_not_make_two_ends_meet_too_early(night, monkeypatch):
    """Its date is far ahead of its place: it says nothing about how far the walk has come."""
    first = oldest(night)[0]
    read = Pulled.of

    def read_late(node):
        if node["number"] == first:
            node["dateDerniereModification"] = night.server.world.now().isoformat(timespec="seconds")
        return read(node)

    monkeypatch.setattr(Pulled, "of", read_late)
    night.page_size = 5
    assert night.run(parallel=Parallel("ends")).error is None
    monkeypatch.undo()
    assert sorted(night.stored()) == sorted(night.shown())


def test_all_dossiers_of_one_second(night):
    """One import that wrote everything: nothing tells one end from the other."""
    world = night.server.world
    at = world.now() - 3 * DAY
    for number in oldest(night):
        world.modify(number, at=at)
    night.page_size = 9
    assert night.run(parallel=Parallel("ends")).error is None
    check_equal(night)


@pytest.mark.parametrize("way", WAYS)
def test_an_empty_demarche(night, way):
    for number in oldest(night):
        night.server.world.delete(number)
    summary = night.run(parallel=Parallel(way))
    assert (summary.outcome, summary.seen, night.store.read_load(CRA_NUMBER)) == ("complete", 0, [])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("place", [long(0), 60, long(-1)])
def test_a_poison_dossier_is_set_aside_wherever_it_stands(night, way, place):
    number = oldest(night)[place]
    night.server.faults.poison(number, "invalid_null")
    summary = night.run(parallel=Parallel(way))
    assert (summary.outcome, summary.error, summary.set_aside) == ("complete", None, 1)
    assert sorted(night.stored()) == sorted(set(night.shown()) - {number})
    assert night.aside().keys() == {number}
    night.server.faults.clear()
    night.server.world.advance(8 * DAY)
    assert night.run().error is None
    check_equal(night)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("then", "pages"),
    [(None, 13), long(None, 1), long(Parallel("ends"), 7), long(Parallel("states", 4), 2)],
)
def test_a_run_killed_anywhere_is_gone_on_with(night, way, then, pages):
    """With the option or without, and whatever way is asked for then."""
    night.page_size = 8

    def kill(summary):
        if summary.pages == pages:
            raise Killed

    with pytest.raises(Killed):
        night.run(parallel=Parallel(way), progress=kill)
    assert night.store.read_checkpoint(CRA_NUMBER, "dossiers") is None
    assert night.store.overview(CRA_NUMBER).walk_in_hand
    stored = set(night.stored())
    assert len(stored) >= min(pages, 4)
    night.server.world.advance(3 * DAY)
    changed = oldest(night)[::9]
    for number in changed:
        night.server.world.modify(number, {NOM: "between two runs"})
    summary = night.run(parallel=then)
    assert (summary.outcome, summary.error, summary.resumed) == ("complete", None, True)
    check_equal(night)
    # What was stored is not read again, up to what the last page of each walk had and what changed.
    assert summary.seen <= 120 - len(stored) + 2 * len(changed) + 5 * night.page_size


@pytest.mark.parametrize("way", WAYS)
def test_a_run_stopped_again_and_again_ends_with_everything(night, way):
    night.page_size = 8
    for _ in range(40):
        stop = Stop()
        summary = night.run(parallel=Parallel(way), stop=stop, progress=lambda _, stop=stop: stop.request())
        if summary.outcome == "complete":
            break
        assert summary.outcome == "interrupted"
        assert "after a whole page" in summary.error
    night.server.world.advance(DAY)
    assert night.run().error is None
    check_equal(night)


@pytest.mark.parametrize("action", ["stale_cursor", "refused_cursor"])
@pytest.mark.parametrize("end", ["$first", "$last"])
def test_a_cursor_lost_at_either_end(night, told, action, end):
    """The walk upward goes on by date; downward it is left, and the other one comes to meet it."""
    night.page_size = 6

    def strike(operation, seconds):
        asked = night.server.journal.entries("DossiersPage")
        of_this_end = [one for one in asked if end.removeprefix("$") in one.variables]
        if len(of_this_end) == 3 and not night.server.faults.scripted():
            night.server.faults.add(
                Fault(action=action, after_cursor=True, operation="DossiersPage", times=1)
            )

    night.on_request = strike
    summary = night.run(parallel=Parallel("ends"))
    assert (summary.outcome, summary.error) == ("complete", None)
    assert len(told("cursor refused")) == 1
    night.server.faults.clear()
    check_equal(night)


@pytest.mark.parametrize("way", WAYS)
def test_cursors_lost_between_two_runs(night, told, way):
    night.page_size = 8
    stop = Stop()

    def end(summary):
        if summary.pages == 5:
            stop.request()

    assert night.run(parallel=Parallel(way), stop=stop, progress=end).outcome == "interrupted"
    night.server.faults.add(Fault(action="stale_cursor", after_cursor=True, times=2))
    summary = night.run()
    assert (summary.outcome, summary.error) == ("complete", None)
    assert told("cursor refused")
    check_equal(night)


def test_a_groupe_that_is_deleted_meanwhile(night):
    """Only an empty one can be: its dossiers went to another, with a new date."""
    world = night.server.world
    night.page_size = 5
    gone = [number for number in oldest(night) if world.dossier(number).groupe == 3]

    def delete(page):
        if page == 3:
            for number in gone:
                world.modify(number, groupe=1)

    assert night.run(parallel=Parallel("groupes"), behind_page=delete).error is None
    check_equal(night)


def test_a_platform_that_fails_leaves_a_load_to_go_on_with(night):
    night.page_size = 8
    night.attempts = 2
    failing = night.server.faults.add(Fault(action="status", status=503, operation="DossiersPage", nth=6))
    night.server.faults.add(Fault(action="status", status=503, probability=0.5, seed=3))
    summary = night.run(parallel=Parallel("ends"))
    assert summary.exit_code in (0, 4)
    night.server.faults.remove(failing)
    night.server.faults.clear()
    assert night.run().error is None
    check_equal(night)


def test_a_token_that_expires_ends_the_run_and_keeps_what_came(night):
    night.page_size = 8

    def expire(page):
        if page == 6:
            night.server.faults.add(Fault(action="status", status=503))

    summary = night.run(parallel=Parallel("states"), behind_page=expire)
    assert summary.exit_code == 4
    assert night.stored()
    night.server.faults.clear()
    assert night.run(parallel=Parallel("states")).resumed
    check_equal(night)


def test_only_a_first_load_is_pulled_in_parallel(night, told):
    assert night.run().error is None
    before = night.asked()
    summary = night.run(parallel=Parallel("states"))
    assert summary.error is None
    assert told("not a first load: pulled in order")
    assert night.asked() - before == summary.requests == 4


def test_options_asked_for_the_first_time_make_it_a_first_load(night):
    assert night.run().error is None
    night.include = ("labels",)
    summary = night.run(parallel=Parallel("ends"))
    assert summary.updated == 120
    assert all("labels" in each.raw for each in night.store.dossiers(CRA_NUMBER))
    assert night.run().requests == 4


def test_a_purge_makes_a_load_begin_anew(night, told):
    night.page_size = 8
    with pytest.raises(Killed):
        night.run(parallel=Parallel("ends"), progress=die)
    day = dt.datetime.fromisoformat(list(night.shown().values())[40][1])
    night.store.purge(CRA_NUMBER, day)
    assert night.run(parallel=Parallel("ends")).error is None
    assert told("dossiers were purged or the query changed: the first load begins again")
    assert sorted(night.stored()) == sorted(
        number for number, (_, at) in night.shown().items() if dt.datetime.fromisoformat(at) >= day
    )


def test_the_pace_is_one_for_all_walkers(night):
    from ds_bridge.api.pace import Pace

    night.page_size = 4
    night.pace = Pace(10, clock=night.time.clock, sleep=night.time.sleep)
    summary = night.run(parallel=Parallel("states", 4))
    assert summary.error is None
    # Ten a minute: the time that was waited is what so many requests take.
    assert night.time.passed >= (summary.requests - 10) // 10 * 60


def test_a_signal_ends_the_wait_for_two_slow_answers(night):
    """Nobody has a page yet: the end does not wait for one."""
    stop = Stop()

    def ask_for_the_end(operation, seconds):
        if operation == "DemarcheForm":
            night.server.faults.add(Fault(action="delay", seconds=2, operation="DossiersPage"))
            stop.request()

    night.on_request = ask_for_the_end
    summary = night.run(parallel=Parallel("ends"), stop=stop)
    assert (summary.outcome, summary.pages) == ("interrupted", 0)
    night.server.faults.clear()
    night.on_request = None
    assert night.run().error is None
    check_equal(night)


@pytest.mark.parametrize(("way", "walkers"), [("sides", 2), ("ends", 0), ("ends", 5)])
def test_a_way_that_is_none(way, walkers):
    with pytest.raises(ValueError, match="one of ends, states, groupes, by 1 to 4 walkers"):
        Parallel(way, walkers)
