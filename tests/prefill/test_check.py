"""Check: everything that is wrong at once, by the form when there is one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ds_bridge.errors import PrefillError
from ds_bridge.form import Field, Form
from ds_bridge.prefill import Identity, Problem, build_link, check
from ds_bridge.prefill.check import NO_CHAMP, NO_FORM

FORM = Form(
    82349,
    "CRA",
    (
        Field(10, "header_section", "1. QUI"),
        Field(1, "text", "Nom  de famille "),
        Field(2, "integer_number", "Identifiant"),
        Field(3, "email", "Courriel"),
        Field(4, "drop_down_list", "Je", section="A", options=("oui, souvent", "non")),
        Field(5, "drop_down_list", "Je", section="B"),
        Field(6, "repetition", "Événements", fields=(Field(7, "text", "Nom"),)),
        Field(8, "piece_justificative", "Justificatif"),
        Field(None, "text", "Sans identifiant"),
    ),
)
ZOE = Identity(nom="NOËL", prenom="Zoé", genre="Mme", identifiant=4211, email="zoe@example.org")


def test_values_stand_in_the_order_of_the_form() -> None:
    checked = check(
        ZOE, {"4": "oui, souvent", "Nom de famille": "NOËL"}, fields={"identifiant": "2"}, form=FORM
    )
    assert list(checked.champs.items()) == [
        ("champ_Q2hhbXAtMQ", "NOËL"),
        ("champ_Q2hhbXAtMg", "4211"),
        ("champ_Q2hhbXAtNA", "oui, souvent"),
    ]
    assert checked.identity == {"identite_nom": "NOËL", "identite_prenom": "Zoé", "identite_genre": "Mme"}
    assert checked.problems == (Problem("email", "unknown_champ", NO_CHAMP),)
    assert checked.warnings == ()


def test_everything_wrong_is_said_at_once() -> None:
    champs = {
        "99": "secret",
        "7": "secret",
        "8": "secret",
        "Je": "secret",
        "Prénom": "secret",
        "Sans identifiant": "secret",
        "4": "secret",
        "2": "secret",
        "Identifiant": 5,
        "6": "secret",
        "RG9zc2llci0xMg==": "secret",
    }
    checked = check(ZOE, champs, fields={"identifiant": "Numéro", "email": "3"}, form=FORM)
    assert [(problem.champ, problem.code) for problem in checked.problems] == [
        ("identifiant", "unknown_champ"),
        ("99", "unknown_champ"),
        ("7", "in_block"),
        ("8", "not_prefillable"),
        ("Je", "ambiguous_label"),
        ("Prénom", "unknown_champ"),
        ("Sans identifiant", "no_id"),
        ("4", "not_an_option"),
        ("2", "bad_number"),
        ("Identifiant", "given_twice"),
        ("6", "not_rows"),
        ("RG9zc2llci0xMg==", "bad_reference"),
    ]
    assert "secret" not in checked.describe_problems()
    assert "belongs to the rows of 'Événements'" in checked.describe_problems()
    assert checked.champs == {"champ_Q2hhbXAtMw": "zoe@example.org"}
    assert repr(checked) == str(checked) == "<Checked 1 champs, 12 problems>"
    with pytest.raises(PrefillError) as caught:
        build_link("https://x.fr", "p", ZOE, champs, form=FORM)
    assert "99: the form of démarche 82349 has no such champ" in str(caught.value)


def test_without_a_form_nothing_is_checked_and_that_is_said() -> None:
    checked = check(Identity(nom="NOËL"), {"8": "x", "6": ["a", "b"], "2": [{"7": 1}]})
    assert checked.warnings == (NO_FORM,)
    assert checked.champs == {
        "champ_Q2hhbXAtOA": "x",
        "champ_Q2hhbXAtNg": ["a", "b"],
        "champ_Q2hhbXAtMg": [{"champ_Q2hhbXAtNw": "1"}],
    }
    (problem,) = check(None, {"Nom": "x"}).problems
    assert problem == Problem("Nom", "unknown_champ", problem.message)
    assert str(problem).startswith("Nom: 'Nom' is a label, and finding it needs the démarche's form")


def test_what_was_given_empty_is_named() -> None:
    checked = check(Identity(nom=" ", prenom="Zoé", email=None), {"1": "", "2": None, "3": [" "]}, form=FORM)
    assert checked.omitted == ("nom", "email", "1", "2", "3")
    assert checked.identity == {"identite_prenom": "Zoé"}
    assert checked.champs == {}


def test_an_explicit_champ_wins_and_an_empty_one_does_not() -> None:
    fields = {"nom": "1"}
    assert check(ZOE, {"nom": "PETIT"}, fields=fields, form=FORM).champs == {"champ_Q2hhbXAtMQ": "PETIT"}
    assert check(ZOE, {"nom": ""}, fields=fields, form=FORM).champs == {"champ_Q2hhbXAtMQ": "NOËL"}


def test_two_forms_of_one_number_are_not_mistaken_for_each_other() -> None:
    for number in range(1, 40):
        form = Form(5, "", (Field(number, "text", "Nom"),))
        assert check(None, {"Nom": "x"}, form=form).ok
        assert not check(None, {str(number + 1): "x"}, form=form).ok


def test_checking_loads_no_network_and_no_database() -> None:
    code = (
        "import sys; import ds_bridge.prefill, ds_bridge.prefill.forms, ds_bridge.prefill.documentation;"
        "loaded = {module.split('.')[0] for module in sys.modules};"
        "print(sorted(loaded & {'sqlalchemy', 'httpx', 'graphql', 'alembic', 'fastapi'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
