"""Names that look alike: the same but for marks, order or one letter; quickly, whatever was typed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_bridge.people.names import NameIndex, is_near


def find(nom: str | None, prenom: str | None) -> set[int]:
    index = NameIndex()
    for key, (last, first) in enumerate(
        [("NOËL", "Zoé"), ("Le Gall", "Jean-Pierre"), ("Petit", "Ana"), ("Petit", "Anna"), (None, "Zoé")]
    ):
        index.add(key, last, first)
    return index.find(nom, prenom)


@pytest.mark.parametrize(
    ("nom", "prenom", "found"),
    [
        ("Noël", "Zoé", {0}),
        ("noel", "ZOE", {0}),
        ("Zoé", "Noël", {0}),
        ("Noêl", "Zo", {0}),
        ("Noël", "Zoéé", {0}),
        ("Neol", "Zoé", {0}),
        ("Naël", "Zoé", {0}),
        ("Naal", "Zoé", set()),
        ("LEGALL", "Jean Pierre", {1}),
        ("Petit", "Ana", {2, 3}),
        ("Petit", "An", {2}),
        ("Noël", "", set()),
        (None, "Zoé", set()),
        ("", None, set()),
        ("x" * 100_000, "y", set()),
    ],
)
def test_who_looks_alike(nom: str | None, prenom: str | None, found: set[int]) -> None:
    assert find(nom, prenom) == found


def distance(one: str, other: str) -> int:
    """Edits and swaps of neighbours between two texts, the slow and sure way."""
    table = {(i, 0): i for i in range(len(one) + 1)} | {(0, j): j for j in range(len(other) + 1)}
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            table[i, j] = min(
                table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (one[i - 1] != other[j - 1])
            )
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(one), len(other)]


words = st.text("abc", min_size=1, max_size=6)


@given(words, words)
def test_near_is_one_edit_at_most(one: str, other: str) -> None:
    assert is_near(one, other) is (distance(one, other) <= 1)
    assert is_near(other, one) is is_near(one, other)


@given(st.lists(words, min_size=1, max_size=8), words)
def test_the_index_finds_whom_a_slow_search_finds(names: list[str], asked: str) -> None:
    index = NameIndex()
    for key, name in enumerate(names):
        index.add(key, name, "z")
    expected = {
        key
        for key, name in enumerate(names)
        if distance(name + "z", asked + "z") <= 1 or distance(name + "z", "z" + asked) <= 1
    }
    assert index.find(asked, "z") == expected


def test_the_example_of_neighbours() -> None:
    assert all(is_near(one, other) for one, other in pairwise(["abcd", "acbd", "acbd", "acd", "axd", "axde"]))
