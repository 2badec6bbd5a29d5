"""The main way: a first run, a quiet night, a night with changes."""

import datetime as dt

from ds_bridge.config import DemarcheSettings
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.sync import Stop


def counts(summary):
    keys = ("seen", "created", "updated", "unchanged", "deleted", "restored", "set_aside")
    return {key: getattr(summary, key) for key in keys if getattr(summary, key)}


def test_a_first_run_then_a_quiet_one(night):
    first = night.run()
    assert (first.outcome, first.error) == ("complete", None)
    assert night.stored() == night.shown()
    assert first.created == len(night.shown())
    assert first.resumed is False

    second = night.run()
    assert second.outcome == "complete"
    assert (second.created, second.updated, second.restored) == (0, 0, 0)
    assert second.seen == second.unchanged
    assert second.requests == 4
    assert night.stored() == night.shown()


def test_raw_is_kept_whole_and_the_report_is_mapped(night):
    night.run()
    stored = next(night.store.dossiers(CRA_NUMBER))
    assert stored.raw["champs"]
    assert stored.document["dossier"]["number"] == stored.number
    assert list(stored.document) == [
        "dossier", "identite", "evenements", "partenariats", "accompagnements", "temps_hebdomadaire",
        "anomalies",
    ]  # fmt: skip


def test_what_changed_is_pulled_and_nothing_else(night):
    night.run()
    world = night.server.world
    numbers = sorted(night.shown())
    world.advance(dt.timedelta(hours=1))
    world.modify(numbers[0])
    world.change_state(numbers[1], "en_instruction")
    added = world.add_dossiers(2)
    summary = night.run()
    assert counts(summary)["created"] == len(added)
    assert counts(summary)["updated"] == 2
    assert night.stored() == night.shown()


def test_deletions_are_tombstones_and_restored_dossiers_live_again(night):
    night.run()
    world = night.server.world
    states = {number: state for number, (state, _) in sorted(night.shown().items())}
    en_construction = [number for number, state in states.items() if state == "en_construction"]
    hidden, deleted = en_construction[:2]
    world.advance(dt.timedelta(hours=1))
    world.hide_by_user(hidden)
    world.delete(deleted, "user_request")
    summary = night.run()
    assert summary.deleted == 2
    assert night.stored() == night.shown()
    tombs = {each.number: (each.kind, each.reason) for each in night.store.deletions(CRA_NUMBER)}
    assert tombs[deleted] == ("deleted", "user_request")
    assert tombs[hidden][0] == "pending"

    world.advance(dt.timedelta(hours=1))
    world.restore(hidden)
    summary = night.run()
    assert summary.restored == 1
    assert night.stored() == night.shown()
    assert hidden not in {each.number for each in night.store.deletions(CRA_NUMBER)}


def test_a_stop_ends_after_a_whole_page_and_the_next_run_goes_on(night):
    stop = Stop()
    stopped = night.run(stop=stop, progress=lambda summary: stop.request() if summary.pages == 2 else None)
    assert stopped.outcome == "interrupted"
    assert (stopped.pages, stopped.seen) == (2, 50)
    assert stopped.exit_code == 130
    assert "run the same command again" in stopped.error
    assert night.store.count(CRA_NUMBER) == 50

    rest = night.run()
    assert rest.resumed is True
    assert rest.outcome == "complete"
    assert rest.created == len(night.shown()) - 50
    assert night.stored() == night.shown()


def test_a_demarche_without_a_model_gives_its_champs(night):
    summary = night.run(demarche=DemarcheSettings(number=CRA_NUMBER))
    assert summary.outcome == "complete"
    document = next(night.store.dossiers(CRA_NUMBER)).document
    assert {"dossier", "champs", "anomalies"} <= set(document)
    assert document["champs"][0]["label"]


def test_a_model_that_does_not_resolve_pulls_nothing(night):
    demarche = DemarcheSettings(number=CRA_NUMBER, model="ds_bridge.cra:CompteRendu", champs={"nom": "12"})
    summary = night.run(demarche=demarche)
    assert (summary.outcome, summary.exit_code, summary.pages) == ("failed", 2, 0)
    assert "nom" in summary.error
    assert night.stored() == {}


def test_the_runs_are_written_down(night):
    night.run()
    run = night.store.last_runs(CRA_NUMBER, 1)[0]
    assert run["summary"]["outcome"] == "complete"
    assert run["summary"]["created"] == len(night.shown())


def test_views_for_sql_users(night):
    night.run()
    expected = sum(len(each.document["evenements"]) for each in night.store.dossiers(CRA_NUMBER))
    with night.store._engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT nom, date FROM cra_evenements").all()
    assert len(rows) == expected > 50
