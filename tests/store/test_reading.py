"""One dossier by its number, as the service asks for it."""

from __future__ import annotations

from ds_bridge.store import StoredDeletion, StoredDossier
from tests.store.samples import DEMARCHE, at, make_deletion, make_entry


def test_a_live_dossier_a_tombstone_and_nothing(store):
    store.save_page(DEMARCHE, [make_entry(1), make_entry(2, valid=False)], None)
    live = store.read_dossier(DEMARCHE, 2)
    assert isinstance(live, StoredDossier)
    assert (live.number, live.valid, live.document) == (2, False, make_entry(2).document)
    assert live == list(store.dossiers(DEMARCHE))[1]
    assert store.read_dossier(DEMARCHE, 3) is None
    assert store.read_dossier(DEMARCHE + 1, 2) is None


def test_a_tombstone_says_so_pulled_before_or_not(store):
    store.save_page(DEMARCHE, [make_entry(1)], None)
    store.save_deletions(DEMARCHE, "deleted", [make_deletion(1, at(1)), make_deletion(9, at(2))], None)
    assert store.read_dossier(DEMARCHE, 1) == StoredDeletion(1, "deleted", "user_request", at(1), True)
    assert store.read_dossier(DEMARCHE, 9) == StoredDeletion(9, "deleted", "user_request", at(2), False)
    assert [store.read_dossier(DEMARCHE, each.number) for each in store.deletions(DEMARCHE)] == list(
        store.deletions(DEMARCHE)
    )
