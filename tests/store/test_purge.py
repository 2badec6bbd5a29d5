"""Purge: what is old goes whole and leaves no trace; the day is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from ds_bridge.errors import StoreError
from ds_bridge.store import Purgeable, Store
from ds_bridge.store.backup import back_up
from tests.store.samples import DEMARCHE, SampleAnomaly, at, make_deletion, make_entry

DAY = at(0)
OTHER = 7


def count_rows(store: Store, table: str) -> int:
    with store._engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def fill(store: Store) -> None:
    problem = SampleAnomaly("p", "c", "warning", "m")
    entries = [make_entry(10 + hour, modified_at=at(hour), anomalies=[problem]) for hour in (-2, -1, 0, 1)]
    store.save_page(DEMARCHE, entries, None)
    store.save_page(OTHER, [make_entry(99, modified_at=at(-50))], None)


def numbers(store: Store, demarche: int = DEMARCHE) -> list[int]:
    return [dossier.number for dossier in store.dossiers(demarche)]


def test_what_was_modified_before_goes_whole(store: Store) -> None:
    fill(store)
    assert store.count_purgeable(DEMARCHE, DAY) == Purgeable(dossiers=2, tombstones=0)
    assert store.purge(DEMARCHE, DAY) == Purgeable(dossiers=2, tombstones=0)
    assert numbers(store) == [10, 11]
    assert (count_rows(store, "block_rows"), count_rows(store, "anomalies")) == (3, 2)
    assert numbers(store, OTHER) == [99]
    assert store.count_purgeable(DEMARCHE, DAY) == Purgeable(dossiers=0, tombstones=0)


def test_tombstones_go_by_their_date_and_their_content_by_its_own(store: Store) -> None:
    fill(store)
    store.save_deletions(
        DEMARCHE,
        "deleted",
        [make_deletion(8, at(5)), make_deletion(11, at(-3)), make_deletion(5, at(-1))],
        None,
    )
    store.save_deletions(DEMARCHE, "deleted", [make_deletion(6, at(1))], None)
    assert store.purge(DEMARCHE, DAY) == Purgeable(dossiers=1, tombstones=3)
    assert numbers(store) == [10]
    assert [tombstone.number for tombstone in store.deletions(DEMARCHE)] == [6]


def test_the_day_is_remembered_and_never_goes_back(store: Store) -> None:
    assert store.purged_before(DEMARCHE) is None
    store.purge(DEMARCHE, DAY)
    assert store.purged_before(DEMARCHE) == DAY
    store.purge(DEMARCHE, at(-5))
    assert store.purged_before(DEMARCHE) == DAY
    store.save_form(DEMARCHE, "cra", {"number": DEMARCHE})
    assert store.purged_before(DEMARCHE) == DAY
    store.purge(DEMARCHE, at(5))
    assert store.purged_before(DEMARCHE) == at(5)
    assert store.read_form(DEMARCHE) == {"number": DEMARCHE}
    assert store.purged_before(OTHER) is None


def test_an_old_deletion_of_an_unknown_number_makes_no_tombstone(store: Store) -> None:
    fill(store)
    store.purge(DEMARCHE, DAY)
    deletions = [make_deletion(8, at(-1)), make_deletion(10, at(-1)), make_deletion(50, at(0))]
    assert store.save_deletions(DEMARCHE, "deleted", deletions, None) == 2
    assert [tombstone.number for tombstone in store.deletions(DEMARCHE)] == [10, 50]


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store:
        yield store


def holders_of(marker: str, folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if marker.encode() in file.read_bytes())


def test_nothing_of_it_is_left_in_the_files(file_store: Store, tmp_path: Path) -> None:
    big = "x" * 20_000
    file_store.save_page(DEMARCHE, [make_entry(1, value=f"MARK-OLD {big}", modified_at=at(-2))], None)
    file_store.save_page(DEMARCHE, [make_entry(1, value=f"MARK-NEW {big}", modified_at=at(-1))], None)
    file_store.save_page(DEMARCHE, [make_entry(2, value="MARK-KEPT", modified_at=at(1))], None)
    assert holders_of("MARK-NEW", tmp_path) != []
    file_store.purge(DEMARCHE, DAY)
    assert holders_of("MARK-OLD", tmp_path) == []
    assert holders_of("MARK-NEW", tmp_path) == []
    assert holders_of("MARK-KEPT", tmp_path) == ["store.db"]
    assert (tmp_path / "store.db-wal").stat().st_size == 0


def test_a_reader_in_the_way_is_told_and_the_next_purge_finishes(file_store: Store, tmp_path: Path) -> None:
    file_store.save_page(DEMARCHE, [make_entry(1, value="MARK", modified_at=at(-1))], None)
    file_store._engine.dispose()
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as reader:
        patient = file_store._engine.raw_connection()
        patient.cursor().execute("PRAGMA busy_timeout = 0")
        patient.close()
        with reader._engine.connect() as connection:
            connection.execute(text("SELECT count(*) FROM dossiers")).scalar_one()
            with pytest.raises(StoreError, match=r"keeps? .*locked|run the same purge again"):
                file_store.purge(DEMARCHE, DAY)
    assert file_store.count(DEMARCHE) == 0
    assert file_store.purge(DEMARCHE, DAY) == Purgeable(dossiers=0, tombstones=0)
    assert holders_of("MARK", tmp_path) == []


def test_backups_of_migrations_are_named(file_store: Store, tmp_path: Path) -> None:
    assert file_store.list_backups() == []
    made = back_up(tmp_path / "store.db", "0001")
    assert file_store.list_backups() == [made]
