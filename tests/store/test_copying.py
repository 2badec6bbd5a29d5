"""A store copied to the other database and back is equal, table for table; or it is refused, or removed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ds_bridge.errors import ConfigurationError, StoreError
from ds_bridge.store import Comparison, FormCheck, LoadPart, LostStream, Store, copying
from ds_bridge.store.copying import TABLES, Copied
from ds_bridge.store.tables import metadata
from ds_bridge.store.transfer import copy_store
from tests.postgres import shared_server
from tests.store.samples import (
    DEMARCHE,
    NOON,
    SampleAnomaly,
    SampleRow,
    at,
    make_checkpoint,
    make_deletion,
    make_draft,
    make_entry,
    make_file,
    make_views,
)
from tests.store.test_outbox import make_action

# What databases do not agree on: keys' order, long and integral numbers, accents in keys and their order.
AWKWARD = {"b": 1, "a": [10**40, 1e22, 1.0, -0.5, 1e-7, True, None, "é", "e", "Z", ""], "é": {}}


def silent(copied: Copied) -> None:
    assert copied.name == "copy"


def fill(store: Store) -> None:
    """A row at least in every table that is copied."""
    rows = [SampleRow(block, 0, None, AWKWARD) for block in ("évènements", "evenements", "Z", "a")]
    anomalies = [SampleAnomaly("a[0]", "date", "warning", "à voir")]
    entries = [
        make_entry(number, rows=rows, anomalies=anomalies, document=AWKWARD) for number in range(1, 502)
    ]
    store.save_form(DEMARCHE, "cra", AWKWARD)
    store.save_page(DEMARCHE, entries, make_checkpoint())
    store.purge(DEMARCHE, at(-1000))
    store.save_deletions(DEMARCHE, "deleted", [make_deletion(4, NOON)], make_checkpoint(stream="deleted"))
    store.begin_load(DEMARCHE, [LoadPart("états", NOON, NOON, "q")])
    store.begin_run(DEMARCHE, "r1", NOON)
    store.finish_run("r1", {"outcome": "complete"}, at(1))
    store.set_aside(DEMARCHE, 7, "invalid_null", NOON)
    store.save_form_check(DEMARCHE, FormCheck("r", "f", NOON))
    store.save_comparison(DEMARCHE, Comparison(NOON, NOON, 40, 2, 1))
    store.lose_stream(DEMARCHE, LostStream("pending", NOON, "a time-out"))
    store.save_drafts(DEMARCHE, [make_draft(9, identifiant=4211)])
    store.save_files([make_file(1)])
    store.outbox.plan(DEMARCHE, [make_action("é", 4, read=AWKWARD)])
    store.publish_views(DEMARCHE, "cra", make_views({"evenements": ["nom"]}))


def read_everything(store: Store) -> dict[str, list[Any]]:
    with store._read() as connection:
        return {
            table.name: sorted(connection.execute(select(table)).all(), key=lambda row: repr(tuple(row)[:4]))
            for table in TABLES
        }


@pytest.fixture
def other_url(store_url: str, tmp_path: Path) -> Callable[[], str]:
    """The URL of an empty database of the other kind."""
    if store_url.startswith("sqlite"):
        return shared_server().create_database
    return lambda: f"sqlite:///{tmp_path / 'other.db'}"


def test_there_and_back_is_equal(
    store: Store, store_url: str, other_url: Callable[[], str], tmp_path: Path
) -> None:
    fill(store)
    before = read_everything(store)
    assert all(before.values()), "a table that nothing fills proves nothing"
    there, back = other_url(), f"sqlite:///{tmp_path / 'back.db'}"
    transfer = copy_store(store_url, there, silent)
    assert transfer.copied.rows == {name: len(rows) for name, rows in before.items()}
    assert transfer.copied.seen > 2500
    assert transfer.under_way == ()
    copy_store(there, back, silent)
    for url in (there, back):
        with Store.open_to_read(url) as copied:
            assert read_everything(copied) == before
            assert copied.check().problems == ()


def test_every_table_is_copied_but_the_views() -> None:
    assert {table.name for table in TABLES} == set(metadata.tables) - {"published_views"}


def test_a_store_that_holds_something_is_refused_and_stays(
    store: Store, store_url: str, other_url: Callable[[], str]
) -> None:
    fill(store)
    there = other_url()
    with Store.open(there) as other:
        other.save_drafts(DEMARCHE, [make_draft(1)])
        before = read_everything(other)
    with pytest.raises(ConfigurationError, match=r"it holds something already \(1 rows in drafts\)"):
        copy_store(store_url, there, silent)
    with Store.open_to_read(there) as other:
        assert read_everything(other) == before


def test_a_copy_that_differs_is_taken_back(
    store: Store, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    other = tmp_path / "other.db"
    compare = copying._compare

    def spoil(table: Any, source: copying.Side, target: copying.Side) -> None:
        target.connection.exec_driver_sql("UPDATE drafts SET identifiant = 4212")
        compare(table, source, target)

    monkeypatch.setattr(copying, "_compare", spoil)
    with pytest.raises(StoreError, match="the copy differs in drafts, at number 9: nothing was copied"):
        copy_store(store_url, f"sqlite:///{other}", silent)
    assert list(tmp_path.glob("other*")) == []


def test_what_fails_is_named_and_half_a_copy_is_taken_back(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    fill(store)

    def stop(copied: Copied) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_store(store_url, f"sqlite:///{tmp_path / 'other.db'}", stop)
    with store._write() as connection:
        connection.exec_driver_sql("DROP TABLE files")
    with pytest.raises(StoreError) as caught:
        copy_store(store_url, f"sqlite:///{tmp_path / 'other.db'}", silent)
    assert str(caught.value).startswith(store._target)
    assert list(tmp_path.glob("other*")) == []


def test_a_run_under_way_is_told(store: Store, store_url: str, other_url: Callable[[], str]) -> None:
    fill(store)
    with store.lock(DEMARCHE):
        assert copy_store(store_url, other_url(), silent).under_way == (DEMARCHE,)
