"""The manifest in the store: a line a file, written over, gone with its dossier."""

from datetime import timedelta

import pytest

from ds_bridge.store import Store
from tests.store.samples import DEMARCHE, NOON, at, make_entry, make_file


@pytest.fixture
def store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as opened:
        opened.save_page(DEMARCHE, [make_entry(1, modified_at=at(-100)), make_entry(2)], None)
        yield opened


def test_lines_are_read_back_in_order_and_written_over(store):
    lines = [make_file(1), make_file(1, position=1, row_id="r"), make_file(2, source="message", champ="m")]
    store.save_files(lines[::-1])
    assert store.files(DEMARCHE) == lines
    assert store.files(DEMARCHE, 2) == lines[2:]
    assert store.files(7) == []
    failed = make_file(1, path=None, fetched_at=None, problem="its address answers 403")
    store.save_files([failed])
    assert store.files(DEMARCHE, 1) == [failed, lines[1]]
    assert "statuts" not in repr(lines[0])
    assert lines[1].key == ("champ", "Q2hhbXAtMQ==", "r", 1)


def test_what_belongs_to_no_dossier_any_more_is_left_out(store):
    store.save_files([make_file(1), make_file(99)])
    assert [line.dossier for line in store.files(DEMARCHE)] == [1]
    store.save_files([make_file(98)])
    store.save_files([])


def test_a_purge_takes_the_lines_of_its_dossiers(store):
    store.save_files([make_file(1), make_file(2)])
    store.purge(DEMARCHE, NOON - timedelta(hours=1))
    assert [line.dossier for line in store.files(DEMARCHE)] == [2]


def test_a_page_saved_again_keeps_the_lines(store):
    store.save_files([make_file(1)])
    store.save_page(DEMARCHE, [make_entry(1, value="changed")], None)
    assert store.files(DEMARCHE) == [make_file(1)]
