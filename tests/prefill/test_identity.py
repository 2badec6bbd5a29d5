"""Identity: what is empty is left out, what is wrong is refused without being repeated."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_bridge.errors import PrefillError
from ds_bridge.prefill import Identity

TEXTS = ("nom", "prenom", "structure_nom")
NUMBERS = ("identifiant", "structure_identifiant")


def test_everything_is_optional() -> None:
    assert set(Identity().model_dump().values()) == {None}


def test_values_are_kept_and_numbers_read() -> None:
    identity = Identity.model_validate(
        {
            "nom": "NOËL",
            "prenom": " Zoé ",
            "genre": "Mme",
            "email": " zoe@example.org ",
            "identifiant": "4211",
            "structure_nom": "Mairie d’Évry & Cie",
            "structure_identifiant": 87,
        }
    )
    assert identity.model_dump() == {
        "nom": "NOËL",
        "prenom": " Zoé ",
        "genre": "Mme",
        "email": "zoe@example.org",
        "identifiant": 4211,
        "structure_nom": "Mairie d’Évry & Cie",
        "structure_identifiant": 87,
    }


@pytest.mark.parametrize("name", [*TEXTS, *NUMBERS, "genre", "email"])
@pytest.mark.parametrize("blank", [None, "", "   ", "\n\t", "\u00a0"])
def test_blank_is_left_out(name: str, blank: str | None) -> None:
    assert getattr(Identity.model_validate({name: blank}), name) is None


@pytest.mark.parametrize("name", [*TEXTS, *NUMBERS, "genre", "email"])
@pytest.mark.parametrize(
    "word", ["undefined", "null", "None", "UNDEFINED", " Null ", "none\n", "NaN", "[object Object]"]
)
def test_words_for_missing_data_are_refused(name: str, word: str) -> None:
    with pytest.raises(PrefillError, match=rf"^{name}: .*missing data"):
        Identity.model_validate({name: word})


def test_such_a_word_inside_a_value_is_no_reason() -> None:
    assert Identity(nom="Nullement", structure_nom="None & Fils").structure_nom == "None & Fils"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"nom": "a\x00b"}, "nom: the value holds a control character (U+0000)"),
        ({"prenom": "a\x1b[0m"}, "prenom: the value holds a control character (U+001B)"),
        ({"nom": "a\x85b"}, "nom: the value holds a control character (U+0085)"),
        ({"nom": "a\ud83d"}, "nom: the value holds half a character (a lone surrogate)"),
        ({"genre": "Monsieur"}, "genre: the platform takes M. or Mme, nothing else"),
        ({"email": "zoe"}, "email: not an e-mail address"),
        ({"email": "zoe@example org"}, "email: not an e-mail address"),
        ({"email": "zoe@@example.org"}, "email: not an e-mail address"),
        ({"identifiant": "12a"}, "identifiant: not a positive whole number written in digits"),
        ({"identifiant": "-5"}, "identifiant: not a positive whole number written in digits"),
        ({"identifiant": "４２"}, "identifiant: not a positive whole number written in digits"),
        ({"identifiant": "9" * 5000}, "identifiant: not a positive whole number written in digits"),
        ({"structure_identifiant": 0}, "structure_identifiant: not a positive whole number, or too large"),
        ({"structure_identifiant": -1}, "structure_identifiant: not a positive whole number, or too large"),
        ({"identifiant": 10**30}, "identifiant: not a positive whole number, or too large"),
        ({"name": "Zoé"}, "an identity has no attribute name (known: nom, prenom, genre, email, "),
    ],
)
def test_what_is_wrong_is_named_and_not_repeated(given: dict[str, Any], message: str) -> None:
    with pytest.raises(PrefillError) as caught:
        Identity.model_validate(given)
    assert str(caught.value).startswith(message)
    (value,) = given.values()
    assert str(value) not in str(caught.value).removeprefix(message) or len(str(value)) < 3


@pytest.mark.parametrize(
    ("given", "name"),
    [({"nom": 5}, "nom"), ({"identifiant": True}, "identifiant"), ({"identifiant": 4.5}, "identifiant")],
)
def test_other_types_are_refused(given: dict[str, Any], name: str) -> None:
    with pytest.raises(PrefillError, match=f"^{name}: a "):
        Identity.model_validate(given)


def test_it_prints_without_its_content() -> None:
    identity = Identity(nom="NOËL", email="zoe@example.org")
    assert repr(identity) == str(identity) == "<Identity>"


@given(st.integers(1, 2**63 - 1), st.sampled_from(["{}", " {} ", "00{}"]))
def test_digits_and_numbers_read_the_same(number: int, shape: str) -> None:
    text = shape.format(number)
    if len(text.strip()) <= 18:
        assert Identity.model_validate({"identifiant": text}) == Identity(identifiant=number)
