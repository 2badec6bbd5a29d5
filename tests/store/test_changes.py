"""Changes: one order for all that is written, in which nothing is missed while somebody writes."""

from __future__ import annotations

import random
import threading

import pytest

from ds_bridge.store import Change, Place, Store
from tests.store.samples import DEMARCHE, at, make_deletion, make_entry


def read(store: Store, after: int = 0, limit: int = 100) -> list[tuple[int, int]]:
    return [(each.change, each.number) for each in store.changes(DEMARCHE, after, limit)[1]]


def test_nothing_yet(store: Store) -> None:
    assert store.read_place(DEMARCHE) == Place(None, 0)
    assert store.changes(DEMARCHE, 0, 10) == (Place(None, 0), [])
    store.save_form(DEMARCHE, "cra", {"number": DEMARCHE})
    assert store.read_place(DEMARCHE) == Place(None, 0)


def test_what_is_written_moves_to_the_end_and_what_is_not_stays(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(1), make_entry(2), make_entry(3)], None)
    assert read(store) == [(1, 1), (2, 2), (3, 3)]
    place = store.read_place(DEMARCHE)
    store.save_page(DEMARCHE, [make_entry(1), make_entry(2, modified_at=at(1))], None)
    assert read(store) == [(1, 1), (3, 3), (4, 2)]
    assert store.read_place(DEMARCHE) == Place(place.feed, 4)
    assert read(store, 3) == [(4, 2)]
    assert read(store, limit=2) == [(1, 1), (3, 3)]


def test_tombstones_are_changes(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(1), make_entry(2)], None)
    store.save_deletions(DEMARCHE, "pending", [make_deletion(1, at(1)), make_deletion(9, at(2))], None)
    assert read(store) == [(2, 2), (3, 9), (4, 1)]
    store.save_deletions(DEMARCHE, "pending", [make_deletion(1, at(1))], None)
    assert store.read_place(DEMARCHE).changes == 4, "what is known already is no news"
    gone = store.changes(DEMARCHE, 3, 1)[1][0]
    assert (gone.deletion_kind, gone.deleted_at, gone.deletion_reason) == ("pending", at(1), "user_request")
    store.save_page(DEMARCHE, [make_entry(1, modified_at=at(5))], None)
    (back,) = store.changes(DEMARCHE, 4, 1)[1]
    assert (back.number, back.deletion_kind, '"Forum"' in (back.document or "")) == (1, None, True)


def test_which_dossiers_changed_behind_a_place(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ds_bridge.store.reading.ROWS_A_BATCH", 2)
    store.save_page(DEMARCHE, [make_entry(number) for number in (1, 2, 3, 4)], None)
    store.save_page(DEMARCHE, [make_entry(2, modified_at=at(1))], None)
    store.save_deletions(DEMARCHE, "pending", [make_deletion(1, at(1))], None)
    assert list(store.changed_numbers(DEMARCHE, 0)) == [3, 4, 2, 1]
    assert list(store.changed_numbers(DEMARCHE, 5)) == [1]
    assert list(store.changed_numbers(DEMARCHE, 6)) == []


def test_each_demarche_counts_its_own(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(1)], None)
    store.save_page(5, [make_entry(2)], None)
    assert read(store) == [(1, 1)]
    assert store.read_place(5).changes == 1
    assert store.read_place(5).feed != store.read_place(DEMARCHE).feed


def test_since_a_moment(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(1), make_entry(2, modified_at=at(2))], None)
    store.save_deletions(DEMARCHE, "deleted", [make_deletion(3, at(3)), make_deletion(4, at(-3))], None)
    found = store.changes(DEMARCHE, 0, 10, since=at(1))[1]
    assert {each.number for each in found} == {2, 3}


def test_who_follows_while_others_write_misses_nothing(store: Store, store_url: str) -> None:
    """Three programs write one démarche at once, which no lock here keeps apart; one follows them."""
    rounds, ends = 12, threading.Event()
    seen: dict[int, str] = {}

    def write(first: int) -> None:
        chance = random.Random(first)
        with Store.open(store_url) as own:
            for turn in range(rounds):
                numbers = [first + chance.randrange(20) for _ in range(4)]
                entries = [make_entry(number, modified_at=at(turn), value=f"{turn}") for number in numbers]
                own.save_page(DEMARCHE, entries, None)
                own.save_deletions(
                    DEMARCHE, "pending", [make_deletion(first + chance.randrange(20), at(turn))], None
                )

    def follow() -> None:
        after = 0
        with Store.open(store_url) as own:
            while True:
                last = ends.is_set()
                found = own.changes(DEMARCHE, after, 5)[1]
                for each in found:
                    assert each.change > after
                    after = each.change
                    seen[each.number] = describe(each)
                if last and not found:
                    return

    def describe(each: Change) -> str:
        return each.deletion_kind or each.document or ""

    follower = threading.Thread(target=follow)
    writers = [threading.Thread(target=write, args=(1000 * number,)) for number in (1, 2, 3)]
    for each in (follower, *writers):
        each.start()
    for each in writers:
        each.join()
    ends.set()
    follower.join()
    assert seen == {each.number: describe(each) for each in store.changes(DEMARCHE, 0, 1000)[1]}
    assert len(seen) > 40
