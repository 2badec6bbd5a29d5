"""What a model may declare, and the one line that says what it may not."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import pytest
from pydantic import Field

from ds_bridge.cra import CompteRendu
from ds_bridge.errors import ConfigurationError
from ds_bridge.mapping import DomainModel, champ, load_model
from ds_bridge.mapping.declared import read_model


def test_a_model_is_loaded_by_its_path() -> None:
    assert load_model("ds_bridge.cra:CompteRendu") is CompteRendu


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("ds_bridge.nowhere:X", "no module named 'ds_bridge.nowhere'"),
        ("nowhere.at.all:X", "no module named 'nowhere'"),
        ("ds_bridge.cra:Rapport", "ds_bridge.cra has no 'Rapport'"),
        ("ds_bridge.form:Form", "Form is not a ds_bridge.mapping.DomainModel"),
        ("ds_bridge.cra:CODES", "CODES is not a ds_bridge.mapping.DomainModel"),
    ],
)
def test_a_wrong_path_is_one_clear_line(path: str, reason: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_model(path)
    assert str(caught.value) == f"model {path!r}: {reason}"


class Row(DomainModel):
    nom: Annotated[str | None, champ("Nom")] = None


class NotNullable(DomainModel):
    nom: Annotated[str, champ("Nom")]


class Unfed(DomainModel):
    nom: str


class BareRows(DomainModel):
    rows: tuple[Row, ...] = ()


class Reserved(DomainModel):
    anomalies: Annotated[str | None, champ("Nom")] = None


class Inner(DomainModel):
    rows: Annotated[tuple[Row, ...], champ("Bloc")] = ()


class BlockInBlock(DomainModel):
    blocks: Annotated[tuple[Inner, ...], champ("Bloc")] = ()


class Twice(DomainModel):
    un: Annotated[str | None, champ("Un", name="nom")] = None
    deux: Annotated[str | None, champ("Deux", name="nom")] = None


class One(DomainModel):
    sorte: Annotated[Literal["un"], champ("Sorte")] = "un"


class Two(DomainModel):
    sorte: Annotated[Literal["deux"], champ("Autre sorte")] = "deux"


class Three(DomainModel):
    sorte: Annotated[str | None, champ("Sorte")] = None


class Undiscriminated(DomainModel):
    rows: Annotated[tuple[One | Two, ...], champ("Bloc")] = ()


class TwoTags(DomainModel):
    rows: Annotated[tuple[Annotated[One | Two, Field(discriminator="sorte")], ...], champ("Bloc")] = ()


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (NotNullable, "NotNullable.nom: must take null"),
        (Unfed, "Unfed.nom: no champ feeds it"),
        (BareRows, "BareRows.rows: rows need the champ"),
        (Reserved, "Reserved.anomalies: mapping uses this name"),
        (BlockInBlock, "Inner.rows: a block cannot stand in a block"),
        (Twice, "Twice: two fields have the configuration name 'nom'"),
        (Undiscriminated, "block 'rows': rows of several sorts need Field(discriminator="),
        (TwoTags, "block 'rows': 'sorte' must be fed by one champ"),
    ],
)
def test_what_a_model_cannot_mean_is_refused_by_name(model: type[DomainModel], reason: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_model(model)
    assert reason in str(caught.value)


def test_champ_needs_a_label_or_a_number() -> None:
    with pytest.raises(TypeError, match="a label or a number"):
        champ()


class Person(DomainModel):
    nom: Annotated[str | None, champ("Nom")] = None
    ne: Annotated[dt.date | None, champ("Né le")] = None


def test_content_never_prints() -> None:
    person = Person(nom="Dupont")
    assert repr(person) == "Person()"
    assert str(person) == "Person()"
    with pytest.raises(ValueError, match="ne") as caught:
        Person.model_validate({"ne": "secret"})
    assert "secret" not in str(caught.value)
