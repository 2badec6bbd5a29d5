"""Lists and blocks: any rows go through a link, are read by Rack's rules, and are the same rows."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_bridge.errors import DraftNeededError, LinkTooLongError, PrefillError
from ds_bridge.form import Field, Form
from ds_bridge.ids import ChampId
from ds_bridge.prefill import Checked, build_link, check, draft_body, encode_params
from ds_bridge.prefill.check import INDEXED_ROWS, NO_FORM
from ds_bridge.prefill.invisible import take_out
from ds_bridge.sandbox.rack import parse_nested_query

FORM = Form(
    5,
    "Ateliers",
    (
        Field(1, "text", "Nom"),
        Field(
            2,
            "repetition",
            "Ateliers",
            fields=(
                Field(20, "header_section", "Un atelier"),
                Field(21, "text", "Titre"),
                Field(22, "integer_number", "Nombre"),
                Field(
                    23, "multiple_drop_down_list", "Publics", options=("Jeunes", "Séniors, aidants", "Autre")
                ),
                Field(24, "commune", "Commune"),
                Field(25, "date", "Date"),
            ),
        ),
        Field(3, "multiple_drop_down_list", "Jours", options=("Lundi", "Mardi, mercredi")),
    ),
)
BLOCK = f"champ_{ChampId(2).encode_for_link()}"
TITLE, NUMBER, PUBLIC, TOWN = (f"champ_{ChampId(n).encode_for_link()}" for n in (21, 22, 23, 24))


def shape(rows: list[dict[str, Any]]) -> str:
    """The block's part of a link, readable."""
    query = encode_params(check(None, {"2": rows}, form=FORM))
    for key, name in ((BLOCK, "R"), (TITLE, "T"), (NUMBER, "N"), (PUBLIC, "P"), (TOWN, "C")):
        query = query.replace(key, name)
    return unquote(query)


@pytest.mark.parametrize(
    ("rows", "query"),
    [
        ([{"21": "a"}], "R[][T]=a"),
        ([{"21": "a", "22": 1}, {"21": "b", "22": 2}], "R[][T]=a&R[][N]=1&R[][T]=b&R[][N]=2"),
        # The second row lacks the title: what both have goes first.
        ([{"21": "a", "22": 1}, {"22": 2}], "R[][N]=1&R[][T]=a&R[][N]=2"),
        # Nothing in common: the first champ is sent empty.
        ([{"21": "a"}, {"22": 2}], "R[][T]=a&R[][T]=&R[][N]=2"),
        ([{}], "R[][T]="),
        ([{"21": "a"}, {}, {"21": " "}], "R[][T]=a&R[][T]=&R[][T]="),
        # The order given is not the form's.
        ([{"22": 1, "21": "a"}], "R[][T]=a&R[][N]=1"),
        ([{"23": ["Jeunes", "Autre"]}, {"21": "b"}], "R[0][P][]=Jeunes&R[0][P][]=Autre&R[1][T]=b"),
        ([{"24": ["91000", "91228"]}, {}], "R[0][C][]=91000&R[0][C][]=91228&R[1][C]="),
        # A scalar in every row carries lists too: no number is needed, whatever the age of the instance.
        (
            [
                {"21": "x", "23": ["Jeunes", "Autre"]},
                {"22": 2, "21": "y"},
                {"24": ["91000", "91228"], "21": "z"},
            ],
            "R[][T]=x&R[][P][]=Jeunes&R[][P][]=Autre&R[][T]=y&R[][N]=2&R[][T]=z&R[][C][]=91000&R[][C][]=91228",
        ),
        ({"Titre": "a"}, "R[][T]=a"),
    ],
)
def test_rows_in_a_link(rows: Any, query: str) -> None:
    assert shape(rows) == query


def test_rows_in_a_draft_are_as_they_are() -> None:
    checked = check(
        None, {"2": [{"21": "a"}, {"22": 2, "23": ["Autre"]}, {}], "3": ["Lundi"], "1": "x"}, form=FORM
    )
    assert list(draft_body(checked).items()) == [
        ("champ_Q2hhbXAtMQ", "x"),
        (BLOCK, [{TITLE: "a"}, {NUMBER: "2", PUBLIC: ["Autre"]}, {TITLE: ""}]),
        ("champ_Q2hhbXAtMw", ["Lundi"]),
    ]
    assert checked.warnings == (f"2: {INDEXED_ROWS}",)


def test_options_with_commas_are_not_split() -> None:
    query = encode_params(check(None, {"3": ["Mardi, mercredi", "Lundi"]}, form=FORM))
    assert parse_nested_query(query) == {"champ_Q2hhbXAtMw": ["Mardi, mercredi", "Lundi"]}


def test_an_older_instance_needs_a_draft_for_lists_in_rows() -> None:
    checked = check(None, {"2": [{"23": ["Autre"]}]}, form=FORM)
    with pytest.raises(DraftNeededError, match=r"a list inside a row .* use a draft") as caught:
        encode_params(checked, indexed_rows=False)
    assert not isinstance(caught.value, LinkTooLongError)
    assert "Autre" not in str(caught.value)
    with pytest.raises(DraftNeededError):
        build_link("https://x.fr", "p", None, {"2": [{"23": ["Autre"]}]}, form=FORM, indexed_rows=False)
    scalars = check(None, {"2": [{"21": "a"}, {"22": 1}], "3": ["Lundi"]}, form=FORM)
    assert encode_params(scalars, indexed_rows=False) == encode_params(scalars, indexed_rows=True)


