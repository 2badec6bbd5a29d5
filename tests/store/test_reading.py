"""One dossier by its number, as the service asks for it; documents alone, as dumps do."""

from __future__ import annotations

from dataclasses import replace

from ds_bridge.store import StoredDeletion, StoredDocument, StoredDossier
from ds_bridge.store.reading import DOCUMENTS_A_BATCH
from tests.store.samples import DEMARCHE, SampleRow, at, make_deletion, make_entry
from tests.store.statements import recorded


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


def test_documents_come_as_they_were_written(store):
    document = {"z": 10**40, "a": "é\u2028", "dossier": {"number": 1}}
    store.save_page(DEMARCHE, [make_entry(1, document=document), make_entry(2, valid=False)], None)
    first, second = store.documents(DEMARCHE)
    text = '{"z":1' + "0" * 40 + ',"a":"é\u2028","dossier":{"number":1}}'
    assert first == StoredDocument(1, True, text, row_ids_text=None, account=None)
    assert first.document == document
    assert (second.number, second.valid, second.row_ids) == (2, False, {})


def test_a_range_of_numbers(store):
    store.save_page(DEMARCHE, [make_entry(number) for number in range(1, 8)], None)
    store.save_deletions(DEMARCHE, "deleted", [make_deletion(4, at(1))], None)
    found = [each.number for each in store.documents(DEMARCHE, numbers=range(3, 6))]
    assert found == [3, 5]
    assert store.count(DEMARCHE, numbers=range(3, 6)) == 2
    assert store.count(DEMARCHE, numbers=range(6, 2**63 - 1)) == 2
    assert store.count(DEMARCHE, numbers=range(8, 9)) == 0


def test_documents_of_the_dossiers_asked_for_only(store):
    pages = [make_entry(1), make_entry(2, state="accepte"), make_entry(3, modified_at=at(5)), make_entry(4)]
    store.save_page(DEMARCHE, pages, None)
    store.save_deletions(DEMARCHE, "deleted", [make_deletion(4, at(6))], None)
    assert [each.number for each in store.documents(DEMARCHE)] == [1, 2, 3]
    assert [each.number for each in store.documents(DEMARCHE, states=["accepte"])] == [2]
    assert [each.number for each in store.documents(DEMARCHE, since=at(5))] == [3]
    assert list(store.documents(DEMARCHE + 1)) == []


def test_rows_and_the_account_stand_beside_a_document_when_asked_for(store):
    rows = [SampleRow("a", 0, "row-1", {}), SampleRow("a", 1, None, {}), SampleRow("é", 0, "row-2", {})]
    with_account = make_entry(1, rows=rows)
    with_account = replace(with_account, raw=with_account.raw | {"usager": {"email": "Zoé@example.org"}})
    without = make_entry(2, rows=[])
    store.save_page(DEMARCHE, [with_account, replace(without, raw=without.raw | {"usager": None})], None)
    first, second = store.documents(DEMARCHE, also={"row_ids", "account"})
    assert first.row_ids == {("a", 0): "row-1", ("a", 1): None, ("é", 0): "row-2"}
    assert (first.account, second.account, second.row_ids) == ("Zoé@example.org", None, {})
    assert "Zoé" not in repr(first)


def test_every_document_comes_once_across_batches(store):
    count = 2 * DOCUMENTS_A_BATCH
    store.save_page(DEMARCHE, [make_entry(number) for number in range(count)], None)
    assert [each.number for each in store.documents(DEMARCHE)] == list(range(count))
    with recorded(store) as sent:
        next(store.documents(DEMARCHE, also=["row_ids"]))
    assert len(sent) == 1, "rows and documents of one moment"
