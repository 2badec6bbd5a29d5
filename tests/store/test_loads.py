"""The parts of a load: they are saved with their pages, and go when the load's checkpoint is written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ds_bridge.errors import StoreError
from ds_bridge.store import Checkpoint, LoadPart, Store
from tests.store.samples import DEMARCHE, NOON, PARIS, at, make_checkpoint, make_entry

UP = LoadPart("forward", NOON, at(-9), "q1")
DOWN = LoadPart("backward", NOON, at(-9), "q1")


def test_a_load_from_its_beginning_to_its_end(store: Store) -> None:
    assert store.read_load(DEMARCHE) == []
    store.begin_load(DEMARCHE, [UP, DOWN])
    store.begin_load(7, [DOWN])
    assert store.overview(DEMARCHE).walk_in_hand
    passed = replace(UP, cursor="c", reached=at(-5).astimezone(PARIS), high_water=at(-4))
    assert store.save_page(DEMARCHE, [make_entry(1)], passed).created == 1
    store.save_part(DEMARCHE, replace(DOWN, complete=True))
    assert store.read_load(DEMARCHE) == [passed, replace(DOWN, complete=True)]
    assert store.read_checkpoint(DEMARCHE, "dossiers") is None
    store.end_load(DEMARCHE, Checkpoint("dossiers", high_water=at(-4)))
    assert store.read_load(DEMARCHE) == []
    assert store.read_checkpoint(DEMARCHE, "dossiers") == Checkpoint("dossiers", high_water=at(-4))
    assert not store.overview(DEMARCHE).walk_in_hand
    assert store.read_load(7) == [DOWN]


def test_a_load_that_cannot_go_on_leaves_the_checkpoint(store: Store) -> None:
    store.save_checkpoint(DEMARCHE, make_checkpoint("a"))
    store.begin_load(DEMARCHE, [UP])
    store.begin_load(DEMARCHE, [DOWN])
    assert store.read_load(DEMARCHE) == [DOWN]
    store.end_load(DEMARCHE, None)
    assert store.read_load(DEMARCHE) == []
    assert store.read_checkpoint(DEMARCHE, "dossiers") == make_checkpoint("a")


def test_a_page_and_its_part_are_one_transaction(store: Store) -> None:
    store.begin_load(DEMARCHE, [UP])
    broken = replace(UP, cursor="c", began=None)  # type: ignore[arg-type]  # what no store takes
    with pytest.raises(StoreError):
        store.save_page(DEMARCHE, [make_entry(1)], broken)
    assert (store.count(DEMARCHE), store.read_load(DEMARCHE)) == (0, [UP])
