"""Pages: what is written, what is not, and that a page and its checkpoint are one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ds_bridge.errors import StoreError
from ds_bridge.store import Checkpoint, PageCounts, Store, StoredAnomaly
from ds_bridge.store.columns import NaiveDatetimeError
from tests.store.samples import (
    DEMARCHE,
    NOON,
    PARIS,
    SampleAnomaly,
    SampleRow,
    at,
    make_checkpoint,
    make_deletion,
    make_entry,
)
from tests.store.statements import recorded


def read_rows(store: Store) -> list[tuple[Any, ...]]:
    with store._read() as connection:
        query = 'SELECT dossier, block, "position", row_id FROM block_rows ORDER BY 1, 2, 3'
        return [tuple(row) for row in connection.execute(text(query))]


def numbers(store: Store, **conditions: Any) -> list[int]:
    return [dossier.number for dossier in store.dossiers(DEMARCHE, **conditions)]


def test_json_stands_in_the_database_as_text(store: Store) -> None:
    """Whatever it is bound as: who reads the tables reads JSON, in the order it was written."""
    store.save_page(
        DEMARCHE, [make_entry(12, rows=[SampleRow("evenements", 0, "r1", {"nom": "Fête d’été 🎉"})])], None
    )
    kind = "typeof" if store._engine.dialect.name == "sqlite" else "pg_typeof"
    with store._read() as connection:
        columns = f"{kind}(d.raw), {kind}(d.document), {kind}(b.data), CAST(b.data AS TEXT)"
        query = f"SELECT {columns} FROM dossiers d, block_rows b"
        *kinds, data = connection.execute(text(query)).one()
    assert kinds == (["text"] * 3 if kind == "typeof" else ["jsonb", "json", "json"])
    assert data == '{"nom":"Fête d’été 🎉"}'


def test_a_page_comes_back_as_it_was_saved(store: Store) -> None:
    entry = make_entry(12, modified_at=datetime(2024, 5, 30, 14, 15, tzinfo=PARIS), state="accepte")
    assert store.save_page(DEMARCHE, [entry], make_checkpoint()) == PageCounts(created=1)
    (stored,) = store.dossiers(DEMARCHE)
    assert (stored.number, stored.state, stored.archived, stored.valid) == (12, "accepte", False, True)
    assert stored.modified_at == entry.modified_at
    assert stored.modified_at.tzinfo is UTC
    assert stored.deposited_at == entry.deposited_at
    assert stored.revision == "UHJvY2VkdXJlLTE="
    assert stored.raw == entry.raw
    assert stored.raw["dateDerniereModification"] == "2024-05-30T14:15:00+02:00"
    assert list(stored.document) == ["dossier", "identite", "anomalies"], (
        "people read it: keys keep their order"
    )
    assert read_rows(store) == [(12, "evenements", 0, "row-1")]
    assert store.read_checkpoint(DEMARCHE, "dossiers") == make_checkpoint()


def test_created_updated_unchanged_and_invalid_are_counted(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(1), make_entry(2)], make_checkpoint())
    page = [make_entry(1), make_entry(2, value="Salon", modified_at=at(1)), make_entry(3, valid=False)]
    assert store.save_page(DEMARCHE, page, make_checkpoint("c2")) == PageCounts(1, 1, 1, 0, invalid=1)
    assert [d.document["identite"]["nom"] for d in store.dossiers(DEMARCHE)] == ["Forum", "Salon", "Forum"]


def test_an_unchanged_invalid_dossier_still_counts_as_invalid(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(1, valid=False)], None)
    assert store.save_page(DEMARCHE, [make_entry(1, valid=False)], None) == PageCounts(unchanged=1, invalid=1)


def test_a_page_of_unchanged_dossiers_costs_one_select_and_the_checkpoint(store: Store) -> None:
    page = [make_entry(number) for number in range(100)]
    store.save_page(DEMARCHE, page, make_checkpoint())
    again = [make_entry(number, url="https://files.example.org/1?expires=2") for number in range(100)]
    with recorded(store) as sent:
        assert store.save_page(DEMARCHE, again, make_checkpoint("c2")) == PageCounts(unchanged=100)
    assert [statement.split()[0] for statement in sent] == ["SELECT", "INSERT"]
    assert sent[1].startswith("INSERT INTO checkpoints")


def test_a_new_file_address_alone_does_not_rewrite_a_dossier(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(1, url="https://a.example.org/1")], None)
    assert store.save_page(DEMARCHE, [make_entry(1, url="https://b.example.org/2")], None).unchanged == 1
    (stored,) = store.dossiers(DEMARCHE)
    assert stored.raw["champs"][1]["files"][0]["url"] == "https://a.example.org/1"


@pytest.mark.parametrize(
    "change",
    [
        {"state": "accepte"},
        {"archived": True},
        {"modified_at": at(1)},
        {"revision": "another"},
        {"document": {"identite": {"nom": "autre"}}},
        {"valid": False},
        {"rows": []},
        {"anomalies": [SampleAnomaly("a", "b", "warning", "c")]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_other_difference_is_an_update(store: Store, change: dict[str, Any]) -> None:
    entry = make_entry(1)
    store.save_page(DEMARCHE, [entry], None)
    assert store.save_page(DEMARCHE, [replace(entry, **change)], None).updated == 1
    assert store.save_page(DEMARCHE, [replace(entry, **change)], None).unchanged == 1


def test_rows_and_anomalies_are_those_of_the_latest_page(store: Store) -> None:
    rows = [SampleRow("evenements", position, None, {}) for position in range(3)]
    problems = [
        SampleAnomaly("evenements[0].date", "date_after_deposit", "error", "x"),
        SampleAnomaly("temps", "y", "warning", "z"),
    ]
    store.save_page(DEMARCHE, [make_entry(1, rows=rows, anomalies=problems), make_entry(2)], None)
    assert len(read_rows(store)) == 4
    assert list(store.anomalies(DEMARCHE)) == [
        StoredAnomaly(1, "evenements[0].date", "date_after_deposit", "error", "x"),
        StoredAnomaly(1, "temps", "y", "warning", "z"),
    ]
    store.save_page(DEMARCHE, [make_entry(1, rows=rows[:1], anomalies=problems[1:])], None)
    assert read_rows(store) == [(1, "evenements", 0, None), (2, "evenements", 0, "row-1")]
    assert [anomaly.path for anomaly in store.anomalies(DEMARCHE)] == ["temps"]


def test_mapped_again_is_updated_but_not_pulled_again(store: Store) -> None:
    entry = make_entry(1)
    store.save_page(DEMARCHE, [entry], None)
    (before,) = store.dossiers(DEMARCHE)
    assert store.save_page(DEMARCHE, [replace(entry, document={"new": 1})], None).updated == 1
    (after,) = store.dossiers(DEMARCHE)
    assert after.document == {"new": 1}
    assert after.pulled_at == before.pulled_at
    assert datetime.now(UTC) - after.pulled_at < timedelta(minutes=5)
    assert store.read_checkpoint(DEMARCHE, "dossiers") is None, "no checkpoint was given"


def test_a_number_twice_in_a_page_is_saved_once_as_last_modified(store: Store) -> None:
    page = [make_entry(1, value="new", modified_at=at(2)), make_entry(1, value="old", modified_at=at(1))]
    assert store.save_page(DEMARCHE, page, None) == PageCounts(created=1)
    assert [dossier.document["identite"]["nom"] for dossier in store.dossiers(DEMARCHE)] == ["new"]


def test_a_dossier_moved_to_another_demarche_moves(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(1)], None)
    assert store.save_page(7, [make_entry(1)], None).updated == 1
    assert (store.count(DEMARCHE), store.count(7)) == (0, 1)


def test_when_the_checkpoint_cannot_be_saved_neither_is_the_page(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(1)], make_checkpoint())
    with pytest.raises(StoreError, match="refused"):
        store.save_page(DEMARCHE, [make_entry(2)], Checkpoint("no such stream"))
    assert numbers(store) == [1]
    assert store.read_checkpoint(DEMARCHE, "dossiers") == make_checkpoint()
    assert store.save_page(DEMARCHE, [make_entry(2)], make_checkpoint("c2")).created == 1


def test_an_empty_page_moves_the_checkpoint(store: Store) -> None:
    assert store.save_page(DEMARCHE, [], make_checkpoint("c9")) == PageCounts()
    checkpoint = store.read_checkpoint(DEMARCHE, "dossiers")
    assert checkpoint is not None
    assert checkpoint.cursor == "c9"


def test_dossiers_come_by_number_and_by_condition(store: Store) -> None:
    store.save_page(
        DEMARCHE,
        [
            make_entry(30, state="accepte", modified_at=at(3)),
            make_entry(4, state="refuse", modified_at=at(1)),
            make_entry(200, modified_at=at(2)),
        ],
        None,
    )
    store.save_page(DEMARCHE + 1, [make_entry(5)], None)
    store.save_deletions(DEMARCHE, "deleted", [make_deletion(200, at(4))], None)
    assert numbers(store) == [4, 30]
    assert numbers(store, states={"accepte", "sans_suite"}) == [30]
    assert numbers(store, states=[]) == []
    assert numbers(store, since=at(3)) == [30], "the bound is inclusive"
    assert numbers(store, since=at(3).astimezone(PARIS)) == [30]
    assert numbers(store, since=at(3.01)) == []
    assert store.count(DEMARCHE) == 2
    assert store.count(DEMARCHE, states=["refuse"]) == 1
    assert list(store.modification_dates(DEMARCHE)) == [(4, at(1)), (30, at(3))]


def test_dates_are_ordered_as_time_is_not_as_text(store: Store) -> None:
    early = datetime(2024, 5, 30, 23, 30, tzinfo=PARIS)
    late = datetime(2024, 5, 30, 22, 0, 0, 500, tzinfo=UTC)
    store.save_page(DEMARCHE, [make_entry(1, modified_at=early), make_entry(2, modified_at=late)], None)
    assert numbers(store, since=datetime(2024, 5, 30, 22, 0, tzinfo=UTC)) == [2]


def test_a_naive_datetime_is_a_fault_of_the_caller(store: Store) -> None:
    with pytest.raises(NaiveDatetimeError):
        store.save_page(DEMARCHE, [make_entry(1, modified_at=NOON.replace(tzinfo=None))], None)
    assert store.count(DEMARCHE) == 0


def test_text_and_numbers_no_database_likes_are_kept(store: Store) -> None:
    value = "Zoé 👩‍💻 \"quoted\" 'single' %s :name \\ {x} \ttab\nline"
    odd = make_entry(1, value=value, document={"entier": 10**30, "réel": 0.1, "identite": {"nom": value}})
    assert store.save_page(DEMARCHE, [odd], None).created == 1
    (stored,) = store.dossiers(DEMARCHE)
    assert stored.document == odd.document
    assert isinstance(stored.document["entier"], int)
    assert stored.raw == odd.raw
    assert store.save_page(DEMARCHE, [odd], None).unchanged == 1


def test_what_no_database_can_hold_is_replaced_never_lost(store: Store) -> None:
    bad = "a\0b\ud800c"
    entry = make_entry(
        1,
        value=bad,
        rows=[SampleRow("evenements", 0, bad, {"nom": bad})],
        anomalies=[SampleAnomaly(bad, "c", "error", bad)],
    )
    assert store.save_page(DEMARCHE, [entry], None).created == 1
    (stored,) = store.dossiers(DEMARCHE)
    assert stored.raw["champs"][0]["value"] == "a\ufffdb\ufffdc"
    assert [anomaly.message for anomaly in store.anomalies(DEMARCHE)] == ["a\ufffdb\ufffdc"]
    assert store.save_page(DEMARCHE, [entry], None).unchanged == 1


def test_nothing_stored_prints_its_content() -> None:
    entry = make_entry(1, value="Zoé NOËL", anomalies=[SampleAnomaly("p", "c", "error", "NOËL")])
    assert "NOËL" not in repr(entry)


def test_stored_records_print_no_content_either(store: Store) -> None:
    store.save_page(
        DEMARCHE, [make_entry(1, value="NOËL", anomalies=[SampleAnomaly("p", "c", "error", "NOËL")])], None
    )
    assert "NOËL" not in repr([*store.dossiers(DEMARCHE), *store.anomalies(DEMARCHE)])
