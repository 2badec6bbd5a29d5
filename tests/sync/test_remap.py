"""Remap: another model or configuration, the same raw dossiers, no network."""

import io

import pytest

from ds_bridge.config import DemarcheSettings
from ds_bridge.dump import dump_dossiers
from ds_bridge.errors import ConfigurationError, LockedError, MappingError
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.sync import Stop
from ds_bridge.sync.remap import DOSSIERS_A_BATCH, remap_demarche
from tests.sync.conftest import CRA

PLAIN = DemarcheSettings(number=CRA_NUMBER)


def dump(store):
    out = io.BytesIO()
    dump_dossiers(store, CRA_NUMBER, format="ndjson", out=out)
    return out.getvalue()


def count(store, table):
    with store._engine.connect() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()


def has_view(store, name):
    return name in store.list_views(CRA_NUMBER)


def test_to_another_model_and_back(night):
    night.run()
    night.server.stop()  # offline
    total = night.store.count(CRA_NUMBER)
    synced, anomalies = dump(night.store), list(night.store.anomalies(CRA_NUMBER))
    invalid = sum(not each.valid for each in night.store.dossiers(CRA_NUMBER))

    same = remap_demarche("cra", CRA, night.store)
    assert (same.seen, same.changed, same.unchanged, same.invalid) == (total, 0, total, invalid)

    plain = remap_demarche("cra", PLAIN, night.store)
    assert (plain.seen, plain.changed, plain.unchanged) == (total, total, 0)
    assert "champs" in next(night.store.dossiers(CRA_NUMBER)).document
    assert count(night.store, "block_rows") == 0
    assert not has_view(night.store, "cra_evenements")
    assert count(night.store, "cra__champ_3566496") > 50

    back = remap_demarche("cra", CRA, night.store)
    assert (back.changed, back.unchanged, back.invalid, back.error) == (total, 0, invalid, None)
    assert dump(night.store) == synced
    assert list(night.store.anomalies(CRA_NUMBER)) == anomalies
    assert count(night.store, "cra_evenements") > 50


def test_the_next_sync_finds_nothing_new(night):
    night.run(demarche=PLAIN)
    remap_demarche("cra", CRA, night.store)
    summary = night.run(full=True)
    assert (summary.outcome, summary.created, summary.updated, summary.restored) == ("complete", 0, 0, 0)


def test_a_tombstone_is_left_alone(night):
    night.run()
    number = next(night.store.dossiers(CRA_NUMBER)).number
    night.server.world.delete(number)
    night.run()
    total = night.store.count(CRA_NUMBER)
    assert remap_demarche("cra", PLAIN, night.store).seen == total
    assert number in {each.number for each in night.store.deletions(CRA_NUMBER)}


def test_a_stop_keeps_the_batches_that_are_done(night):
    night.run()
    stop, told = Stop(), []

    def end(result):
        told.append(result.seen)
        stop.request()

    result = remap_demarche("cra", PLAIN, night.store, stop=stop, progress=end)
    assert told == [DOSSIERS_A_BATCH]
    assert (result.changed, result.exit_code) == (DOSSIERS_A_BATCH, 130)
    assert "run the same command again to go on" in result.error
    assert result.to_json()["outcome"] == "interrupted"
    rest = remap_demarche("cra", PLAIN, night.store)
    assert (rest.changed, rest.unchanged) == (
        night.store.count(CRA_NUMBER) - DOSSIERS_A_BATCH,
        DOSSIERS_A_BATCH,
    )


def test_without_a_form_it_says_what_to_do(store):
    with pytest.raises(
        ConfigurationError, match="no form of démarche 82349 yet: run ds-bridge sync cra first"
    ):
        remap_demarche("cra", CRA, store)


def test_a_model_that_does_not_resolve_changes_nothing(night):
    night.run()
    before = dump(night.store)
    broken = DemarcheSettings(number=CRA_NUMBER, model=CRA.model, champs={"nom": "12"})
    with pytest.raises(MappingError, match="nom"):
        remap_demarche("cra", broken, night.store)
    assert dump(night.store) == before


def test_it_waits_for_nobody(night):
    with night.store.lock(CRA_NUMBER), pytest.raises(LockedError):
        remap_demarche("cra", CRA, night.store)
