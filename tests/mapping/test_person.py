"""Person: which champ holds the number, by the configuration, else by the model; and what is typed there."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import Field as PydanticField

from ds_bridge.form import Field, Form
from ds_bridge.ids import ChampId
from ds_bridge.mapping import DomainModel, champ, make_plan, resolve
from ds_bridge.mapping.person import PersonChamp, find_person, read_number

FORM = Form(
    5, "x", (Field(1, "integer_number", "Numéro"), Field(2, "text", "Autre"), Field(3, "text", "Autre"))
)


class Groupe(DomainModel):
    numero: Annotated[int | None, champ("Numéro", personal="id")] = None


class Modele(DomainModel):
    groupe: Groupe = Groupe()


class Tu(DomainModel):
    """Its documents leave the number out."""

    numero: Annotated[int | None, champ("Numéro", personal="id"), PydanticField(exclude=True)] = None


class Nomme(DomainModel):
    identifiant: Annotated[int | None, champ("Numéro", optional=True)] = None
    autre: Annotated[str | None, champ("Ailleurs", personal="id", optional=True)] = None


class Sans(DomainModel):
    texte: Annotated[str | None, champ("Rien", optional=True)] = None


def find(model: type[DomainModel] | None, person: str | None = None, **champs: str) -> PersonChamp:
    plan = make_plan(None, champs, FORM) if model is None else resolve(model, FORM, (), champs)
    return find_person(plan, FORM, champs, person)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (find(Modele), PersonChamp((1,), ("groupe", "numero"))),
        (find(Tu), PersonChamp((1,))),
        (find(Nomme), PersonChamp((1,), ("identifiant",))),
        (find(Sans), PersonChamp()),
        (find(Modele, "numero"), PersonChamp((1,), ("groupe", "numero"))),
        (find(Modele, "2"), PersonChamp((2,))),
        (find(Modele, "Numéro"), PersonChamp((1,))),
        (find(Modele, "Autre"), PersonChamp()),
        (find(None), PersonChamp()),
        (find(None, "1"), PersonChamp((1,))),
        (find(None, identifiant="1"), PersonChamp((1,), ("identifiant",))),
        (find(None, "numero", numero="1"), PersonChamp((1,), ("numero",))),
        (find(None, "3", identifiant="1"), PersonChamp((1,), ("identifiant",))),
    ],
)
def test_which_champ(found: PersonChamp, expected: PersonChamp) -> None:
    assert found == expected


def test_the_key_is_the_field_or_the_champs() -> None:
    assert (PersonChamp((1, 2), ("a", "b")).key, PersonChamp((2, 1)).key, PersonChamp().key) == (
        "a.b",
        "1,2",
        "",
    )


def test_an_optional_one_that_the_form_lacks() -> None:
    form = Form(5, "x", (Field(9, "text", "Rien"),))
    assert find_person(resolve(Nomme, form), form, {}) == PersonChamp()


@pytest.mark.parametrize(
    ("value", "number"),
    [(4211, 4211), (" 0042 ", 42), ("x", None), (True, None), (0, None), ("0", None), (-3, None),
     (None, None), ("9" * 18, 10**18 - 1), ("9" * 19, None), (10**18, None), (4.5, None), ("٣", None)],
)  # fmt: skip
def test_what_is_a_number(value: object, number: int | None) -> None:
    assert read_number(value) == number


def raw(*champs: dict[str, Any]) -> dict[str, Any]:
    return {"champs": list(champs)}


def test_reading_a_document() -> None:
    person = PersonChamp((1,), ("groupe", "numero"))
    assert person.read({"groupe": {"numero": 7}}, {}) == 7
    assert person.read({"groupe": None}, {}) is None
    assert person.read({}, {}) is None
    assert PersonChamp().read({}, {}) is None


def test_reading_a_dossier_as_pulled() -> None:
    person, typed = PersonChamp((1,)), ChampId(1).encode()
    assert person.read({}, raw({"id": None}, {"id": "?"}, {"id": typed, "stringValue": "7"})) == 7
    assert person.read({}, raw({"id": ChampId(2).encode(), "stringValue": "8"})) is None
    assert person.read({}, {"champs": None}) is None


@pytest.mark.parametrize(
    "champs", [None, "none", [None, 7, {"id": "Q2hhbXAtMQ==", "stringValue": "4211"}]], ids=str
)
def test_odd_champs_cost_no_dossier(champs: object) -> None:
    found = PersonChamp((1,)).read({}, {"champs": champs})
    assert found == (4211 if isinstance(champs, list) else None)
