"""Two labels that say the same are the same; two that do not are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_bridge.mapping.labels import normalise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ÉVÉNEMENT", "événement"),
        ("ÉVÉNEMENT", "E\u0301ve\u0301nement"),
        ("Type d’événement", "Type d'événement"),
        ("Type d\u2032événement", "Type dʼévénement"),
        ("Nom\u00a0du  partenaire ", " Nom du partenaire"),
        ("Demi\u2011journée – matin", "demi-journee - matin"),
        ("Cœur de métier", "Coeur de metier"),
        ("Nom\u200b", "Nom"),
        ("1. Qui êtes-vous ?", "Qui êtes-vous ?"),
        ("4-BIS. Accompagnement", "Accompagnement"),
        ("4 bis - Accompagnement", "Accompagnement"),
        ("1.2 Accompagnement", "Accompagnement"),
        ("2) Nom", "Nom"),
        ("a) Nom", "Nom"),
        ("IV. Partenariats", "PARTENARIATS"),
        ("3 - Partenariats", "PARTENARIATS"),
        ("1.Nom", "Nom"),
        ("Nom :", "Nom"),
        ("Nom\u00a0: *", "Nom"),
    ],
)
def test_what_revisions_change_freely_does_not_count(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Je", "J'ai"),
        ("Nom", "Noms"),
        ("1 an d'expérience", "an d'expérience"),
        ("2024 - Bilan", "Bilan"),
        ("e-mail", "mail"),
        ("2/3 du temps", "3 du temps"),
        ("Nom ?", "Nom"),
    ],
)
def test_what_changes_the_meaning_counts(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_a_label_that_is_only_a_number_is_kept() -> None:
    assert normalise("1.") == "1."
    assert normalise("") == ""


def test_numbering_can_be_kept() -> None:
    assert normalise("1. Nom", numbering=True) == "1. nom"


@given(st.text(max_size=40))
def test_any_text_normalises_to_something_stable_in_case_and_space(text: str) -> None:
    assert normalise(f"  {text}\u00a0") == normalise(text)
    assert normalise(text) == normalise(text.strip())
