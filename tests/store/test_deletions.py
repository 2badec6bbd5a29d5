"""Tombstones: which deletion counts against which dossier, and what brings one back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from ds_bridge.store import DeletionKind, PageCounts, Store, StoredDeletion
from tests.store.samples import DEMARCHE, at, make_checkpoint, make_deletion, make_entry
from tests.store.statements import recorded

# A dossier last modified at noon: (kind, hours after noon) → does its deletion count?
AGAINST_A_LIVE_DOSSIER: list[tuple[DeletionKind, float, bool]] = [
    ("deleted", 1, True),
    ("deleted", -1, True),  # backdated to when its user hid it
    ("pending", 1, True),
    ("pending", 0, True),  # hidden in the second it was modified
    ("pending", -1, True),  # hidden by its user long ago, which counts since it is en_construction again
    ("vanished", 1, True),
]


def kinds(store: Store) -> dict[int, str]:
    return {deletion.number: deletion.kind for deletion in store.deletions(DEMARCHE)}


@pytest.mark.parametrize(("kind", "hours", "counts"), AGAINST_A_LIVE_DOSSIER)
def test_a_deletion_against_a_live_dossier(
    store: Store, kind: DeletionKind, hours: float, counts: bool
) -> None:
    store.save_page(DEMARCHE, [make_entry(1), make_entry(2)], None)
    checkpoint = make_checkpoint(None, "deleted")
    entries = [make_deletion(1, at(hours))]
    assert store.save_deletions(DEMARCHE, kind, entries, checkpoint) == int(counts)
    assert [dossier.number for dossier in store.dossiers(DEMARCHE)] == ([2] if counts else [1, 2])
    assert kinds(store) == ({1: kind} if counts else {})
    assert store.read_checkpoint(DEMARCHE, "deleted") == checkpoint


# What a tombstone is when a second deletion comes: it only grows firmer.
SECOND_DELETION: list[tuple[DeletionKind, DeletionKind, str]] = [
    ("pending", "deleted", "deleted"),
    ("deleted", "pending", "deleted"),
    ("vanished", "pending", "pending"),
    ("pending", "vanished", "pending"),
    ("vanished", "deleted", "deleted"),
]


@pytest.mark.parametrize(("first", "second", "expected"), SECOND_DELETION)
def test_a_second_deletion(store: Store, first: DeletionKind, second: DeletionKind, expected: str) -> None:
    store.save_page(DEMARCHE, [make_entry(1)], None)
    assert store.save_deletions(DEMARCHE, first, [make_deletion(1, at(1))], None) == 1
    assert store.save_deletions(DEMARCHE, second, [make_deletion(1, at(2))], None) == 0
    assert kinds(store) == {1: expected}


def test_a_deletion_seen_again_is_not_written_again(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(1)], None)
    entries = [make_deletion(1, at(1)), make_deletion(2, at(1))]
    assert store.save_deletions(DEMARCHE, "pending", entries, None) == 2
    with recorded(store) as sent:
        assert store.save_deletions(DEMARCHE, "pending", entries, None) == 0
    assert [statement.split()[0] for statement in sent] == ["SELECT"]


def test_a_number_never_pulled_gets_a_bare_tombstone(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(1)], None)
    entries = [
        make_deletion(9, at(1), "expired"),
        make_deletion(1, at(2)),
        make_deletion(9, at(3), "expired"),
    ]
    assert store.save_deletions(DEMARCHE, "deleted", entries, None) == 2
    assert list(store.deletions(DEMARCHE)) == [
        StoredDeletion(1, "deleted", "user_request", at(2), pulled=True),
        StoredDeletion(9, "deleted", "expired", at(3), pulled=False),
    ]
    assert list(store.dossiers(DEMARCHE)) == []
    assert store.count(DEMARCHE) == 0


# A tombstone of one o'clock, listed live again: (kind, modified at) → is it back?
LISTED_AGAIN: list[tuple[DeletionKind, datetime, bool]] = [
    ("pending", at(2), True),
    ("pending", at(0), True),  # hidden dossiers are never listed: being listed is proof
    ("vanished", at(0), True),
    ("deleted", at(2), True),
    ("deleted", at(1), False),
    ("deleted", at(0), False),  # a page read before the deletion was
]


@pytest.mark.parametrize(("kind", "modified_at", "back"), LISTED_AGAIN)
@pytest.mark.parametrize("pulled", [True, False], ids=["pulled before", "bare"])
def test_a_tombstone_listed_live_again(
    store: Store, kind: DeletionKind, modified_at: datetime, back: bool, pulled: bool
) -> None:
    if pulled:
        store.save_page(DEMARCHE, [make_entry(1)], None)
    store.save_deletions(DEMARCHE, kind, [make_deletion(1, at(1))], None)
    counts = store.save_page(DEMARCHE, [make_entry(1, modified_at=modified_at)], None)
    assert counts.restored == int(back)
    assert store.count(DEMARCHE) == int(back)
    assert kinds(store) == ({} if back else {1: kind})


def test_a_restored_dossier_has_its_rows(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(1)], None)
    store.save_deletions(DEMARCHE, "pending", [make_deletion(1, at(1))], None)
    assert store.save_page(DEMARCHE, [make_entry(1, modified_at=at(2))], None) == PageCounts(restored=1)
    (stored,) = store.dossiers(DEMARCHE)
    assert stored.raw == make_entry(1, modified_at=at(2)).raw


def test_anomalies_of_a_tombstone_are_not_listed(store: Store) -> None:
    from tests.store.samples import SampleAnomaly

    problem = SampleAnomaly("p", "c", "error", "m")
    store.save_page(DEMARCHE, [make_entry(1, anomalies=[problem]), make_entry(2, anomalies=[problem])], None)
    store.save_deletions(DEMARCHE, "deleted", [make_deletion(1, at(1))], None)
    assert [anomaly.number for anomaly in store.anomalies(DEMARCHE)] == [2]


def test_deletions_of_one_demarche_only(store: Store) -> None:
    store.save_deletions(DEMARCHE, "deleted", [make_deletion(1, at(1))], None)
    store.save_deletions(7, "deleted", [make_deletion(2, at(1))], None)
    assert kinds(store) == {1: "deleted"}


def test_more_deletions_than_one_batch(store: Store) -> None:
    entries: list[Any] = [make_deletion(number, at(1)) for number in range(2500)]
    assert store.save_deletions(DEMARCHE, "deleted", entries, None) == 2500
    assert len(kinds(store)) == 2500
