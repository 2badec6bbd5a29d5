"""The platform's own answers, as they were recorded: what was filed is in the object, and nothing is odd."""

from __future__ import annotations

from typing import Any

import pytest

from ds_bridge.api.champs import EngagementJuridique, UnknownChamp
from ds_bridge.api.records import read_dossier
from ds_bridge.api.registers import Address, Commune, Named, PersonneMorale, Rna
from ds_bridge.cra import CompteRendu
from ds_bridge.form import Field
from ds_bridge.ids import ChampId
from ds_bridge.mapping import Mapped, make_plan, map_dossier, resolve
from ds_bridge.mapping.named import ChampsNommes
from tests.mapping.forms import champ_of, form_of
from tests.recorded_answers import cra_dossiers, every_type_dossiers, recorded_dossier, recorded_form

HEAD: dict[str, Any] = {
    "number": 1,
    "state": "accepte",
    "dateDepot": "2026-09-01T10:00:00+02:00",
    "dateDerniereModification": "2026-09-01T10:00:00+02:00",
}
# Kind, type on the wire, what it holds when the register did not know, the text, the object, as JSON.
ONLY_TEXT: dict[str, tuple[str, dict[str, Any], str, Any]] = {
    "address": (
        "AddressChamp",
        {"address": None, "commune": None, "departement": None},
        "12 rue Inconnue 97999 Nulle-Part",
        Address(label="12 rue Inconnue 97999 Nulle-Part"),
    ),
    "siret": (
        "SiretChamp",
        {"etablissement": None},
        "13002526500013",
        PersonneMorale(siret="13002526500013"),
    ),
    "rna": ("RNAChamp", {"rna": None}, "W123456789", Rna(id="W123456789")),
    "rnf": ("RNFChamp", {"rnf": None}, "075-FDD-00003-01", Rna(id="075-FDD-00003-01")),
    "commune": ("CommuneChamp", {"commune": None}, "Nulle-Part (97999)", Commune(name="Nulle-Part (97999)")),
    "epci": ("EpciChamp", {"epci": None}, "CC de Nulle-Part", Named(name="CC de Nulle-Part")),
    "departement": ("DepartementChamp", {"departement": None}, "99 - Ailleurs", Named(name="99 - Ailleurs")),
    "region": ("RegionChamp", {"region": None}, "Ailleurs", Named(name="Ailleurs")),
    "pays": ("PaysChamp", {"pays": None}, "Syldavie", Named(name="Syldavie")),
    "engagement_juridique": (
        "EngagementJuridiqueChamp",
        {"engagementJuridique": None},
        "4500012345",
        EngagementJuridique(number="4500012345"),
    ),
}


def node_of(number: int, typename: str, text: str | None, **values: Any) -> dict[str, Any]:
    typed_id = ChampId(number).encode()
    return {
        "__typename": typename,
        "id": typed_id,
        "champDescriptorId": typed_id,
        "label": "Champ",
        "stringValue": text,
        **values,
    }


def map_one(node: dict[str, Any], kind: str) -> tuple[Mapped, Mapped]:
    """Without a model, and by a name given to the champ."""
    dossier = read_dossier(HEAD | {"champs": [node]})
    plan = make_plan(None, {"valeur": "1"}, form_of(champ_of(1, kind, "Champ")))
    return map_dossier(None, dossier, 7), map_dossier(plan, dossier, 7)


@pytest.mark.parametrize("kind", ONLY_TEXT)
def test_a_text_without_its_record_is_kept_and_told(kind: str) -> None:
    typename, values, text, expected = ONLY_TEXT[kind]
    plain, named = map_one(node_of(1, typename, text, **values), kind)
    assert plain.champs[0]["value"] == expected.model_dump(mode="json")
    assert isinstance(named.value, ChampsNommes)
    assert named.value.model_dump()["valeur"] == expected.model_dump()
    assert type(getattr(named.value, "valeur")) is type(expected)  # noqa: B009 - made while it runs
    assert [(each.path, each.code, each.severity) for each in plain.anomalies] == [
        ("champs[0]", "only_text", "warning")
    ]
    assert [(each.path, each.code) for each in named.anomalies] == [("valeur", "only_text")]
    assert text not in plain.anomalies[0].message


