"""Columns: what people call things is understood, and what is not is told."""

from __future__ import annotations

import pytest

from ds_bridge.form import Field, Form
from ds_bridge.ids import ChampId
from ds_bridge.people.roster import find_columns
from ds_bridge.people.roster.columns import simplify

FIELDS = {
    "nom": "Q2hhbXAtMQ",
    "identifiant": "3",
    "email": "Q2hhbXAtNA",
    "structure_nom": "Q2hhbXAtNQ",
    "structure_identifiant": "Q2hhbXAtNg",
    "temps_total": "Q2hhbXAtNw",
    "evenements.nom": "Q2hhbXAtOA",
}
FORM = Form(
    5,
    "Test",
    (
        Field(9, "header_section", "Vous"),
        Field(1, "text", "Veuillez renseigner votre nom de famille"),
        Field(7, "integer_number", "Temps hebdomadaire moyen"),
        Field(10, "text", "Commentaire libre"),
        Field(11, "text", "Je"),
        Field(12, "text", "Je"),
    ),
)


@pytest.mark.parametrize(
    ("heading", "attribute"),
    [
        ("nom", "nom"), ("NOM ", "nom"), ("Nom de famille", "nom"), ("Nom d’usage", "nom"),
        ("nom_famille", "nom"),
        ("prénom", "prenom"), ("Prenoms", "prenom"), ("firstName", "prenom"), ("Civilité", "genre"),
        ("e-mail", "email"), ("E_mail", "email"), ("Adresse électronique", "email"), ("Courriel :", "email"),
        ("identifiant", "identifiant"), ("ID", "identifiant"), ("ID CoNum", "identifiant"),
        ("id_conum", "identifiant"), ("idPG", "identifiant"),
        ("Identifiant conseiller numérique", "identifiant"),
        ("Nom de la structure", "structure_nom"), ("structureNom", "structure_nom"),
        ("Employeur", "structure_nom"),
        ("ID structure", "structure_identifiant"), ("Identifiant de la structure", "structure_identifiant"),
        ("structure_identifiant", "structure_identifiant"),
    ],
)  # fmt: skip
def test_what_an_attribute_may_be_called(heading: str, attribute: str) -> None:
    columns = find_columns(["autre", heading], FIELDS)
    assert (columns.identity, columns.champs, columns.unknown) == ({attribute: 1}, {}, ("autre",))


def test_champs_by_configured_name_id_and_label() -> None:
    headings = ["Temps total", "Q2hhbXAtMTA", "champ_Q2hhbXAtMTE=", "commentaire  LIBRE"]
    assert find_columns(headings[:3], FIELDS, FORM).champs == {
        "temps_total": 0,
        ChampId(10).encode_for_link(): 1,
        ChampId(11).encode_for_link(): 2,
    }
    assert find_columns(headings[3:], FIELDS, FORM).champs == {ChampId(10).encode_for_link(): 0}
    assert find_columns(headings[3:], FIELDS).unknown == ("commentaire  LIBRE",)


def test_a_champ_that_feeds_an_attribute_is_that_attribute() -> None:
    columns = find_columns(
        ["Veuillez renseigner votre nom de famille", "Temps hebdomadaire moyen"], FIELDS, FORM
    )
    assert (columns.identity, columns.champs) == ({"nom": 0}, {"temps_total": 1})


def test_digits_are_an_id_only_where_the_form_has_it() -> None:
    assert find_columns(["10", "2024"], FIELDS, FORM).champs == {ChampId(10).encode_for_link(): 0}
    assert find_columns(["10", "2024"], FIELDS).champs == {}


def test_two_columns_for_one_thing() -> None:
    columns = find_columns(["mail", "E-mail"], FIELDS)
    assert columns.identity == {"email": 0}
    assert columns.notes[0] == "column 'E-mail' is not used: another one feeds email already"


def test_a_label_that_stands_twice_is_told() -> None:
    assert find_columns(["Je"], FIELDS, FORM).notes == ("several champs have this label, give an id: 'Je'",)


def test_an_attribute_that_no_champ_takes() -> None:
    columns = find_columns(["nom", "e-mail", "ID"], {"identifiant": "3"})
    assert (columns.identity, columns.unsent) == ({"nom": 0, "email": 1, "identifiant": 2}, ("email",))
    assert columns.notes == ()


def test_columns_of_ours_and_without_a_heading_are_left_alone() -> None:
    columns = find_columns(["nom", "", "url", "problem"], FIELDS, ignored=("url", "problem"))
    assert (columns.unknown, columns.notes) == ((), ())


def test_simple_headings() -> None:
    assert simplify("Nom d’usage (ou marital)") == "nom usage ou marital"
    assert simplify("de la") == "de la", "nothing but small words"
    assert simplify("ŒUVRE_n°1") == "oeuvre n 1"
