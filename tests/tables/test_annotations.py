"""Columns from types: the column of each type, and the types that do not fit."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, computed_field

from ds_bridge.tables.annotations import read_column, read_fields
from ds_bridge.tables.columns import Column, MisfitError, unique_name


class Couleur(StrEnum):
    BLEU = "bleu"


class Rang(IntEnum):
    UN = 1


class Mixed(Enum):
    A = "a"
    B = 1


class Lieu(BaseModel):
    nom: str | None = None
    code: int | None = None
    plus: Any = None


class Noeud(BaseModel):
    """Holds itself."""

    nom: str | None = None
    suite: Noeud | None = None


class Fiche(BaseModel):
    nom: str | None = None
    lieu: Lieu | None = None
    cache: Annotated[str | None, Field(exclude=True)] = None
    fichiers: tuple[Lieu, ...] = ()

    @computed_field
    def long(self) -> bool:
        """Computed fields are written too."""
        return bool(self.nom)


@pytest.mark.parametrize(
    ("annotation", "kind", "many"),
    [
        (str | None, "text", False),
        (Annotated[str | None, "x"], "text", False),
        (bool | None, "boolean", False),
        (int, "integer", False),
        (float | None, "decimal", False),
        (Decimal | None, "decimal", False),
        (dt.date | None, "date", False),
        (dt.datetime | None, "datetime", False),
        (Couleur | None, "text", False),
        (Rang, "integer", False),
        (Mixed, "json", False),
        (Literal["a", "b"] | None, "text", False),
        (Literal["a", 1], "json", False),
        (int | str | None, "json", False),
        (Any, "json", False),
        (dict[str, int], "json", False),
        (tuple[str, ...], "text", True),
        (list[Couleur], "text", True),
        (tuple[dt.date, ...], "date", True),
        (tuple[Lieu, ...], "record", True),
    ],
)
def test_what_a_type_becomes(annotation: Any, kind: str, many: bool) -> None:
    column = read_column("x", annotation)
    assert (column.kind, column.many) == (kind, many)


def test_a_model_is_spread_and_its_values_found() -> None:
    node = read_fields(Fiche)
    assert [(column.name, column.path) for column in node.columns()] == [
        ("nom", ("nom",)),
        ("lieu_nom", ("lieu", "nom")),
        ("lieu_code", ("lieu", "code")),
        ("lieu_plus", ("lieu", "plus")),
        ("fichiers", ("fichiers",)),
        ("long", ("long",)),
    ]
    cells: dict[str, Any] = {}
    fiche = Fiche(nom="x", lieu=Lieu(code=3, plus=[1]), fichiers=(Lieu(nom="a", plus={"é": 1}),))
    node.read(fiche.model_dump(mode="json"), cells)
    assert cells == {
        "nom": "x",
        "lieu_nom": None,
        "lieu_code": 3,
        "lieu_plus": "[1]",
        "fichiers": [{"nom": "a", "code": None, "plus": '{"é":1}'}],
        "long": True,
    }


def test_a_model_that_holds_itself_ends() -> None:
    names = [column.name for column in read_fields(Noeud).columns()]
    assert names[:2] == ["nom", "suite_nom"]
    assert len(names) == 7


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ({"nom": 3, "lieu": None, "fichiers": [], "long": True}, "nom"),
        ({"nom": "x", "lieu": {"nom": "y"}, "fichiers": [], "long": True}, "lieu"),
        ({"nom": "x", "lieu": None, "fichiers": [{"autre": 1}], "long": True}, "fichiers"),
        ({"nom": "x", "lieu": None, "fichiers": "x", "long": True}, "fichiers"),
        ({"nom": "x"}, "its keys"),
        ("text", "its keys"),
    ],
)
def test_what_does_not_fit_says_where_and_not_what(content: Any, path: str) -> None:
    with pytest.raises(MisfitError) as caught:
        read_fields(Fiche).read(content, {})
    assert str(caught.value) == path


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", True),
        ("integer", 2**63),
        ("integer", 1.0),
        ("decimal", "x"),
        ("decimal", False),
        ("boolean", 1),
        ("text", 1),
        ("date", "hier"),
        ("date", 3),
        ("datetime", "2024-13-01"),
    ],
)
def test_a_cell_takes_its_type_only(kind: Any, value: Any) -> None:
    with pytest.raises(MisfitError, match=r"^a\.b$"):
        Column("x", kind, ("a", "b")).read(value)


@given(st.dates(), st.datetimes(timezones=st.timezones()), st.integers(-(2**63), 2**63 - 1), st.text())
def test_json_values_come_back(day: dt.date, moment: dt.datetime, number: int, text: str) -> None:
    assert Column("x", "date").read(day.isoformat()) == day
    fixed = moment.replace(tzinfo=dt.UTC)
    assert Column("x", "datetime").read(fixed.isoformat()) == fixed
    assert Column("x", "integer").read(number) == number
    assert Column("x", "text", many=True).read([text, None]) == [text, None]
    assert Column("x", "decimal").read(str(Decimal("0.1"))) == 0.1


def test_names_differ_whatever_their_case() -> None:
    taken = {"nom"}
    assert [unique_name(name, taken) for name in ("Nom", "nom", "autre")] == ["Nom_", "nom__", "autre"]
