"""What nobody sees in a value is taken out with a warning, wherever the value comes from."""

from __future__ import annotations

import pytest

from ds_bridge.errors import PrefillError
from ds_bridge.form import Field, Form
from ds_bridge.prefill import Identity, check
from ds_bridge.prefill.invisible import take_out

FORM = Form(
    1,
    "",
    (
        Field(2, "text", "Nom"),
        Field(3, "textarea", "Remarque"),
        Field(4, "drop_down_list", "Choix", options=("Oui, bien sûr", "Non", "N/A"), other_option=True),
        Field(5, "multiple_drop_down_list", "Jours", options=("Lundi matin", "Mardi", "N/A")),
        Field(6, "phone", "Téléphone"),
        Field(7, "drop_down_list", "Presque", options=("a  b", "a b")),
    ),
)


@pytest.mark.parametrize(
    ("given", "left", "names"),
    [
        ("DURAND\u200b", "DURAND", "U+200B"),
        ("\ufeffPETIT", "PETIT", "U+FEFF"),
        ("\u202aROUX", "ROUX", "U+202A"),
        ("Ana\u00a0", "Ana", "U+00A0"),
        (" \u00a0\u200b Ana", "Ana", "U+00A0, U+200B"),
        ("Jean\u00adPierre\u2066x\u2069", "JeanPierrex", "U+00AD, U+2066, U+2069"),
    ],
)
def test_what_is_taken_out(given: str, left: str, names: str) -> None:
    assert take_out(given) == (left, f"invisible characters are taken out ({names})")


@pytest.mark.parametrize(
    "text", ["Zoé", " gardé ", "06\u202f12", "👩\u200d👩\u200d👧", "abc ", "é\u00a0: oui"]
)
def test_what_stays(text: str) -> None:
    assert take_out(text) == (text, None)


def test_an_identity_and_a_champ_say_what_was_taken_out() -> None:
    identity = Identity(
        nom="DURAND\u200b", prenom="Ana", email="ana@example.org\u00a0", identifiant="12\u200b"
    )
    assert (identity.nom, identity.email, identity.identifiant) == ("DURAND", "ana@example.org", 12)
    checked = check(identity, {"2": "\u202aROUX", "6": "0612345678\u202c", "3": "a\u200bb"}, form=FORM)
    assert checked.champs == {
        "champ_Q2hhbXAtMg": "ROUX", "champ_Q2hhbXAtMw": "a\u200bb", "champ_Q2hhbXAtNg": "0612345678",
    }  # fmt: skip
    assert checked.warnings[:3] == (
        "nom: invisible characters are taken out (U+200B)",
        "email: invisible characters are taken out (U+00A0)",
        "identifiant: invisible characters are taken out (U+200B)",
    )
    assert "2: invisible characters are taken out (U+202A)" in checked.warnings
    assert "6: invisible characters are taken out (U+202C)" in checked.warnings


def test_a_value_of_nothing_else_is_empty() -> None:
    assert Identity(nom="\u200b").nom is None
    checked = check(None, {"2": "\u200b\u00a0"}, form=FORM)
    assert (checked.champs, checked.omitted) == ({}, ("2",))


def test_an_option_with_stray_spaces_is_that_option() -> None:
    checked = check(None, {"4": " Oui,\u00a0bien  sûr ", "5": ["Lundi matin\u200b", " Mardi"]}, form=FORM)
    assert checked.champs == {
        "champ_Q2hhbXAtNA": "Oui, bien sûr", "champ_Q2hhbXAtNQ": ["Lundi matin", "Mardi"],
    }  # fmt: skip
    assert check(None, {"4": " autre "}, form=FORM).champs == {"champ_Q2hhbXAtNA": " autre "}
    assert check(None, {"7": " a b"}, form=FORM).problems[0].code == "not_an_option"


@pytest.mark.parametrize(
    "text", ["#N/A", "#REF!", "#VALEUR!", "#NOM ?", "n/a", "#####", "Err:502", "#DIV/0!", "#N/D", " #NUL! "]
)
def test_what_a_spreadsheet_shows_for_no_value_is_none(text: str) -> None:
    with pytest.raises(PrefillError, match="what a spreadsheet shows for an error"):
        Identity(nom=text)
    assert check(None, {"2": text}, form=FORM).problems[0].code == "missing_data"


def test_an_option_may_be_called_so() -> None:
    checked = check(None, {"4": "N/A", "5": ["N/A", "Mardi"]}, form=FORM)
    assert checked.champs == {"champ_Q2hhbXAtNA": "N/A", "champ_Q2hhbXAtNQ": ["N/A", "Mardi"]}
    assert check(None, {"2": "#", "3": "#42"}, form=FORM).ok
