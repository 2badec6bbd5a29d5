"""Places, SIRET, kinds that some instances drop: what the sandbox's prefill takes of them and what not."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from ds_bridge.ids import ChampId
from ds_bridge.sandbox.forms import load_forms
from ds_bridge.sandbox.geography import find_communes, list_addresses, list_communes, list_epcis
from ds_bridge.sandbox.places import COMMUNES, DEPARTMENT_REGIONS, DEPARTMENTS, REGIONS
from ds_bridge.sandbox.prefill import JANUARY_2026, NEWEST_RULES, PrefillRules, read_prefill

FORM = load_forms()[1]
AGENTS, NOM, JOURS, COMMUNE_IN_ROW, ATELIERS, DEPARTEMENT_IN_ROW = (
    700137,
    700139,
    700141,
    700146,
    700147,
    700154,
)
BY_KIND = {descriptor.kind: descriptor.stable for descriptor in reversed(FORM.active.champs)}
VONNAS = {
    "name": "Vonnas",
    "code": "01457",
    "postal_code": "01540",
    "department_name": "Ain",
    "department_code": "01",
}
AROUND_EVRY = {"department_name": "Essonne", "department_code": "91"}


def key(stable: int) -> str:
    return f"champ_{ChampId(stable).encode_for_link()}"


def apply(params: dict[str, Any], rules: PrefillRules = NEWEST_RULES) -> dict[int, Any]:
    rows = itertools.count(1)
    return dict(read_prefill(params, FORM, lambda: f"row{next(rows)}", rules=rules).values)


def value_of(kind: str, given: Any) -> Any:
    return apply({key(BY_KIND[kind]): given}).get(BY_KIND[kind])


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("departement", "01", {"name": "Ain", "code": "01"}),
        ("departement", "2A", {"name": "Corse-du-Sud", "code": "2A"}),
        ("departement", "974", {"name": "La Réunion", "code": "974"}),
        ("departement", "99", {"name": "Etranger", "code": "99"}),
        ("departement", "Essonne", {"name": "Essonne", "code": "91"}),
        ("region", "53", {"name": "Bretagne", "code": "53"}),
        ("region", "Île-de-France", {"name": "Île-de-France", "code": "11"}),
        ("pays", "CI", {"name": "Côte d'Ivoire", "code": "CI"}),
        ("pays", "cote d'ivoire", {"name": "Côte d'Ivoire", "code": "CI"}),
        ("pays", "FR", {"name": "France", "code": "FR"}),
        ("commune", ["01540", "01457"], VONNAS),
        ("commune", ["01540"], {"name": None, "code": None, "postal_code": "01540"}),
        ("epci", ["91", "200059228"], {"name": "CA Grand Paris Sud Seine Essonne Sénart", "code": "200059228"}
         | AROUND_EVRY),
        ("epci", ["91", "200042935"], {"name": None, "code": None} | AROUND_EVRY),
        ("epci", ["91"], {"name": None, "code": None} | AROUND_EVRY),
        ("address", "Rue qui n'existe pas 75000 Paris", {"label": "Rue qui n'existe pas 75000 Paris"}),
        ("siret", "130 025 265 00013", "13002526500013"),
        ("siret", 13002526500013, "13002526500013"),
        ("siret", "13002526500014", "13002526500014"),
        ("rna", "W751080001", "W751080001"),
        ("annuaire_education", "0561383Z", "0561383Z"),
    ],
)  # fmt: skip
def test_places_that_are_taken(kind: str, given: Any, value: Any) -> None:
    assert value_of(kind, given) == value


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("departement", "Ain"),
        ("departement", "Var"),
        ("departement", "1"),
        ("departement", "ESSONNE"),
        ("departement", "20"),
        ("departement", 91),
        ("departement", ["91"]),
        ("region", "bretagne"),
        ("region", "05"),
        ("region", 53),
        ("pays", "fr"),
        ("pays", "GP"),
        ("pays", "ZZ"),
        ("pays", "Atlantide"),
        ("pays", 33),
        ("commune", "01540"),
        ("commune", ["01457", "01540"]),
        ("commune", ["01540", "91228"]),
        ("commune", ["00000"]),
        ("commune", [1540, 1457]),
        ("commune", {"0": "01540", "1": "01457"}),
        ("epci", "200059228"),
        ("epci", ["00", "200059228"]),
        ("epci", {"0": "91", "1": "200059228"}),
        ("address", ["20 Avenue de Ségur 75007 Paris"]),
        ("carte", "x"),
        ("titre_identite", "x"),
        ("engagement_juridique", "x"),
        ("rnf", "075-FDD-00003-01"),
    ],
)
def test_places_that_are_dropped_in_silence(kind: str, given: Any) -> None:
    assert value_of(kind, given) is None


def test_a_known_address_comes_with_all_its_parts() -> None:
    address = value_of("address", "20 Avenue de Ségur 75007 Paris")
    assert (address["city_code"], address["region_code"], address["street_number"]) == ("75107", "11", "20")
    assert value_of("address", "20 avenue de Ségur 75007 Paris") == {
        "label": "20 avenue de Ségur 75007 Paris"
    }
    assert all(value_of("address", place["label"]) == place for place in list_addresses())


ROWS = {
    key(AGENTS): [
        {key(NOM): "a", key(JOURS): ["Dimanche"], key(COMMUNE_IN_ROW): ["01540", "01457"]},
        {key(NOM): "b", key(COMMUNE_IN_ROW): ["01540", "91228"]},
    ],
    key(ATELIERS): [{key(DEPARTEMENT_IN_ROW): "Ain"}, {key(DEPARTEMENT_IN_ROW): "Nulle part"}],
}


def test_in_rows_everything_is_screened() -> None:
    rows = apply(ROWS)
    assert [row.values for row in rows[AGENTS]] == [{NOM: "a", COMMUNE_IN_ROW: VONNAS}, {NOM: "b"}]
    assert [row.values for row in rows[ATELIERS]] == [{}, {}]


def test_in_rows_an_instance_of_january_checks_communes_alone() -> None:
    rows = apply(ROWS, JANUARY_2026)
    assert [row.values for row in rows[AGENTS]] == [
        {NOM: "a", JOURS: ["Dimanche"], COMMUNE_IN_ROW: VONNAS},
        {NOM: "b"},
    ]
    assert [row.values for row in rows[ATELIERS]] == [
        {DEPARTEMENT_IN_ROW: {"name": None, "code": "Ain"}},
        {DEPARTEMENT_IN_ROW: {"name": "Nulle part", "code": None}},
    ]


def test_an_older_instance_takes_no_numbered_rows() -> None:
    older = PrefillRules(indexed_rows=False)
    assert apply({key(AGENTS): {"0": {key(NOM): "a"}}}, older) == {}
    assert [row.values for row in apply({key(AGENTS): [{key(NOM): "a"}]}, older)[AGENTS]] == [{NOM: "a"}]


def test_an_instance_may_not_prefill_every_kind() -> None:
    given = {key(BY_KIND["rna"]): "W751080001", key(BY_KIND["email"]): "a@example.org"}
    rules = PrefillRules(dropped_kinds=frozenset({"rna", "annuaire_education"}))
    assert apply(given, rules) == {BY_KIND["email"]: "a@example.org"}


def test_the_tables_of_places_hold_together() -> None:
    assert (len(REGIONS), len(DEPARTMENTS)) == (18, 101)
    assert set(DEPARTMENT_REGIONS.values()) == set(REGIONS)
    assert {department for department, *_ in COMMUNES} <= set(DEPARTMENTS)
    assert all(place["department_name"] for place in (*list_communes(), *list_epcis()))
    assert [place["name"] for place in find_communes("01540")] == ["Perrex", "Vonnas"]
    assert {name for _, _, name, _ in COMMUNES} >= {"Y", "Aix-en-Provence", "Marseille 1er Arrondissement"}