def test_problems_in_rows_name_their_place() -> None:
    rows: Any = [
        {"21": "a"},
        {"22": "deux", "99": 1, "1": 1, "20": "x", "Titre": [{"21": 1}]},
        {"22": 1, "Nombre": 2},
    ]
    checked = check(None, {"Ateliers": rows}, form=FORM)
    assert [(problem.champ, problem.code) for problem in checked.problems] == [
        ("Ateliers[1].22", "bad_number"),
        ("Ateliers[1].99", "unknown_champ"),
        ("Ateliers[1].1", "unknown_champ"),
        ("Ateliers[1].20", "not_prefillable"),
        ("Ateliers[1].Titre", "not_a_block"),
        ("Ateliers[2].Nombre", "given_twice"),
    ]
    for make in (encode_params, draft_body):
        with pytest.raises(
            PrefillError, match=r"^Ateliers\[1\]\.22: not a whole number.*; Ateliers\[1\]\.99: "
        ):
            make(checked)  # type: ignore[operator]  # two functions of different keywords


def test_names_of_the_configuration_reach_into_rows() -> None:
    fields = {"ateliers": "2", "ateliers.titre": "21", "nom": "1"}
    checked = check(None, {"ateliers": [{"titre": "a"}], "nom": "x"}, fields=fields, form=FORM)
    assert checked.champs == {"champ_Q2hhbXAtMQ": "x", BLOCK: [{TITLE: "a"}]}
    assert check(None, {"ateliers": [{"titre": "a"}]}, fields=fields).champs == {BLOCK: [{TITLE: "a"}]}
    for form in (FORM, None):
        (problem,) = check(None, {"ateliers.titre": "a"}, fields=fields, form=form).problems
        assert problem.code == "in_block"


def test_an_empty_block_is_left_out() -> None:
    checked = check(None, {"2": [], "3": [None, ""]}, form=FORM)
    assert (checked.champs, checked.omitted) == ({}, ("2", "3"))
    nothing = check(None, {"2": [{}]})
    assert nothing.champs == {}
    assert nothing.warnings == (NO_FORM, "2: empty rows are not sent: they name no champ")


texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("&#+%=;?[]é🎉"), min_size=1, max_size=8
)
row = st.dictionaries(
    st.integers(1, 6).map(lambda n: f"champ_{n}"), texts | st.lists(texts, min_size=1, max_size=3), max_size=4
)
scalar_row = st.dictionaries(st.integers(1, 6).map(lambda n: f"champ_{n}"), texts, max_size=4)


def keep(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows as they are when nothing was given for a champ: what is sent empty means nothing."""
    return [{key: value for key, value in row.items() if value != ""} for row in rows]


def as_rows(parsed: Any) -> list[dict[str, Any]]:
    return [parsed[key] for key in sorted(parsed, key=int)] if isinstance(parsed, dict) else parsed


@given(st.lists(scalar_row, min_size=1, max_size=5).filter(lambda rows: any(rows)))
def test_any_rows_of_texts_are_read_as_the_same_rows(rows: list[dict[str, Any]]) -> None:
    sent = [each or {next(iter(next(filter(None, rows)))): ""} for each in rows]
    query = encode_params(Checked(champs={"champ_b": sent}), indexed_rows=False)
    parsed = parse_nested_query(query)["champ_b"]
    assert isinstance(parsed, list)
    assert keep(as_rows(parsed)) == rows


@given(st.lists(row, min_size=1, max_size=5).filter(lambda rows: any(rows)))
def test_any_rows_are_read_as_the_same_rows(rows: list[dict[str, Any]]) -> None:
    sent = [each or {next(iter(next(filter(None, rows)))): ""} for each in rows]
    parsed = parse_nested_query(encode_params(Checked(champs={"champ_b": sent, "champ_c": ["x", "y"]})))
    assert keep(as_rows(parsed["champ_b"])) == rows
    assert parsed["champ_c"] == ["x", "y"]


values = st.fixed_dictionaries(
    {},
    optional={
        # Values that nothing is taken out of, and that are no word for nothing.
        "21": texts.map(lambda text: take_out(text)[0]).filter(
            lambda text: text.strip() and text.strip().casefold() not in ("null", "none", "nan", "n/a", "##")
        ),
        "22": st.integers(-(10**9), 10**9),
        "23": st.lists(st.sampled_from(["Jeunes", "Séniors, aidants", "Autre"]), min_size=1, unique=True),
        "25": st.dates(),
    },
)


@given(st.lists(values, min_size=1, max_size=4))
def test_any_rows_of_the_form_arrive(rows: list[dict[str, Any]]) -> None:
    checked = check(None, {"2": rows}, form=FORM)
    assert checked.problems == ()
    expected = [
        {
            f"champ_{ChampId(int(key)).encode_for_link()}": value if isinstance(value, list) else str(value)
            for key, value in each.items()
        }
        for each in rows
    ]
    parsed = parse_nested_query(encode_params(checked))[BLOCK]
    assert keep(as_rows(parsed)) == expected
    assert keep(draft_body(checked)[BLOCK]) == expected
