"""What a run holds of a page: no node any more, and the fingerprints that stores are already full of."""

import gc
import itertools
import json
import threading
import weakref

import pytest

from ds_bridge.api.base import as_it_came
from ds_bridge.api.pages import Page, Unreadable, walk_pages
from ds_bridge.errors import BadDataError
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.store.encoding import decode_json, encode_json
from ds_bridge.sync import Stop, dossiers
from ds_bridge.sync.ahead import PagesAhead
from ds_bridge.sync.pages import take_page
from ds_bridge.sync.pulled import Pulled, PulledPage, receive
from tests.sync.conftest import Night
from tests.sync.test_ahead import NOON, PATIENCE
from tests.sync.test_beside import wait_until

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
    assert Pulled.of(NODE | changed).fingerprint == expected


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (r'{"a": "é€🎉 \" \\ \n", "b": 12345678901234567890123, "c": 1e2}', True),
        (r'{"a":"\u0026","b":1}', False),
        (r'{"a":"\u0000"}', False),
    ],
)
def test_json_is_kept_as_it_came_where_a_database_can_hold_it(text, kept):
    text = json.dumps(NODE | {"champs": []}).replace("[]", text).encode()
    node = json.loads(text)
    pulled = receive(node, memoryview(text))
    assert pulled.raw == (text if kept else encode_json(node))
    assert pulled.fingerprint == receive(node).fingerprint
    assert b"u0000" not in pulled.raw


def test_what_is_no_dossier_is_told_by_its_number_and_the_others_go_to_be_mapped():
    begun = []

    def collect(stop):
        raise AssertionError("it is for whoever stores the page")

    def begin(raws):
        begun.extend(decode_json(raw)["number"] for raw in raws)
        return collect

    known = Unreadable(5, "poison")
    nodes = NODE, {"number": 2}, NODE | {"number": 3}
    page = PulledPage.of(Page(tuple(map(receive, nodes)), "c", True, (known,)), begin)
    assert [each.head.number for each in page.dossiers] == begun == [1, 3]
    reason = "BadDataError: a dossier came without a readable number, state or dates"
    assert page.unreadable == [known, Unreadable(2, reason)]
    assert (page.cursor, page.has_next, page.collect) == ("c", True, collect)


@pytest.mark.parametrize("odd", [{}, {"number": None}, {"number": "2"}])
def test_a_page_with_something_that_has_not_even_a_number_is_not_kept(odd):
    page = PulledPage.of(Page((receive(NODE), receive(odd)), "c", True), pytest.fail)
    assert isinstance(page.error, BadDataError)
    assert (page.dossiers, page.collect) == ((), None)


def test_such_a_page_ends_the_run_and_is_no_cursor_s_fault(server, sqlite_store, monkeypatch):
    night = Night(server, sqlite_store)
    places = itertools.count()

    def spoil(node, text):
        if next(places) == 57:
            del node["number"]
        return receive(node, text)

    monkeypatch.setattr(dossiers, "receive", spoil)
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
        walk = walk_pages(ask, size=3, read=as_it_came)
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
                wait_until(lambda number=number: watched[number]() is None)
                go_on.set()
    finally:
        gc.enable()
