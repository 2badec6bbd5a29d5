"""The sandbox prefills as the platform does: silently, and not always what was meant."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from ds_bridge.ids import ChampId
from ds_bridge.prefill import Identity, build_link
from ds_bridge.sandbox.dossiers import Identity as SandboxIdentity
from ds_bridge.sandbox.forms import DemarcheForm, load_forms, read_form
from ds_bridge.sandbox.prefill import (
    JANUARY_2026,
    NEWEST_RULES,
    Prefill,
    PrefillRules,
    asks_for_prefill,
    read_prefill,
    read_stable_number,
)
from ds_bridge.sandbox.rack import parse_nested_query

KINDS: dict[str, dict[str, Any]] = {
    "text": {},
    "textarea": {},
    "email": {},
    "integer_number": {},
    "decimal_number": {},
    "date": {},
    "datetime": {},
    "civilite": {},
    "yes_no": {},
    "checkbox": {},
    "drop_down_list": {"options": ["Rouge", "Vert, bleu"]},
    "multiple_drop_down_list": {"options": ["Rouge", "Vert, bleu", "Autre"]},
    "dossier_link": {},
    "siret": {},
    "rna": {},
    "header_section": {},
    "explication": {},
    "piece_justificative": {},
    "linked_drop_down_list": {"options": ["--A--", "b"]},
    "repetition": {
        "champs": [
            {"id": 101, "kind": "text", "label": "Nom"},
            {"id": 102, "kind": "multiple_drop_down_list", "label": "Types", "options": ["x", "y"]},
            {"id": 103, "kind": "integer_number", "label": "Nombre"},
            {"id": 104, "kind": "drop_down_list", "label": "Choix", "options": ["x"]},
        ]
    },
}
NUMBERS = {kind: number for number, kind in enumerate(KINDS, start=1)}


def make_form(**changes: Any) -> DemarcheForm:
    champs = [{"id": NUMBERS[kind], "kind": kind, "label": kind, **extra} for kind, extra in KINDS.items()]
    date = "2024-01-01T00:00:00+01:00"
    return read_form(
        {
            "number": 5,
            "title": "Tous",
            "path": "tous",
            "date_creation": date,
            "revisions": [{"number": 1, "date_creation": date, "champs": champs}],
            **changes,
        }
    )


FORM = make_form()


def key(number: int) -> str:
    return f"champ_{ChampId(number).encode_for_link()}"


def apply(params: dict[str, Any], form: DemarcheForm = FORM, rules: PrefillRules = NEWEST_RULES) -> Prefill:
    rows = itertools.count(1)
    return read_prefill(params, form, lambda: f"row{next(rows)}", lambda number: number == 1234, rules)


def value_of(kind: str, given: Any, rules: PrefillRules = NEWEST_RULES) -> Any:
    return apply({key(NUMBERS[kind]): given}, rules=rules).values.get(NUMBERS[kind])


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("text", "Évry & Cie #1 🎉", "Évry & Cie #1 🎉"),
        ("text", " gardé ", " gardé "),
        ("text", "a\x00b\x1bc\td", "abc\td"),
        ("textarea", "deux\nlignes", "deux\nlignes"),
        ("email", "pas une adresse", "pas une adresse"),
        ("integer_number", "4211", 4211),
        ("integer_number", "-3", -3),
        ("integer_number", "4 211", 4211),
        ("integer_number", "+5", 5),
        ("integer_number", 4211, 4211),
        ("decimal_number", "3.14", 3.14),
        ("decimal_number", "3,14", 3.14),
        ("decimal_number", "1 000.5", 1000.5),
        ("decimal_number", 3.14, 3.14),
        ("date", "2023-02-01", "2023-02-01"),
        ("date", "2023/02/01", "2023-02-01"),
        ("datetime", "2023-02-01T10:30", "2023-02-01T10:30:00+01:00"),
        ("datetime", "2023-07-01T10:30:00Z", "2023-07-01T12:30:00+02:00"),
        ("civilite", "Mme", "Mme"),
        ("yes_no", "true", True),
        ("yes_no", "1", True),
        ("yes_no", "on", True),
        ("yes_no", "OFF", False),
        ("checkbox", "false", False),
        ("checkbox", True, True),
        ("checkbox", False, False),
        ("civilite", "Monsieur", "M."),
        ("civilite", "mlle", "Mme"),
        ("date", "01/02/2023", "2023-02-01"),
        ("date", "2023-02-01T10:30:00Z", "2023-02-01"),
        ("date", "1675209600", "2023-02-01"),
        ("datetime", "1675209600000", "2023-02-01T01:00:00+01:00"),
        ("datetime", "2023-02-01", "2023-02-01T00:00:00+01:00"),
        ("datetime", "01/02/2023 10:30", "2023-02-01T10:30:00+01:00"),
        ("drop_down_list", "Vert, bleu", "Vert, bleu"),
        ("multiple_drop_down_list", ["Vert, bleu", "Rouge", "Rouge", ""], ["Vert, bleu", "Rouge"]),
        ("multiple_drop_down_list", "Rouge", ["Rouge"]),
        ("multiple_drop_down_list", '["Rouge"]', ["Rouge"]),
        ("dossier_link", "1234", 1234),
        ("siret", "13002526500013", "13002526500013"),
    ],
)
def test_values_that_are_taken(kind: str, given: Any, value: Any) -> None:
    taken = value_of(kind, given)
    assert taken == value
    assert type(taken) is type(value)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("text", ""),
        ("text", "  \n"),
        ("text", None),
        ("text", False),
        ("integer_number", "quatre"),
        ("integer_number", "3.5"),
        ("decimal_number", "3.1416"),
        ("decimal_number", "abc"),
        ("text", ["x", "y"]),
        ("text", {"a": "b"}),
        ("yes_no", "oui"),
        ("integer_number", ["1"]),
        ("date", "31/02/2023"),
        ("date", "2023-2-1"),
        ("date", "2023-02-31"),
        ("datetime", "n'importe quoi"),
        ("civilite", "Docteur"),
        ("drop_down_list", "__other__"),
        ("drop_down_list", "Inconnu"),
        ("multiple_drop_down_list", ["Rouge", "Inconnu"]),
        ("multiple_drop_down_list", ["rouge"]),
        ("dossier_link", "abc"),
        ("dossier_link", "999"),
        ("header_section", "x"),
        ("explication", "x"),
        ("piece_justificative", "x"),
        ("linked_drop_down_list", "b"),
        ("repetition", "x"),
        ("repetition", ["x", "y"]),
        ("repetition", {"a": {key(101): "x"}}),
    ],
)
def test_values_that_are_dropped_in_silence(kind: str, given: Any) -> None:
    assert value_of(kind, given) is None


def test_values_out_of_the_forms_bounds_are_dropped() -> None:
    bounds = {"integer_number": (1, 10), "decimal_number": (0.5, None), "date": ("2023-01-01", "2023-12-31")}
    champs = tuple(replace(one, bounds=bounds.get(one.kind, (None, None))) for one in FORM.active.champs)
    form = replace(FORM, revisions=(replace(FORM.active, champs=champs),))

    def taken(kind: str, given: str) -> Any:
        return apply({key(NUMBERS[kind]): given}, form).values.get(NUMBERS[kind])

    assert [taken("integer_number", text) for text in ("0", "1", "10", "11")] == [None, 1, 10, None]
    assert [taken("decimal_number", text) for text in ("0,4", "0,5", "99")] == [None, 0.5, 99.0]
    assert taken("date", "31/12/2022") is None
    assert taken("date", "31/12/2023") == "2023-12-31"


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("text", ["x", "y"], '["x", "y"]'),
        ("text", {"a": ["b", 1]}, '{"a"=>["b", 1]}'),
        ("integer_number", "4 211", "4 211"),
        ("yes_no", "oui", "oui"),
        ("date", "01/02/2023", "01/02/2023"),
        ("civilite", "Monsieur", None),
        ("drop_down_list", "Inconnu", "Inconnu"),
        ("rna", "W503726238", None),
    ],
)
def test_an_instance_of_january_keeps_texts_as_they_came(kind: str, given: Any, value: Any) -> None:
    assert value_of(kind, given, JANUARY_2026) == value


def test_unknown_ids_are_dropped_in_silence() -> None:
    params = {"champ_jane_doe": "x", key(9999): "x", "Q2hhbXAtMQ": "x", key(101): "a child outside its block"}
    assert apply(params).values == {}


def test_ids_may_be_padded_and_the_last_of_two_counts() -> None:
    padded = f"champ_{ChampId(1).encode()}"
    assert padded.endswith("==")
    assert apply({padded: "a"}).values == {1: "a"}
    assert apply({key(1): "a", padded: "b"}).values == {1: "b"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("champ_Q2hhbXAtMzU2NjQ5MQ", 3566491),
        ("champ_Q2hhbXAtMzU2NjQ5MQ==", 3566491),
        ("champ_", None),
        ("champ_é", None),
    ],
)
def test_stable_numbers(text: str, number: int | None) -> None:
    assert read_stable_number(text) == number


def test_rows_as_rack_gives_them() -> None:
    query = "&".join(
        [
            f"{key(NUMBERS['repetition'])}[][{key(101)}]=un",
            f"{key(NUMBERS['repetition'])}[][{key(103)}]=trois",
            f"{key(NUMBERS['repetition'])}[][{key(101)}]=deux",
            f"{key(NUMBERS['repetition'])}[][{key(104)}]=hors+liste",
        ]
    )
    rows = apply(parse_nested_query(query)).values[NUMBERS["repetition"]]
    assert [row.id for row in rows] == ["row1", "row2"]
    assert [row.values for row in rows] == [{101: "un"}, {101: "deux"}]


def test_indexed_rows_hold_lists() -> None:
    block = key(NUMBERS["repetition"])
    pairs = [(1, 101, "b"), (0, 102, "x"), (0, 102, "y"), (1, 102, "unknown")]
    query = "&".join(
        f"{block}[{row}][{key(champ)}]{'[]' if champ == 102 else ''}={value}" for row, champ, value in pairs
    )
    rows = apply(parse_nested_query(query)).values[NUMBERS["repetition"]]
    assert [row.values for row in rows] == [{102: ["x", "y"]}, {101: "b"}]


def test_an_empty_row_is_a_row() -> None:
    rows = apply({key(NUMBERS["repetition"]): [{}, {key(101): "a"}, "not a row"]}).values[
        NUMBERS["repetition"]
    ]
    assert [dict(row.values) for row in rows] == [{}, {101: "a"}]


def test_identity() -> None:
    given = {"identite_nom": "NOËL", "identite_prenom": "Zoé", "identite_genre": "Mme", "identite_email": "x"}
    assert apply(given).identity == SandboxIdentity("Mme", "NOËL", "Zoé")
    assert apply({**given, "identite_genre": "Madame"}).identity == SandboxIdentity(None, "NOËL", "Zoé")
    assert apply({"identite_nom": ["x"], "identite_prenom": " "}).identity == SandboxIdentity()
    assert apply(given, make_form(for_individual=False)).identity == SandboxIdentity()


@pytest.mark.parametrize(
    ("params", "asks"),
    [({}, False), ({"utm_source": "x"}, False), ({"champ_x": "y"}, True), ({"identite_nom": ""}, True)],
)
def test_what_makes_a_request_a_prefill(params: dict[str, Any], asks: bool) -> None:
    assert asks_for_prefill(params) is asks


def test_a_link_of_ds_bridge_prefills_the_cra() -> None:
    cra = load_forms()[0]
    zoe = Identity(
        nom="NOËL & Cie #1 + 100%", prenom="Zoé 🎉", genre="Mme", identifiant=4211, structure_identifiant=87
    )
    fields = {
        "nom": "3566491",
        "prenom": "3566520",
        "identifiant": "3566523",
        "structure_identifiant": "3566522",
    }
    link = build_link(
        "http://127.0.0.1", cra.path, zoe, {"3566495": "n'ai pas d'événement à ajouter"}, fields=fields
    )
    prefill = apply(parse_nested_query(link.partition("?")[2]), cra)
    assert prefill.identity == SandboxIdentity("Mme", "NOËL & Cie #1 + 100%", "Zoé 🎉")
    assert prefill.values == {
        3566491: "NOËL & Cie #1 + 100%",
        3566520: "Zoé 🎉",
        3566523: 4211,
        3566522: 87,
        3566495: "n'ai pas d'événement à ajouter",
    }
