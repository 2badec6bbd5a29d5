"""A lake on disk: what it shows is the dump, whatever happened to the store, and little is written for it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable

from ds_bridge.store import Store
from tests.dump.conftest import CRA
from tests.lake.lakes import (
    NAME,
    TABLES,
    assert_shows,
    fill,
    holds,
    keep,
    list_samples,
    read_dump,
    read_with_duckdb,
)
from tests.store.samples import at, make_deletion


@pytest.fixture
def store(synced: Store, tmp_path: Path) -> Iterator[Store]:
    """A new store that knows the form."""
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store:
        store.save_form(CRA.number, NAME, synced.read_form(CRA.number) or {})
        yield store


@pytest.fixture(scope="module")
def samples(synced: Store) -> list[Any]:
    return list_samples(synced)


def versions(lake: Path, store: Store) -> set[int | None]:
    """Which place of the store's changes each table says it shows."""
    feed = store.read_place(CRA.number).feed
    tables = (DeltaTable(str(lake / NAME / table)) for table in TABLES)
    return {table.transaction_version(f"ds-bridge {CRA.number} {feed}") for table in tables}


def test_several_demarches_share_a_lake_and_any_reader_sees_the_dumps(synced: Store, tmp_path: Path) -> None:
    for name in ("cra", "tout"):
        kept = keep(synced, tmp_path, size=7, name=name)
        assert (kept.whole, kept.seen) == (True, synced.count(kept.number))
        assert_shows(tmp_path, synced, name)
        again = keep(synced, tmp_path, name=name)
        assert (again.whole, again.files, again.size) == (False, 0, kept.size)
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["cra", "tout"]
    page = (Path(__file__).parent.parent.parent / "docs" / "lake.md").read_text(encoding="utf-8")
    code = page.split("<!-- python: read -->\n```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}
    exec(code.replace("/srv/lake", str(tmp_path)), names)
    counts = dict(names["kinds"].fetchall())
    assert sum(counts.values()) == names["events"].height > 20
    for name in ("cra", "tout"):
        for table, expected in read_dump(synced, name).items():
            rows = read_with_duckdb(tmp_path, table, name)
            order = ["dossier"] if table == "dossiers" else ["dossier", "position"]
            found = pl.DataFrame(rows, schema=expected.schema).sort(order)
            assert found.equals(expected.sort(order)), (name, table)


@pytest.mark.parametrize("seed", range(2))
def test_it_follows_whatever_happens(store: Store, samples: list[Any], tmp_path: Path, seed: int) -> None:
    chance, lake = random.Random(seed), tmp_path / "lake"
    known: list[int] = []
    for night in range(1, 9):
        new = chance.sample(range(1000), chance.choice((0, 1, 40)) if known else 30)
        some = chance.sample(known, min(len(known), chance.choice((0, 2, 15))))
        fill(store, samples, [*new, *some], hours=night)
        known = sorted({*known, *new})
        gone = chance.sample(known, len(known) // 20)
        store.save_deletions(
            CRA.number, "pending", [make_deletion(number, at(night + 0.5)) for number in gone], None
        )
        if night % 3 == 0:
            store.purge(CRA.number, at(night - 1.5))
        kept = keep(store, lake, size=chance.choice((4, 9)), vacuum=chance.random() < 0.5)
        assert kept.whole == (night == 1)
        assert_shows(lake, store)
        assert versions(lake, store) == {store.read_place(CRA.number).changes}


def test_a_night_with_one_percent_of_changes_writes_at_most_three(
    store: Store, samples: list[Any], tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    fill(store, samples, range(1000))
    first = keep(store, lake, size=6)
    before = {file: file.stat().st_size for file in lake.rglob("*") if file.is_file()}
    fill(store, samples, range(993, 1003), hours=1)  # a hundredth: the newest seven, and three that are new
    kept = keep(store, lake, size=6)
    after = {file: file.stat().st_size for file in lake.rglob("*") if file.is_file()}
    new = sum(size for file, size in after.items() if file not in before)  # the tables' logs included
    assert new <= 0.03 * sum(before.values())
    assert (kept.written < 0.03 * first.size, kept.seen <= 25, kept.whole) == (True, True, False)
    assert_shows(lake, store)


def test_who_was_purged_or_deleted_is_in_no_file_after_a_vacuum(
    store: Store, samples: list[Any], tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    fill(store, samples, range(100), hours=5)
    fill(store, samples, [41], nom="Zéphyrine-Purgée", hours=-50)
    fill(store, samples, [77], nom="Zoé-Supprimée", hours=4)
    keep(store, lake, size=10)
    assert len(holds(lake, "Zéphyrine-Purgée")) == len(holds(lake, "Zoé-Supprimée")) == 1
    store.purge(CRA.number, at(-40))
    store.save_deletions(CRA.number, "deleted", [make_deletion(77, at(6))], None)
    kept = keep(store, lake, size=10)
    assert 0 < kept.seen < 30, "their files are written again, no others"
    assert_shows(lake, store)
    assert len(holds(lake, "Zéphyrine-Purgée")) == 1, "for who reads an older version, for a week"
    again = keep(store, lake, vacuum=True)
    assert (again.files, again.removed) == (0, 2 * len(TABLES))
    assert holds(lake, "Zéphyrine-Purgée") == holds(lake, "Zoé-Supprimée") == []
    assert "identite_nom" not in "".join(
        line for file in lake.rglob("*.json") for line in file.read_text().splitlines() if '"add"' in line
    ), "the log tells nothing of people"


def test_who_was_purged_is_in_no_file_that_another_program_compacted(
    store: Store, samples: list[Any], tmp_path: Path
) -> None:
    fill(store, samples, range(30), hours=5)
    fill(store, samples, [11], nom="Zéphyrine-Purgée", hours=-50)
    keep(store, tmp_path, size=10)
    for table in TABLES:
        DeltaTable(str(tmp_path / NAME / table)).optimize.compact()
    store.purge(CRA.number, at(-40))
    assert not keep(store, tmp_path, vacuum=True).whole
    assert holds(tmp_path, "Zéphyrine-Purgée") == []
    assert_shows(tmp_path, store)


def test_another_store_or_other_columns_are_written_whole(
    store: Store, synced: Store, samples: list[Any], tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    keep(synced, lake)
    fill(store, samples, range(10))
    assert keep(store, lake).whole, "another count of changes"
    assert_shows(lake, store)
    plain = CRA.model_copy(update={"model": None, "champs": {}})
    with pytest.raises(Exception, match="remap"):  # documents of a model are no champs
        keep(store, lake, demarche=plain)
    assert_shows(lake, store)
