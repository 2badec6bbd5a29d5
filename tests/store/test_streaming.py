"""Reading thousands of dossiers: memory stays flat, writers are not kept waiting, threads may change."""

from __future__ import annotations

import threading
import tracemalloc

from ds_bridge.store import Store
from ds_bridge.store.reading import DOSSIERS_A_BATCH
from tests.store.samples import DEMARCHE, SampleAnomaly, at, make_deletion, make_entry
from tests.store.statements import recorded

PAGE = 500


def fill(store: Store, count: int, size: int = 10) -> None:
    for start in range(0, count, PAGE):
        numbers = range(start, min(start + PAGE, count))
        store.save_page(DEMARCHE, [make_entry(number, value="x" * size) for number in numbers], None)


def peak_of_reading(store: Store) -> int:
    tracemalloc.start()
    try:
        assert sum(1 for _ in store.dossiers(DEMARCHE)) > 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_store(store: Store) -> None:
    fill(store, 500, size=5_000)
    few = peak_of_reading(store)
    fill(store, 3_000, size=5_000)
    many = peak_of_reading(store)
    assert many < few * 1.5, f"{few} bytes for 500 dossiers, {many} for 3,000"
    assert many < 10_000_000


def test_every_dossier_comes_once_across_batches(store: Store) -> None:
    count = 2 * DOSSIERS_A_BATCH
    fill(store, count)
    assert [dossier.number for dossier in store.dossiers(DEMARCHE)] == list(range(count))
    with recorded(store) as sent:
        next(store.dossiers(DEMARCHE))
    assert len(sent) == 1, "no more is read than is asked for"


def test_another_connection_and_the_same_store_write_while_one_reads(store: Store, store_url: str) -> None:
    fill(store, 3 * DOSSIERS_A_BATCH)
    reading = store.dossiers(DEMARCHE)
    seen = [next(reading).number]
    last = 3 * DOSSIERS_A_BATCH - 1
    with Store.open(store_url) as other:
        other.save_page(DEMARCHE, [make_entry(last, value="changed", modified_at=at(1))], None)
        other.save_deletions(DEMARCHE, "deleted", [make_deletion(last - 1, at(1))], None)
    store.save_page(DEMARCHE, [make_entry(last + 1)], None)
    rest = list(reading)
    seen += [dossier.number for dossier in rest]
    assert seen == [*range(last - 1), last, last + 1]
    assert rest[-2].document["identite"]["nom"] == "changed"


def test_a_reader_that_stops_leaves_nothing_behind(store: Store, store_url: str) -> None:
    fill(store, 3 * DOSSIERS_A_BATCH)
    reading = store.dossiers(DEMARCHE)
    next(reading)
    reading.close()  # type: ignore[attr-defined]  # a generator behind the Iterator
    assert store._engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # QueuePool's


def test_anomalies_stream_in_order_across_batches(store: Store) -> None:
    problems = [SampleAnomaly(f"p{position}", "c", "warning", "m") for position in range(7)]
    for start in (0, 300):
        page = [make_entry(number, rows=[], anomalies=problems) for number in range(start, start + 300)]
        store.save_page(DEMARCHE, page, None)
    listed = [(anomaly.number, anomaly.path) for anomaly in store.anomalies(DEMARCHE)]
    assert listed == [(number, f"p{position}") for number in range(600) for position in range(7)]


def test_a_store_opened_in_one_thread_works_in_another(store: Store) -> None:
    outcome: list[int] = []

    def work() -> None:
        store.save_page(DEMARCHE, [make_entry(1)], None)
        outcome.append(store.count(DEMARCHE))

    for _ in range(2):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert outcome == [1, 1]
    assert store.count(DEMARCHE) == 1
