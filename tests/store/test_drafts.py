"""Drafts: kept by number, found by person, forgotten by a purge alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ds_bridge.errors import StoreError
from ds_bridge.store import Store
from tests.store.samples import DEMARCHE, at, make_draft, make_entry

DAY = 24


def test_a_draft_comes_back_whole(store: Store) -> None:
    drafts = [
        make_draft(3, identifiant=4211, structure_identifiant=2**40),
        make_draft(1, created_at=at(1), state="deposited", submitted_at=at(2), checked_at=at(3)),
        make_draft(2, created_at=at(2), state="gone", gone_at=at(121)),
    ]
    store.save_drafts(DEMARCHE, drafts)
    store.save_drafts(7, [make_draft(9)])
    assert store.drafts(DEMARCHE) == drafts
    assert store.drafts(DEMARCHE, states=["gone", "prefilled"]) == [drafts[0], drafts[2]]
    assert store.drafts(DEMARCHE)[0].expires_at == at(5 * DAY)


def test_saving_again_replaces(store: Store) -> None:
    draft = make_draft(3, identifiant=4211)
    store.save_drafts(DEMARCHE, [draft, make_draft(4)])
    claimed = replace(draft, state="claimed", checked_at=at(5))
    store.save_drafts(DEMARCHE, [claimed])
    store.save_drafts(DEMARCHE, [])
    assert store.drafts(DEMARCHE) == [claimed, make_draft(4)]


def test_a_draft_is_gone_only_with_its_date(store: Store) -> None:
    for wrong in (make_draft(1, state="gone"), make_draft(1, gone_at=at(0)), make_draft(1, state="lost")):
        with pytest.raises(StoreError):
            store.save_drafts(DEMARCHE, [make_draft(2), wrong])
    assert store.drafts(DEMARCHE) == []


def test_a_persons_open_drafts(store: Store) -> None:
    store.save_drafts(
        DEMARCHE,
        [
            make_draft(1, identifiant=1, state="claimed"),
            make_draft(2, identifiant=1),
            make_draft(3, identifiant=1, created_at=at(DAY)),
            make_draft(4, identifiant=2),
            make_draft(5, identifiant=1, state="deposited", submitted_at=at(1)),
            make_draft(6),
        ],
    )
    store.save_drafts(7, [make_draft(7, identifiant=1)])
    found = store.find_open_drafts(DEMARCHE, 1, at(5 * DAY))
    assert [draft.number for draft in found] == [1, 3]


def test_a_draft_never_prints_its_token() -> None:
    assert "secret" not in repr(make_draft(1))


def test_a_purge_takes_old_drafts_whose_dossier_is_not_kept(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(1, modified_at=at(-1)), make_entry(2, modified_at=at(1))], None)
    store.save_drafts(
        DEMARCHE, [make_draft(number, created_at=at(-2)) for number in (1, 2, 3)] + [make_draft(4)]
    )
    store.save_drafts(7, [make_draft(9, created_at=at(-2))])
    store.purge(DEMARCHE, at(0))
    assert [draft.number for draft in store.drafts(DEMARCHE)] == [2, 4]
    assert [draft.number for draft in store.drafts(7)] == [9]
