"""People: everything wrong in a row is said, and the rest of it is read."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from ds_bridge.people.roster import Person, Row, find_columns, read_person
from ds_bridge.prefill import Identity

HEADINGS = ["nom", "prenom", "genre", "email", "identifiant", "structure", "id structure", "temps"]
FIELDS = dict.fromkeys(("email", "identifiant", "structure_nom", "structure_identifiant"), "1") | {
    "temps": "2"
}


def read(**cells: Any) -> Person:
    row = {"nom": "Noël", "prenom": "Zoé", "identifiant": "4211"} | cells
    columns = find_columns(HEADINGS, FIELDS)
    return read_person(Row(2, {HEADINGS.index(name): cell for name, cell in row.items()}), columns)


def test_a_whole_row() -> None:
    person = read(
        genre="Madame", email=" z@example.org ", structure="Mairie", temps=3.5, **{"id structure": 87.0}
    )
    assert person.identity == Identity(
        nom="Noël",
        prenom="Zoé",
        genre="Mme",
        email="z@example.org",
        identifiant=4211,
        structure_nom="Mairie",
        structure_identifiant=87,
    )
    assert (person.champs, person.problems, person.warnings) == ({"temps": 3.5}, (), ())


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"nom": " "}, "nom: empty"),
        ({"prenom": None}, "prenom: empty"),
        ({"nom": "undefined"}, "nom: the value is a word programs write for missing data"),
        ({"identifiant": "42a"}, "identifiant: not a positive whole number"),
        ({"identifiant": 4.5}, "identifiant: a float cannot be prefilled"),
        ({"identifiant": [1]}, "identifiant: a list"),
        ({"email": "no address"}, "email: not an e-mail address"),
        ({"genre": "X"}, "genre: the platform takes M. or Mme"),
        ({"structure": {"a": 1}}, "structure: a dict"),
    ],
)
def test_a_bad_cell_is_named_and_never_quoted(cells: dict[str, Any], words: str) -> None:
    person = read(**cells)
    assert len(person.problems) == 1
    assert person.problems[0].startswith(words)
    assert "42a" not in person.problems[0]
    assert person.identity.identifiant == (None if "identifiant" in cells else 4211)


def test_every_problem_is_told() -> None:
    assert len(read(nom="null", prenom="", identifiant="-1", email="x").problems) == 4


def test_a_person_without_identifiant_is_a_warning() -> None:
    person = read(identifiant="")
    assert person.problems == ()
    assert person.warnings == ("identifiant: empty: it cannot tie the dossier to this person",)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("M", "M."),
        ("mr", "M."),
        ("Monsieur", "M."),
        ("M.", "M."),
        ("Mme.", "Mme"),
        ("F", None),
        ("MME", "Mme"),
    ],
)
def test_what_a_civility_may_be(given: str, kept: str | None) -> None:
    assert read(genre=given).identity.genre == kept


def test_numbers_and_dates_where_text_goes() -> None:
    assert read(nom=12, prenom=dt.date(2024, 5, 1)).identity == Identity(
        nom="12", prenom="2024-05-01", identifiant=4211
    )


def test_nobody_prints() -> None:
    assert "Noël" not in repr(read())
    assert "Noël" not in repr(Row(2, {0: "Noël"}))
