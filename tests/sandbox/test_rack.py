"""The sandbox reads query strings as Rack does: the cases of Rack's own documentation and behaviour."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from ds_bridge.sandbox import rack
from ds_bridge.sandbox.rack import (
    InvalidParameterError,
    ParameterTypeError,
    Params,
    QueryLimitError,
    TooDeepError,
    parse_nested_query,
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("foo", {"foo": None}),
        ("foo=", {"foo": ""}),
        ("foo=bar", {"foo": "bar"}),
        ("foo=bar&foo=quux", {"foo": "quux"}),
        ("foo&foo=", {"foo": ""}),
        ("foo=1&bar=2", {"foo": "1", "bar": "2"}),
        ("&foo=1&&bar=2&", {"foo": "1", "bar": "2"}),
        ("foo=1& bar=2", {"foo": "1", "bar": "2"}),
        ("=1", {}),
        ("my+weird+field=q1%212%22%27w%245%267%2Fz8%29%3F", {"my weird field": "q1!2\"'w$5&7/z8)?"}),
        ("a=b%3Dc", {"a": "b=c"}),
        ("a==1", {"a": "=1"}),
        ("pid%3D1234=1023", {"pid=1234": "1023"}),
        ("a=%C3%A9+%F0%9F%8E%89%2B", {"a": "é 🎉+"}),
        ("a;b=1", {"a;b": "1"}),
    ],
)
def test_plain_parameters(query: str, expected: Params) -> None:
    assert parse_nested_query(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("foo[]", {"foo": [None]}),
        ("foo[]=", {"foo": [""]}),
        ("foo[]=bar", {"foo": ["bar"]}),
        ("foo[]=1&foo[]=2", {"foo": ["1", "2"]}),
        ("foo%5B%5D=1&foo%5B%5D=2", {"foo": ["1", "2"]}),
        ("foo=bar&baz[]=1&baz[]=2&baz[]=3", {"foo": "bar", "baz": ["1", "2", "3"]}),
        ("foo&foo[]=1", {"foo": ["1"]}),
        ("x[y][z]", {"x": {"y": {"z": None}}}),
        ("x[y][z]=1", {"x": {"y": {"z": "1"}}}),
        ("x[y][z]=1&x[y][w]=2", {"x": {"y": {"z": "1", "w": "2"}}}),
        ("x[y][z][]=1&x[y][z][]=2", {"x": {"y": {"z": ["1", "2"]}}}),
        ("a[b]=1&a[b]=2", {"a": {"b": "2"}}),
        ("a[0][b]=1&a[1][b]=2", {"a": {"0": {"b": "1"}, "1": {"b": "2"}}}),
        ("a[0][b][]=1&a[0][b][]=2&a[1][b][]=3", {"a": {"0": {"b": ["1", "2"]}, "1": {"b": ["3"]}}}),
    ],
)
def test_lists_and_hashes(query: str, expected: Params) -> None:
    assert parse_nested_query(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("x[][y]=1", {"x": [{"y": "1"}]}),
        ("x[][y]=1&x[][y]=2", {"x": [{"y": "1"}, {"y": "2"}]}),
        ("x[][y]=1&x[][z]=2", {"x": [{"y": "1", "z": "2"}]}),
        (
            "x[][y]=1&x[][z]=2&x[][y]=3&x[][z]=4",
            {"x": [{"y": "1", "z": "2"}, {"y": "3", "z": "4"}]},
        ),
        # two rows with different keys melt into one
        ("x[][y]=1&x[][w]=2", {"x": [{"y": "1", "w": "2"}]}),
        # a list inside a row never starts a new one
        ("x[][y][]=1&x[][y][]=2", {"x": [{"y": ["1", "2"]}]}),
        (
            "x[][id]=1&x[][y][]=a&x[][id]=2&x[][y][]=b",
            {"x": [{"id": "1", "y": ["a"]}, {"id": "2", "y": ["b"]}]},
        ),
        ("x[][y][z]=1&x[][y][w]=2", {"x": [{"y": {"z": "1", "w": "2"}}]}),
        ("x[][y][z]=1&x[][y][z]=2", {"x": [{"y": {"z": "1"}}, {"y": {"z": "2"}}]}),
        (
            "x[][id]=1&x[][y][a]=5&x[][y][b]=7&x[][z][id]=3&x[][z][w]=0&x[][id]=2&x[][y][a]=6",
            {
                "x": [
                    {"id": "1", "y": {"a": "5", "b": "7"}, "z": {"id": "3", "w": "0"}},
                    {"id": "2", "y": {"a": "6"}},
                ]
            },
        ),
        ("x[][]=1", {"x": [["1"]]}),
    ],
)
def test_rows(query: str, expected: Params) -> None:
    assert parse_nested_query(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("[]=1", {"[]": "1"}),
        ("[a]=1", {"[a]": "1"}),
        ("a]=1", {"a]": "1"}),
        ("a[=1", {"a[": "1"}),
        ("a[b=1", {"a": {"[b": "1"}}),
        ("a[b]c=1", {"a": {"b": {"c": "1"}}}),
        ("x[][][y]=1", {"x": [{"[]": {"y": "1"}}]}),
        # the key of a padded id that was not encoded ends at its first =
        ("champ_Q2hhbXAtMQ===text", {"champ_Q2hhbXAtMQ": "==text"}),
    ],
)
def test_malformed_names_are_kept_somewhere(query: str, expected: Params) -> None:
    assert parse_nested_query(query) == expected


@pytest.mark.parametrize(
    "query",
    ["x[y]=1&x[]=1", "x[y]=1&x[y][][w]=2", "x=1&x[y]=2", "x[]=1&x[y]=2", "x=&x[]=1", "x[][y]=1&x[][y][z]=2"],
)
def test_one_name_with_two_shapes_is_refused(query: str) -> None:
    with pytest.raises(ParameterTypeError):
        parse_nested_query(query)


@pytest.mark.parametrize(
    "query", ["a=%", "a=100%", "a=%G1", "%=1", "a=%C3", "a=%FF%FE", b"a=\xe9", "a=%ED%A0%80"]
)
def test_bytes_that_are_no_text_are_refused(query: str | bytes) -> None:
    with pytest.raises(InvalidParameterError):
        parse_nested_query(query)


def test_unencoded_utf8_is_read() -> None:
    assert parse_nested_query("nom=Noël 🎉".encode()) == {"nom": "Noël 🎉"}


def test_depth_has_a_limit() -> None:
    deepest = "a" + "[b]" * (rack.DEPTH_LIMIT - 1)
    value: object = parse_nested_query(f"{deepest}=1")
    for _ in range(rack.DEPTH_LIMIT):
        assert isinstance(value, dict)
        (value,) = value.values()
    assert value == "1"
    with pytest.raises(TooDeepError):
        parse_nested_query(f"{deepest}[c]=1")


def test_size_has_a_limit() -> None:
    most = "&".join(f"k{number}=1" for number in range(rack.PAIRS_LIMIT))
    assert len(parse_nested_query(most)) == rack.PAIRS_LIMIT
    with pytest.raises(QueryLimitError):
        parse_nested_query(most + "&one=more")
    with pytest.raises(QueryLimitError):
        parse_nested_query(b"a=" + b"x" * rack.BYTES_LIMIT)


def test_it_shares_no_code_with_the_side_that_writes_links() -> None:
    tree = ast.parse(Path(rack.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not any(module and module.startswith("ds_bridge") for module in imported)
