"""Bodies decoded dossier by dossier: always what decoding them at once would have given, or an error."""

import json

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ds_bridge.api import nodes
from ds_bridge.api.answers import read_answer
from ds_bridge.api.base import as_it_came
from ds_bridge.api.nodes import Nodes, decode_body
from ds_bridge.api.pages import walk_pages
from ds_bridge.api.routes import Route
from ds_bridge.errors import GarbledAnswerError, QueryTimeoutError

INFO = {"hasNextPage": False, "endCursor": None}
DOSSIERS = [{"id": f"RG9zc2llci0{number}", "number": number, "champs": []} for number in range(1, 4)]
# What could be taken for the beginning or the end of something else.
HOSTILE = st.sampled_from(
    ['"nodes":[{', '}],{"id":"RG9zc2llci0', "]}}}", '\\"', ',{"id":"RG9zc2llci0', "é\ud7ff🎉", "\0"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | HOSTILE,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "nodes", "x"]) | HOSTILE, inner, max_size=3)
    ),
    max_leaves=8,
)
NODES = st.lists(
    st.builds(
        lambda number, more: {"id": f"RG9zc2llci0{number}", **more},
        st.integers(1, 99),
        st.fixed_dictionaries({"champs": VALUES}),
    )
    | VALUES,
    max_size=5,
)
"""Dossiers, and what is none."""


@pytest.fixture(autouse=True)
def _cut_short_ones(monkeypatch):
    monkeypatch.setattr(nodes, "SHORTEST_BYTES", 0)


def write(found, extensions=None, parent="demarche", **options):
    data = {parent: {"dossiers": {"pageInfo": INFO, "nodes": found}}}
    document = {"data": data} if extensions is None else {"data": data, "extensions": extensions}
    options = {"separators": (",", ":"), "ensure_ascii": False} | options
    return json.dumps(document, **options).encode()


def read(body, parent="demarche"):
    return decode_body(body)["data"][parent]["dossiers"]["nodes"]


def walk(found):
    """The dossiers, and that the JSON of each is its own."""
    if isinstance(found, list):
        yield from found
        return
    for node, text in found.walk():
        assert text is None or orjson.loads(text) == node
        yield node


@given(NODES, st.none() | VALUES, st.sampled_from([{}, {"ensure_ascii": True}, {"indent": 1}]))
@example([{"id": "RG9zc2llci01", "links": [{"id": "RG9zc2llci02"}, {"id": "RG9zc2llci03"}]}], None, {})
@example([], {"nodes": [{}]}, {})
@example([0], {"nodes": [{}]}, {})
@example(DOSSIERS[:1], {"x": {"x": {"x": [{}]}}}, {})
@example(DOSSIERS, {"x": {"x": {"x": [{}]}}}, {})
@example([{"x": 1}, {"id": "RG9zc2llci02"}], [{"id": "RG9zc2llci02"}], {})
@example([{"nodes": [{"nodes": [{}]}]}], {"nodes": [{}]}, {})
@example([{"nodes": [0]}], [{"x": {"nodes": [0]}}], {})
def test_what_comes_is_what_decoding_at_once_would_give(found, extensions, options):
    body = write(found, extensions, **options)
    assert list(walk(read(body))) == found
    turned = Route(backward=True).turn({"pageInfo": {}, "nodes": read(body)})["nodes"]
    assert list(walk(turned)) == found[::-1]
    document = decode_body(body)
    document["data"]["demarche"]["dossiers"]["nodes"] = found
    assert document == orjson.loads(body)


@pytest.mark.parametrize("parent", ["demarche", "groupeInstructeur"])
def test_no_page_is_decoded_whole(monkeypatch, parent):
    body, decoded = write(DOSSIERS, parent=parent), []

    class Noted:
        JSONDecodeError = orjson.JSONDecodeError

        @staticmethod
        def loads(text):
            decoded.append(len(text))
            return orjson.loads(text)

    monkeypatch.setattr(nodes, "orjson", Noted)
    for node, expected in zip(walk(read(body, parent)), DOSSIERS, strict=True):
        assert node == expected
        assert len(decoded) == 2 + expected["number"]  # none before its turn, but for the last
    around, last, *each = decoded
    assert each == [len(orjson.dumps(node)) for node in DOSSIERS]
    assert last == each[-1]
    assert around < len(body) - sum(each) + 40


def test_a_short_answer_is_decoded_at_once(monkeypatch):
    body = write(DOSSIERS)
    monkeypatch.setattr(nodes, "SHORTEST_BYTES", len(body) + 1)
    assert read(body) == DOSSIERS


@pytest.mark.parametrize("turned", [False, True])
def test_one_that_is_no_json_is_an_error_after_those_before_it(turned):
    found = read(write(DOSSIERS).replace(b'"number":2', b'"number":\x01'))
    got, found = [], walk(found.turn() if turned else found)
    with pytest.raises(GarbledAnswerError, match="a dossier that is no JSON"):
        got.extend(found)
    assert [node["number"] for node in got] == ([3] if turned else [1])


def test_a_page_with_one_is_asked_for_again_smaller():
    sizes = []

    def ask(first, after, **_):
        sizes.append(first)
        body = write(DOSSIERS)
        if len(sizes) == 1:
            body = body.replace(b'"number":2', b'"number":\x01')
        connection = {"pageInfo": INFO, "nodes": read(body)}
        assert isinstance(connection["nodes"], Nodes)
        return connection

    [page] = walk_pages(ask, size=8, read=as_it_came)
    assert page.nodes == tuple(DOSSIERS)
    assert sizes[0] == 8 > sizes[1]


@pytest.mark.parametrize("cut", [1, 2, 5, 40, 100])
def test_an_answer_cut_short_is_no_answer(cut):
    with pytest.raises(GarbledAnswerError):
        read_answer(200, {}, write(DOSSIERS)[:-cut], "DossiersPage")


ERRORS = [{"message": "x", "extensions": {"code": "timeout"}}]


@pytest.mark.parametrize("last", [{}, {"x": 1}, {"a": {"b": {"c": [{"d": 1}]}}}])
def test_errors_beside_dossiers_are_raised(last):
    """A list behind them as deep as the dossiers' own may take the errors for a part of these."""
    body = orjson.dumps({**orjson.loads(write(DOSSIERS)), "errors": ERRORS, "extensions": last})
    with pytest.raises(QueryTimeoutError):
        read_answer(200, {}, body, "DossiersPage")


def test_what_only_looks_like_the_last_dossier_hides_no_errors():
    """Then the answer is refused, and its page asked for again smaller."""
    last = {"a": {"b": {"c": [{"d": 1}, *DOSSIERS]}}}
    body = orjson.dumps({**orjson.loads(write(DOSSIERS)), "errors": ERRORS, "extensions": last})
    data = read_answer(200, {}, body, "DossiersPage")
    with pytest.raises(GarbledAnswerError):
        list(walk(data["demarche"]["dossiers"]["nodes"]))
