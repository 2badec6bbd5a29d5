"""What a run holds of a page, and the fingerprints that stores are already full of."""

import gc
import itertools
import threading
import time
import weakref

import pytest

from ds_bridge.api.pages import Page, Unreadable, walk_pages
from ds_bridge.errors import BadDataError
from ds_bridge.mapping.person import PersonChamp
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.store.entries import PreparedEntry
from ds_bridge.sync import Stop
from ds_bridge.sync.ahead import PagesAhead
from ds_bridge.sync.content import Content
from ds_bridge.sync.entries import make_entry
from ds_bridge.sync.pages import take_page
from ds_bridge.sync.pulled import Pulled, PulledPage
from tests.sync.conftest import Night
from tests.sync.test_ahead import NOON, PATIENCE

NODE = {
    "id": "RG9zc2llci0x",
    "number": 1,
    "state": "accepte",
    "dateDepot": "2024-05-30T10:15:00+02:00",
    "dateDerniereModification": "2024-05-31T10:15:00.5Z",
    "demarche": {"revision": {"id": "UmV2"}},
    "champs": [{"files": [{"filename": "a.pdf", "url": "https://a"}], "x": "é\0"}],
}


class Node(dict):
    """One that can be watched."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "b31e03ae442bd5225151eb9c84a1c116"),
        ({"archived": True, "state": "new_state"}, "9a6588ede56aabab38d601ef7f78b20b"),
    ],
)
def test_a_fingerprint_never_changes_with_the_version(changed, expected):
    """Else every dossier of every store would be one that changed."""
    entry = make_entry(Pulled.of(NODE | changed), Content({}), PersonChamp())
    assert PreparedEntry.of(entry).raw_fingerprint == expected


def test_what_is_no_dossier_is_told_by_its_number_and_the_others_are_kept():
    known = Unreadable(5, "poison")
    nodes = NODE, {"number": 2}, NODE | {"number": 3}
    page = PulledPage.of(Page(nodes, "c", True, (known,)))
    assert [each.head.number for each in page.dossiers] == [1, 3]
    reason = "BadDataError: a dossier came without a readable number, state or dates"
    assert page.unreadable == [known, Unreadable(2, reason)]
    assert (page.cursor, page.has_next) == ("c", True)


@pytest.mark.parametrize("odd", [{}, {"number": None}, {"number": "2"}])
def test_a_page_with_something_that_has_not_even_a_number_is_not_kept(odd):
    with pytest.raises(BadDataError, match="without a readable number"):
        PulledPage.of(Page((NODE, odd), "c", True))


def test_such_a_page_ends_the_run_and_is_no_cursor_s_fault(server, sqlite_store, monkeypatch):
    night = Night(server, sqlite_store)
    places, read = itertools.count(), Pulled.of

    def spoil(node):
        if next(places) == 57:
            del node["number"]
        return read(node)

    monkeypatch.setattr(Pulled, "of", spoil)
    summary = night.run()
    assert (summary.outcome, summary.pages, night.store.count(CRA_NUMBER)) == ("failed", 2, 50)
    assert summary.error == "a dossier came without a readable number, state or dates"
    assert night.asked("DossiersPage") <= 4
    monkeypatch.undo()
    assert night.run().outcome == "complete"
    assert night.stored() == night.shown()


def test_people_s_data_is_in_no_repr():
    assert "é" not in repr(Pulled.of(NODE))


def test_a_walk_holds_no_page_that_was_taken():
    watched = []

    def ask(first, after, **_):
        node = Node(number=first)
        watched.append(weakref.ref(node))
        return {"pageInfo": {"hasNextPage": True, "endCursor": f"{after}x"}, "nodes": [node]}

    gc.disable()  # what goes must go at once
    try:
        walk = walk_pages(ask, size=3)
        for count in (1, 2):
            assert next(walk).nodes == ({"number": 3},)
            assert [each() for each in watched] == [None] * count
    finally:
        gc.enable()


def test_a_page_read_ahead_is_held_by_whoever_took_it():
    class Whole(list):
        """A page that can be watched."""

    watched, go_on = [], threading.Event()

    def walk():
        for number in range(3):
            yield watch(Whole([number]))
            go_on.wait(PATIENCE)  # the answer behind it is long in coming
            go_on.clear()

    def watch(page):
        watched.append(weakref.ref(page))
        return page

    gc.disable()
    try:
        with PagesAhead(walk(), now=lambda: NOON, stop=Stop()) as pages:
            for number in range(3):
                assert take_page(pages, has_cursor=False).page == [number]
                until = time.monotonic() + PATIENCE
                while watched[number]() is not None:
                    assert time.monotonic() < until, "somebody holds the page still"
                go_on.set()
    finally:
        gc.enable()