@pytest.mark.parametrize("kind", ONLY_TEXT)
def test_neither_text_nor_record_is_null_without_a_word(kind: str) -> None:
    typename, values, _, _ = ONLY_TEXT[kind]
    for text in (None, "", "  "):
        plain, named = map_one(node_of(1, typename, text, **values), kind)
        assert plain.champs[0]["value"] is None
        assert named.value is not None
        assert named.value.model_dump()["valeur"] is None
        assert (plain.anomalies, named.anomalies) == ((), ())


def test_the_number_of_an_engagement_stands_beside_its_amounts() -> None:
    amounts = {"montantEngage": "NotYetImplemented", "montantPaye": "12.50"}
    node = node_of(1, "EngagementJuridiqueChamp", "4500012345", engagementJuridique=amounts)
    plain, _ = map_one(node, "engagement_juridique")
    assert plain.champs[0]["value"] == {
        "number": "4500012345",
        "montant_engage": None,
        "montant_paye": "12.50",
    }
    assert plain.anomalies == ()


def test_an_unfilled_linked_list_is_null() -> None:
    for primary, secondary, expected in (
        ("", "", None),
        (None, None, None),
        ("Fruits", "", {"primary": "Fruits", "secondary": None}),
    ):
        node = node_of(1, "LinkedDropDownListChamp", "", primaryValue=primary, secondaryValue=secondary)
        plain, _ = map_one(node, "linked_drop_down_list")
        assert plain.champs[0]["value"] == expected


def test_every_kind_of_champ_is_read_without_a_model() -> None:
    filled, nothing, degraded = (
        map_dossier(None, read_dossier(each), 99001) for each in every_type_dossiers()
    )
    assert [(each.path, each.code) for each in filled.anomalies] == [
        ("champs[7]", "only_text"),
        ("champs[8]", "only_text"),
    ]
    assert [filled.champs[place]["value"]["siret"] for place in (6, 7, 8)] == [
        "13002526500013",
        "35600082800018",
        "41816609600051",
    ]
    assert nothing.anomalies == degraded.anomalies == ()
    assert {str(entry["value"]) for entry in nothing.champs if "rows" not in entry} == {
        "seul", "None", "False", "[]"
    }  # fmt: skip
    engagement = next(each for each in filled.extras["annotations"] if each["label"] == "EJ")
    assert engagement["value"] == {"number": "1234567890", "montant_engage": None, "montant_paye": None}


def test_every_champ_that_is_recorded_is_of_a_known_type() -> None:
    nodes = [*every_type_dossiers(), *cra_dossiers(), recorded_dossier("cra-7-correction_pending")]
    for node in nodes:
        dossier = read_dossier(node)
        assert dossier.unread == ()
        for champ in (*dossier.champs, *(dossier.annotations or ())):
            assert not isinstance(champ, UnknownChamp)


def test_every_champ_of_the_recorded_form_can_be_named_and_read() -> None:
    active, older = recorded_form("every_type")
    names = _name(active.fields)
    plan = make_plan(None, names, active, older)
    for node in every_type_dossiers():
        mapped = map_dossier(plan, read_dossier(node), 99001)
        assert mapped.valid, [(each.path, each.code) for each in mapped.anomalies]
        assert {each.code for each in mapped.anomalies} <= {"only_text"}


def test_the_recorded_reports_are_read_by_the_model() -> None:
    active, older = recorded_form("cra")
    plan = resolve(CompteRendu, active, older)
    told = {}
    for node in cra_dossiers():
        mapped = map_dossier(plan, read_dossier(node), 82349)
        assert isinstance(mapped.value, CompteRendu)
        told[node["number"]] = [(each.path, each.code) for each in mapped.anomalies]
    assert told == {
        1: [],
        2: [("accompagnements[0].mediateur_noms", "missing_mediateur")],
        3: [],
        4: [],
        5: [
            ("identite.structure_identifiant", "invalid_structure_identifier"),
            ("evenements[0].date", "date_after_deposit"),
            ("evenements[1].organisateurs_detail", "missing_detail"),
            ("temps_hebdomadaire", "split_incomplete"),
        ],
        6: [("evenements[0]", "empty_row")],
        7: [],
        8: [("temps_hebdomadaire", "split_incomplete")],
    }


def _name(fields: tuple[Field, ...]) -> dict[str, str]:
    names = {}
    for field in fields:
        if field.kind in ("header_section", "explication") or field.number is None:
            continue
        names[f"c{field.number}"] = str(field.number)
        for inner in field.fields:
            if inner.kind not in ("header_section", "explication"):
                names[f"c{field.number}.c{inner.number}"] = str(inner.number)
    return names
