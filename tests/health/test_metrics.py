"""Metrics: what Prometheus reads is what happened."""

import datetime as dt
import stat

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ds_bridge.config import DemarcheSettings, Settings, StoreSettings
from ds_bridge.errors import LockedError, StoreError
from ds_bridge.health.metrics import write_metrics
from ds_bridge.health.status import read_statuses
from ds_bridge.store import PageCounts, Store
from ds_bridge.sync import Summary
from tests.store.samples import DEMARCHE, NOON, at, make_deletion, make_entry


def read(file):
    """(metric, labels but the number) → value."""
    return {
        (
            sample.name,
            *(value for key, value in sorted(sample.labels.items()) if key != "number"),
        ): sample.value
        for family in text_string_to_metric_families(file.read_text(encoding="utf-8"))
        for sample in family.samples
    }


def make_summary(name="cra", number=DEMARCHE):
    summary = Summary(name=name, number=number, requests=12, started_at=NOON)
    summary.add_page(PageCounts(created=3, updated=2, unchanged=5, restored=1, invalid=4), delivered=11)
    return summary


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


def test_a_run_and_its_store(settings, store, tmp_path):
    store.save_page(DEMARCHE, [make_entry(1), make_entry(2, valid=False), make_entry(3)], None)
    store.save_deletions(DEMARCHE, "deleted", [make_deletion(3, at(1))], None)
    store.set_aside(DEMARCHE, 60, "QueryTimeoutError", at(2))
    store.begin_run(DEMARCHE, "old", at(-24))
    store.finish_run("old", make_summary().to_json() | {"outcome": "complete"}, at(-23))
    summary = make_summary()
    summary.finish(LockedError("held"), NOON + dt.timedelta(seconds=90))
    file = tmp_path / "ds-bridge.prom"
    write_metrics(file, read_statuses(settings, ["cra"], store), [summary])
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert read(file) == {
        ("ds_bridge_last_run_outcome", "cra", "complete"): 0,
        ("ds_bridge_last_run_outcome", "cra", "interrupted"): 0,
        ("ds_bridge_last_run_outcome", "cra", "failed"): 1,
        ("ds_bridge_last_run_timestamp_seconds", "cra"): NOON.timestamp(),
        ("ds_bridge_last_run_duration_seconds", "cra"): 90,
        ("ds_bridge_last_run_requests", "cra"): 12,
        ("ds_bridge_last_run_dossiers", "seen", "cra"): 11,
        ("ds_bridge_last_run_dossiers", "created", "cra"): 3,
        ("ds_bridge_last_run_dossiers", "updated", "cra"): 2,
        ("ds_bridge_last_run_dossiers", "unchanged", "cra"): 5,
        ("ds_bridge_last_run_dossiers", "deleted", "cra"): 0,
        ("ds_bridge_last_run_dossiers", "restored", "cra"): 1,
        ("ds_bridge_last_run_dossiers", "invalid", "cra"): 4,
        ("ds_bridge_last_run_dossiers", "set_aside", "cra"): 0,
        ("ds_bridge_last_good_run_timestamp_seconds", "cra"): at(-23).timestamp(),
        ("ds_bridge_dossiers", "cra"): 2,
        ("ds_bridge_invalid_dossiers", "cra"): 1,
        ("ds_bridge_set_aside_dossiers", "cra"): 1,
        ("ds_bridge_tombstones", "cra"): 1,
        ("ds_bridge_lost_streams", "cra", "deleted"): 0,
        ("ds_bridge_lost_streams", "cra", "pending"): 0,
    }


def test_a_demarche_that_did_not_run_tonight_keeps_its_last_run(settings, store, tmp_path):
    store.begin_run(7, "old", at(-24))
    summary = make_summary("autre", 7)
    summary.finish(None, at(1))
    store.finish_run("old", summary.to_json(), at(-23))
    file = tmp_path / "ds-bridge.prom"
    write_metrics(file, read_statuses(settings, ["cra", "autre"], store), [make_summary()])
    samples = read(file)
    assert samples["ds_bridge_last_run_outcome", "autre", "complete"] == 1
    assert samples["ds_bridge_last_run_timestamp_seconds", "autre"] == NOON.timestamp()
    assert samples["ds_bridge_last_run_requests", "cra"] == 12
    assert ("ds_bridge_last_good_run_timestamp_seconds", "cra") not in samples


def test_without_a_store_the_summaries_still_reach_the_monitor(tmp_path):
    file = tmp_path / "ds-bridge.prom"
    write_metrics(file, [], [make_summary()])
    samples = read(file)
    assert samples["ds_bridge_last_run_outcome", "cra", "failed"] == 1
    assert ("ds_bridge_dossiers", "cra") not in samples


def test_a_file_that_cannot_be_written(tmp_path):
    with pytest.raises(StoreError, match=r"metrics .*missing.* cannot be written: No such file or directory"):
        write_metrics(tmp_path / "missing" / "m.prom", [], [make_summary()])
    (tmp_path / "m.prom").mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        write_metrics(tmp_path / "m.prom", [], [make_summary()])
    assert [each.name for each in tmp_path.iterdir()] == ["m.prom"]
