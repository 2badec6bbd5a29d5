"""Champs over GraphQL: types that depend on fragments, values as the platform writes them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from ds_bridge.ids import ChampId
from ds_bridge.sandbox.dossiers import Kept, Row
from ds_bridge.sandbox.forms import load_forms
from ds_bridge.sandbox.registers import make_address
from ds_bridge.sandbox.server import SandboxServer
from tests.sandbox.platform import CRA, KINDS, ask, code, data, read_query

KIND_STABLES = {d.label: d.stable for d in load_forms()[1].active.champs}
COMMUNE = {
    "name": "Évry",
    "code": "91228",
    "postal_code": "91000",
    "department_name": "Essonne",
    "department_code": "91",
}


def put(server: SandboxServer, values: dict[str, Any]) -> int:
    """Give the first dossier of the démarche of every kind these values, by label. Gives its number."""
    number = min(server.world.demarches[KINDS].dossiers)
    content = Kept({KIND_STABLES[label]: value for label, value in values.items()})
    server.world.modify(number, content=content)
    return number


def champs(server: SandboxServer, number: int, selection: str) -> dict[str, dict[str, Any]]:
    fields = f"label __typename stringValue {selection}"
    query = f"query($n: Int!) {{ dossier(number: $n) {{ champs {{ {fields} }} }} }}"
    return {champ["label"]: champ for champ in data(server, query, n=number)["dossier"]["champs"]}


@pytest.mark.parametrize(
    ("label", "rich", "poor"),
    [
        ("D'accord ?", "YesNoChamp", "CheckboxChamp"),
        ("Rendez-vous", "DatetimeChamp", "DateChamp"),
        ("Couleur", "DropDownListChamp", "TextChamp"),
        ("Adresse", "AddressChamp", "TextChamp"),
        ("Commune", "CommuneChamp", "TextChamp"),
        ("Département", "DepartementChamp", "TextChamp"),
        ("Région", "RegionChamp", "TextChamp"),
        ("Pays", "PaysChamp", "TextChamp"),
        ("1. Vous", "HeaderSectionChamp", "TextChamp"),
        ("Ce formulaire a une sorte de champ de chaque", "ExplicationChamp", "TextChamp"),
    ],
)
def test_a_type_depends_on_the_fragments_of_the_document(
    calm: SandboxServer, label: str, rich: str, poor: str
) -> None:
    number = min(calm.world.demarches[KINDS].dossiers)
    assert champs(calm, number, "")[label]["__typename"] == poor
    assert champs(calm, number, f"... on {rich} {{ id }}")[label]["__typename"] == rich
    named = f"""query($n: Int!) {{ dossier(number: $n) {{ champs {{ label __typename ...F }} }} }}
        fragment F on {rich} {{ id }}"""
    found = {c["label"]: c["__typename"] for c in data(calm, named, n=number)["dossier"]["champs"]}
    assert found[label] == rich


def test_values_of_every_kind(server: SandboxServer) -> None:
    link = min(server.world.demarches[CRA].dossiers)
    number = put(
        server,
        {
            "Civilité": "M.",
            "Adresse": make_address(2),
            "Commune": COMMUNE,
            "Département": {"name": "Essonne", "code": "91"},
            "Date": "2024-05-12",
            "Rendez-vous": "2024-07-01T10:30",
            "Nombre d'agents": 12,
            "Montant (€)": 3.5,
            "D'accord ?": False,
            "J'ai lu": True,
            "Couleur": "Bleu, ciel",
            "Jours": ["Lundi", "Mardi, mercredi"],
            "Véhicule": ["Voiture", "Break"],
            "Dossier lié": link,
            "SIRET": "13002603200016",
            "Emplacement": [{"geometry": {"type": "Point", "coordinates": [2.4, 48.6]}}],
            "Pièce": [{"filename": "a.txt", "content_type": "text/plain", "text": "abc"}],
            "Titre d'identité": True,
        },
    )
    query = read_query("dossier")
    found = {champ["label"]: champ for champ in data(server, query, number=number)["dossier"]["champs"]}

    def read(label: str, *keys: str) -> tuple[Any, ...]:
        return tuple(found[label][key] for key in ("__typename", "stringValue", *keys))

    assert read("Civilité", "civilite") == ("CiviliteChamp", "M.", "M")
    assert read("Commune", "commune", "departement") == (
        "CommuneChamp",
        "Évry (91000)",
        {"name": "Évry", "code": "91228", "postalCode": "91000"},
        {"name": "Essonne", "code": "91"},
    )
    assert found["Adresse"]["address"]["cityName"] == "L'Haÿ-les-Roses"
    assert read("Date", "date") == ("DateChamp", "12 mai 2024", "2024-05-12")
    assert read("Rendez-vous", "datetime") == (
        "DatetimeChamp",
        "01 juillet 2024 10h30",
        "2024-07-01T10:30:00+02:00",
    )
    assert read("Nombre d'agents", "integer") == ("IntegerNumberChamp", "12", "12")
    assert read("Montant (€)", "decimal") == ("DecimalNumberChamp", "3.5", 3.5)
    assert read("D'accord ?", "yesNo") == ("YesNoChamp", "false", False)
    assert read("J'ai lu", "checked") == ("CheckboxChamp", "true", True)
    assert read("Couleur", "value") == ("DropDownListChamp", "Bleu, ciel", "Bleu, ciel")
    assert read("Jours", "values") == (
        "MultipleDropDownListChamp",
        "Lundi, Mardi, mercredi",
        ["Lundi", "Mardi, mercredi"],
    )
    assert read("Véhicule", "primaryValue", "secondaryValue") == (
        "LinkedDropDownListChamp",
        "Voiture / Break",
        "Voiture",
        "Break",
    )
    assert read("Dossier lié") == ("DossierLinkChamp", str(link))
    linked = champs(server, number, "... on DossierLinkChamp { dossier { number } }")["Dossier lié"]
    assert linked["dossier"] == {"number": link}
    assert found["SIRET"]["etablissement"]["siret"] == "13002603200016"
    assert read("Emplacement")[1] is None
    assert found["Emplacement"]["geoAreas"][0]["geometry"] == {"type": "Point", "coordinates": [2.4, 48.6]}
    assert read("Titre d'identité", "filled") == ("TitreIdentiteChamp", None, True)
    assert read("2.1 Quand", "level") == ("HeaderSectionChamp", "", 2)
    (file,) = found["Pièce"]["files"]
    assert (file["checksum"], file["byteSizeBigInt"], read("Pièce")[1]) == (
        "kAFQmDzST7DWlj99KOF/cg==",
        "3",
        None,
    )


def test_blank_champs(server: SandboxServer) -> None:
    number = put(server, {})
    query = read_query("dossier")
    found = {champ["label"]: champ for champ in data(server, query, number=number)["dossier"]["champs"]}
    assert found["D'accord ?"]["yesNo"] is None
    assert found["J'ai lu"]["checked"] is False
    assert found["Nombre d'agents"]["integer"] is None
    assert found["Jours"]["values"] == []
    assert found["Pièce"]["stringValue"] == found["Emplacement"]["stringValue"] == ""
    assert found["Agents"]["rows"] == []
    poor = champs(server, number, "... on CheckboxChamp { value }")
    assert poor["D'accord ?"]["value"] is False
    assert poor["Rendez-vous"]["stringValue"] == ""


def test_a_file_has_another_address_an_hour_later(server: SandboxServer) -> None:
    number = put(server, {"Pièce": [{"filename": "a.txt", "content_type": "text/plain", "text": "abc"}]})
    selection = "... on PieceJustificativeChamp { files { url checksum } }"
    before = champs(server, number, selection)["Pièce"]["files"][0]
    server.world.advance(dt.timedelta(hours=1))
    after = champs(server, number, selection)["Pièce"]["files"][0]
    assert before["checksum"] == after["checksum"]
    assert before["url"] != after["url"]


def test_ids_of_champs_rows_and_descriptors(server: SandboxServer) -> None:
    world = server.world
    number = max(world.demarches[CRA].dossiers)
    row = Row(world.new_row_id(), {3566497: "Forum", 3566498: ["Un Hub"], 3566499: "Autre", 3566500: "Salon"})
    values = {3566491: "NOËL", 3566495: "souhaite ajouter au moins un événement", 3566496: [row]}
    world.modify(number, content=Kept(values), revision=126854, prefilled_champs=frozenset({3566491}))
    dossier = data(server, read_query("dossier"), number=number)["dossier"]
    by_stable = {ChampId.parse(c["champDescriptorId"]).stable: c for c in dossier["champs"]}
    nom = by_stable[3566491]
    assert nom["id"] == nom["champDescriptorId"] == "Q2hhbXAtMzU2NjQ5MQ=="
    assert (nom["value"], nom["prefilled"], by_stable[3566520]["prefilled"]) == ("NOËL", True, False)
    (shown,) = by_stable[3566496]["rows"]
    name = shown["champs"][0]
    assert ChampId.parse(name["id"]) == ChampId(3566497, row.id)
    assert ChampId.parse(name["champDescriptorId"]) == ChampId(3566497)
    labels = [champ["label"] for champ in shown["champs"]]
    assert labels == [
        "Nom de l'événement",
        "Organisé par",
        "Type d'événement",
        "Précisez",
        "Date de l'événement",
    ]


def test_champs_that_do_not_apply_are_absent_and_titles_present(server: SandboxServer) -> None:
    number = max(server.world.demarches[CRA].dossiers)
    values = {3566495: "n'ai pas d'événement à ajouter", 3566496: [Row("01", {3566497: "resté"})]}
    server.world.modify(number, content=Kept(values), revision=126854)
    dossier = data(server, read_query("dossier"), number=number)["dossier"]
    labels = [champ["label"] for champ in dossier["champs"]]
    assert "ÉVÉNEMENT" not in labels
    assert labels.count("Je") == 3
    kinds = [champ["__typename"] for champ in dossier["champs"]]
    assert kinds[:3] == ["ExplicationChamp", "HeaderSectionChamp", "ExplicationChamp"]
    assert "Veuillez renseigner votre nom de famille" in labels


def test_the_flat_champs_of_a_block_are_its_rows_one_after_the_other(calm: SandboxServer) -> None:
    query = """query($n: Int!) { demarche(number: $n) { dossiers(first: 20) { nodes { champs {
        ... on RepetitionChamp { champs { id } rows { champs { id } } } } } } } }"""
    blocks = [
        champ
        for node in data(calm, query, n=CRA)["demarche"]["dossiers"]["nodes"]
        for champ in node["champs"]
        if champ
    ]
    assert any(len(block["rows"]) > 1 for block in blocks)
    for block in blocks:
        assert block["champs"] == [champ for row in block["rows"] for champ in row["champs"]]


def test_one_champ_by_its_id(calm: SandboxServer) -> None:
    number = min(calm.world.demarches[CRA].dossiers)
    query = "query($n: Int!, $id: ID) { dossier(number: $n) { champs(id: $id) { id } } }"
    for given in ("Q2hhbXAtMzU2NjQ5MQ==", "Q2hhbXAtMzU2NjQ5MQ"):
        found = data(calm, query, n=number, id=given)["dossier"]["champs"]
        assert found == [{"id": "Q2hhbXAtMzU2NjQ5MQ=="}]


def test_the_demandeur_is_a_person_or_a_company(server: SandboxServer) -> None:
    query = """query($n: Int!) { dossier(number: $n) { demandeur {
        __typename ... on PersonnePhysique { civilite nom prenom } %s } } }"""
    person = min(server.world.demarches[CRA].dossiers)
    known = server.world.dossier(person)
    assert known is not None
    assert data(server, query % "", n=person)["dossier"]["demandeur"] == {
        "__typename": "PersonnePhysique",
        "civilite": (known.identity.civilite or "").rstrip("."),
        "nom": known.identity.nom,
        "prenom": known.identity.prenom,
    }
    company = min(server.world.demarches[KINDS].dossiers)
    server.world.modify(company, siret="13002603200016")
    whole = "... on PersonneMorale { siret siegeSocial }"
    assert data(server, query % whole, n=company)["dossier"]["demandeur"]["siret"] == "13002603200016"
    server.world.modify(company, siret="13002603210000")
    assert code(ask(server, query % whole, n=company)) == "invalid_null"
    known_incomplete = data(server, query % (whole + "... on PersonneMoraleIncomplete { siret }"), n=company)
    assert known_incomplete["dossier"]["demandeur"] == {
        "__typename": "PersonneMoraleIncomplete",
        "siret": "13002603210000",
    }
