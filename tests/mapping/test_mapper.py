"""One dossier through a plan: each champ by its type, each fault with its path, nothing lost beside it."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

import pytest
from pydantic import Field, model_validator

from ds_bridge.api.champs import GeoArea
from ds_bridge.api.records import Dossier
from ds_bridge.api.registers import Address, Commune, Named
from ds_bridge.form import Field as FormField
from ds_bridge.ids import ChampId
from ds_bridge.mapping import (
    Anomaly,
    BlockRow,
    Code,
    Context,
    DomainModel,
    DossierHeader,
    Mapped,
    PieceJointe,
    Rule,
    champ,
    map_dossier,
    resolve,
)
from tests.mapping.forms import champ_of, form_of

CHAMP = {"stringValue": "never read", "updatedAt": "2024-05-30T10:15:00+02:00", "prefilled": False}


def node(number: int, typename: str, row: str | None = None, **value: Any) -> dict[str, Any]:
    ids = {"id": ChampId(number, row).encode(), "champDescriptorId": ChampId(number).encode()}
    return {"__typename": typename, **ids, "label": f"champ {number}", **CHAMP, **value}


def dossier_of(*champs: dict[str, Any], **header: Any) -> Dossier:
    raw = {
        "id": "RG9zc2llci0x",
        "number": 1,
        "state": "accepte",
        "archived": False,
        "prefilled": False,
        "dateDepot": "2024-05-30T10:15:00+02:00",
        "dateDerniereModification": "2024-12-01T08:00:00+01:00",
        "dateTraitement": "2024-12-01T08:00:00+01:00",
        "champs": list(champs),
    }
    return Dossier.model_validate(raw | header)


class Couleur(StrEnum):
    ROUGE = "Rouge"
    BLEU = "Bleu"


class Tout(DomainModel):
    texte: Annotated[str | None, champ("Texte")] = None
    entier: Annotated[int | None, champ("Entier")] = None
    decimal: Annotated[float | None, champ("Décimal")] = None
    montant: Annotated[Decimal | None, champ("Montant")] = None
    jour: Annotated[dt.date | None, champ("Jour")] = None
    instant: Annotated[dt.datetime | None, champ("Instant")] = None
    case: Annotated[bool | None, champ("Case")] = None
    oui_non: Annotated[bool | None, champ("Oui ou non")] = None
    couleur: Annotated[Couleur | None, champ("Couleur")] = None
    choix: Annotated[list[str], champ("Choix")] = Field(default=[])
    lie: Annotated[tuple[str, ...], champ("Lié")] = ()
    pieces: Annotated[tuple[PieceJointe, ...], champ("Pièces")] = ()
    adresse: Annotated[Address | None, champ("Adresse")] = None
    commune: Annotated[Commune | None, champ("Commune")] = None
    region: Annotated[Named | None, champ("Région")] = None
    carte: Annotated[tuple[GeoArea, ...], champ("Carte")] = ()
    lien: Annotated[int | None, champ("Lien")] = None


FORM = form_of(
    champ_of(1, "text", "Texte"),
    champ_of(2, "integer_number", "Entier"),
    champ_of(3, "decimal_number", "Décimal"),
    champ_of(4, "decimal_number", "Montant"),
    champ_of(5, "date", "Jour"),
    champ_of(6, "datetime", "Instant"),
    champ_of(7, "checkbox", "Case"),
    champ_of(8, "yes_no", "Oui ou non"),
    champ_of(9, "drop_down_list", "Couleur", options=("Rouge", "Bleu")),
    champ_of(10, "multiple_drop_down_list", "Choix", options=("Un, deux (ou trois)", "Quatre")),
    champ_of(11, "linked_drop_down_list", "Lié"),
    champ_of(12, "piece_justificative", "Pièces"),
    champ_of(13, "address", "Adresse"),
    champ_of(14, "commune", "Commune"),
    champ_of(15, "region", "Région"),
    champ_of(16, "carte", "Carte"),
    champ_of(17, "dossier_link", "Lien"),
)
PLAN = resolve(Tout, FORM)
FILE = {
    "filename": "a.pdf",
    "contentType": "application/pdf",
    "checksum": "XrY7u+Ae7tCTyyK7j1rNww==",
    "byteSizeBigInt": "4000000000",
    "url": "https://files.example/short-lived?signature=1",
}
FILLED = (
    node(1, "TextChamp", value=" l'été "),
    node(2, "IntegerNumberChamp", integer="4211"),
    node(3, "DecimalNumberChamp", decimal=3.5),
    node(4, "DecimalNumberChamp", decimal=12.25),
    node(5, "DateChamp", date="2024-02-29"),
    node(6, "DatetimeChamp", datetime="2024-07-01T09:30:00+02:00"),
    node(7, "CheckboxChamp", checked=True),
    node(8, "YesNoChamp", yesNo=False),
    node(9, "DropDownListChamp", value="Bleu"),
    node(10, "MultipleDropDownListChamp", values=["Un, deux (ou trois)"]),
    node(11, "LinkedDropDownListChamp", primaryValue="Ain", secondaryValue="Bourg"),
    node(12, "PieceJustificativeChamp", files=[FILE]),
    node(13, "AddressChamp", address={"label": "1 rue de la Paix 75002 Paris", "cityCode": "75102"}),
    node(14, "CommuneChamp", commune={"name": "Évry", "code": "91228", "postalCode": "91000"}),
    node(15, "RegionChamp", region={"name": "Bretagne", "code": "53"}),
    node(16, "CarteChamp", geoAreas=[{"id": "G", "source": "cadastre", "geometry": None}]),
    node(17, "DossierLinkChamp") | {"stringValue": "77"},
)


def test_each_champ_gives_its_own_type() -> None:
    mapped = map_dossier(PLAN, dossier_of(*FILLED), 7)
    assert mapped.anomalies == ()
    assert mapped.value == Tout(
        texte=" l'été ",
        entier=4211,
        decimal=3.5,
        montant=Decimal("12.25"),
        jour=dt.date(2024, 2, 29),
        instant=dt.datetime(2024, 7, 1, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=2))),
        case=True,
        oui_non=False,
        couleur=Couleur.BLEU,
        choix=["Un, deux (ou trois)"],
        lie=("Ain", "Bourg"),
        pieces=(
            PieceJointe(
                filename="a.pdf",
                content_type="application/pdf",
                checksum="XrY7u+Ae7tCTyyK7j1rNww==",
                byte_size=4_000_000_000,
            ),
        ),
        adresse=Address(label="1 rue de la Paix 75002 Paris", city_code="75102"),
        commune=Commune(name="Évry", code="91228", postal_code="91000"),
        region=Named(name="Bretagne", code="53"),
        carte=(GeoArea(id="G", source="cadastre"),),
        lien=77,
    )


def test_the_document_is_json_with_every_key_and_the_offset_that_was_sent() -> None:
    document = map_dossier(PLAN, dossier_of(*FILLED), 7).document()
    assert json.loads(json.dumps(document)) == document
    assert list(document) == ["dossier", *Tout.model_fields, "anomalies"]
    assert document["dossier"] == {
        "demarche": 7,
        "number": 1,
        "state": "accepte",
        "archived": False,
        "prefilled": False,
        "date_depot": "2024-05-30T10:15:00+02:00",
        "date_derniere_modification": "2024-12-01T08:00:00+01:00",
        "date_traitement": "2024-12-01T08:00:00+01:00",
    }
    assert document["instant"] == "2024-07-01T09:30:00+02:00"
    assert document["pieces"] == [
        {
            "filename": "a.pdf",
            "content_type": "application/pdf",
            "checksum": "XrY7u+Ae7tCTyyK7j1rNww==",
            "byte_size": 4_000_000_000,
        }
    ]
    assert "short-lived" not in json.dumps(document)


def test_what_is_absent_blank_or_null_is_null_or_empty() -> None:
    blank = dossier_of(
        node(1, "TextChamp", value=" \u00a0"),
        node(2, "IntegerNumberChamp", integer=None),
        node(8, "YesNoChamp", yesNo=None),
        node(9, "DropDownListChamp", value=""),
    )
    for dossier in (dossier_of(), blank):
        mapped = map_dossier(PLAN, dossier, 7)
        assert mapped.value == Tout()
        assert mapped.anomalies == ()
        document = mapped.document()
        assert document["texte"] is None
        assert document["choix"] == []


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        (node(2, "IntegerNumberChamp", integer="beaucoup"), ("entier", "malformed", "error")),
        (node(2, "DecimalNumberChamp", decimal=3.5), ("entier", "kind_changed", "error")),
        (node(2, "IntegerNumberChamp", integer=str(10**30)), ("entier", "invalid", "error")),
        (node(2, "TextChamp", value="douze"), ("entier", "kind_changed", "error")),
        (node(2, "NouveauChamp", prix=3), ("entier", "unknown_kind", "warning")),
        (node(17, "DossierLinkChamp") | {"stringValue": "N° 7"}, ("lien", "invalid", "error")),
        (node(5, "DateChamp", date="30/05/2024"), ("jour", "malformed", "error")),
        (node(9, "DropDownListChamp", value="Vert"), ("couleur", "invalid", "error")),
        (
            node(9, "MultipleDropDownListChamp", values=["Rouge", "Bleu"]),
            ("couleur", "several_values", "error"),
        ),
        (node(10, "MultipleDropDownListChamp", values="Quatre"), ("choix", "malformed", "error")),
        (node(99, "IntegerNumberChamp", integer="x"), ("champs[1]", "malformed", "warning")),
        (node(99, "NouveauChamp"), ("champs[1]", "unknown_kind", "warning")),
    ],
)
def test_a_fault_has_its_path_and_stops_nothing(odd: dict[str, Any], expected: tuple[str, ...]) -> None:
    mapped = map_dossier(PLAN, dossier_of(node(1, "TextChamp", value="gardé"), odd), 7)
    faults = [fault for fault in mapped.anomalies if fault.code != "unknown_option"]
    assert [(fault.path, fault.code, fault.severity) for fault in faults] == [expected]
    assert mapped.value == Tout(texte="gardé")
    assert mapped.valid == (expected[2] == "warning")


def test_values_of_older_kinds_are_read_when_they_can_be() -> None:
    mapped = map_dossier(
        PLAN,
        dossier_of(
            node(2, "TextChamp", value="12"),
            node(9, "MultipleDropDownListChamp", values=["Rouge"]),
            node(10, "DropDownListChamp", value="Quatre"),
        ),
        7,
    )
    assert mapped.value == Tout(entier=12, couleur=Couleur.ROUGE, choix=["Quatre"])
    assert mapped.anomalies == ()


def test_an_option_of_no_revision_is_kept_and_told_without_its_text() -> None:
    mapped = map_dossier(PLAN, dossier_of(node(10, "MultipleDropDownListChamp", values=["Quatre", "Dix"])), 7)
    assert mapped.value == Tout(choix=["Quatre", "Dix"])
    (fault,) = mapped.anomalies
    assert (fault.path, fault.code, fault.severity) == ("choix", "unknown_option", "warning")
    assert "Dix" not in fault.message


def test_an_option_of_an_older_revision_or_a_free_one_is_known() -> None:
    class_options = champ_of(10, "multiple_drop_down_list", "Choix", options=("Dix",))
    older = form_of(class_options, revision="1")
    dix = dossier_of(node(10, "MultipleDropDownListChamp", values=["Dix", "quatre "]))
    assert map_dossier(resolve(Tout, FORM, [older]), dix, 7).anomalies == ()
    free = form_of(
        *(field for field in FORM.fields if field.number != 9),
        FormField(9, "drop_down_list", "Couleur", options=("Rouge",), other_option=True),
    )
    bleu = dossier_of(node(9, "DropDownListChamp", value="Bleu"))
    assert map_dossier(resolve(Tout, free), bleu, 7).anomalies == ()


def test_a_champ_sent_twice_is_read_once_and_told() -> None:
    mapped = map_dossier(
        PLAN, dossier_of(node(1, "TextChamp", value="a"), node(1, "TextChamp", value="b")), 7
    )
    assert mapped.value == Tout(texte="a")
    assert [(fault.path, fault.code) for fault in mapped.anomalies] == [("champs[1]", "repeated_champ")]


class Chat(DomainModel):
    sorte: Annotated[Literal["chat"], champ("Sorte", options={"Un chat": "chat", "Un chien": "chien"})] = (
        "chat"
    )
    nom: Annotated[str | None, champ("Nom")] = None
    vies: Annotated[int | None, champ("Vies")] = None


class Chien(DomainModel):
    sorte: Annotated[Literal["chien"], champ("Sorte", options={"Un chat": "chat", "Un chien": "chien"})] = (
        "chien"
    )
    nom: Annotated[str | None, champ("Nom")] = None
    race: Annotated[str | None, champ("Race")] = None


TOO_MANY = Code("too_many", "warning", "more than two animals")


def check_number(menagerie: Menagerie, context: Context) -> list[Anomaly]:
    assert "animaux.race" in context.asked
    return [TOO_MANY.at("animaux", "more than two")] if len(menagerie.animaux) > 2 else []


class Menagerie(DomainModel):
    rules: ClassVar[tuple[Rule, ...]] = (check_number,)

    ville: Annotated[str | None, champ("Ville")] = None
    entete: DossierHeader
    animaux: Annotated[
        tuple[Annotated[Chat | Chien, Field(discriminator="sorte")], ...], champ("ANIMAL")
    ] = ()


MENAGERIE = resolve(
    Menagerie,
    form_of(
        champ_of(1, "text", "Ville"),
        champ_of(
            2,
            "repetition",
            "ANIMAL",
            fields=(
                champ_of(3, "drop_down_list", "Sorte", options=("Un chat", "Un chien")),
                champ_of(4, "text", "Nom"),
                champ_of(5, "integer_number", "Vies"),
                champ_of(6, "text", "Race"),
            ),
        ),
    ),
)


def animals(*rows: list[dict[str, Any]]) -> dict[str, Any]:
    return node(2, "RepetitionChamp", rows=[{"id": f"R{at}", "champs": row} for at, row in enumerate(rows)])


def sorte(text: str | None) -> dict[str, Any]:
    return node(3, "DropDownListChamp", "R0", value=text)


def nom(text: str) -> dict[str, Any]:
    return node(4, "TextChamp", "R0", value=text)


def test_rows_of_several_sorts() -> None:
    mapped = map_dossier(
        MENAGERIE,
        dossier_of(
            animals(
                [sorte("Un chat"), nom("Tom"), node(5, "IntegerNumberChamp", "R0", integer="9")],
                [sorte("un chien"), nom("Rex"), node(6, "TextChamp", "R1", value="Épagneul")],
            )
        ),
        7,
    )
    assert mapped.anomalies == ()
    assert isinstance(mapped.value, Menagerie)
    assert mapped.value.animaux == (Chat(nom="Tom", vies=9), Chien(nom="Rex", race="Épagneul"))
    assert mapped.value.entete.number == 1
    assert mapped.rows() == [
        BlockRow("animaux", 0, "R0", {"sorte": "chat", "nom": "Tom", "vies": 9}),
        BlockRow("animaux", 1, "R1", {"sorte": "chien", "nom": "Rex", "race": "Épagneul"}),
    ]
    assert mapped.document()["animaux"] == [row.data for row in mapped.rows()]


@pytest.mark.parametrize(("text", "code"), [(None, "no_variant"), ("Un lapin", "unmapped_option")])
def test_a_row_that_does_not_say_its_sort_keeps_what_is_readable(text: str | None, code: str) -> None:
    mapped = map_dossier(
        MENAGERIE,
        dossier_of(
            node(1, "TextChamp", value="Lyon"),
            animals(
                [sorte("Un chat"), nom("Tom")],
                [sorte(text), nom("?"), node(6, "TextChamp", "R1", value="Épagneul")],
            ),
        ),
        7,
    )
    assert [(fault.path, fault.code, fault.severity) for fault in mapped.anomalies] == [
        ("animaux[1].sorte", code, "error")
    ]
    document = mapped.document()
    assert document["ville"] == "Lyon"
    assert document["animaux"] == [
        {"sorte": "chat", "nom": "Tom", "vies": None},
        {"sorte": None, "nom": "?", "race": "Épagneul"},
    ]
    assert [row.data for row in mapped.rows()] == document["animaux"]


def test_a_fault_in_a_row_has_the_rows_path() -> None:
    mapped = map_dossier(
        MENAGERIE,
        dossier_of(
            animals(
                [sorte("Un chat"), nom("Tom")],
                [sorte("Un chat"), nom("Chat"), node(5, "IntegerNumberChamp", "R1", integer="neuf")],
                [sorte("Un chat"), node(42, "NouveauChamp", "R2")],
            )
        ),
        7,
    )
    assert [(fault.path, fault.code) for fault in mapped.anomalies] == [
        ("animaux[1].vies", "malformed"),
        ("animaux[2].champs[1]", "unknown_kind"),
        ("animaux", "too_many"),
    ]
    assert [row.data["nom"] for row in mapped.rows()] == ["Tom", "Chat", None]


@pytest.mark.parametrize(
    ("odd", "code"),
    [
        (node(2, "RepetitionChamp", rows=None), "malformed"),
        (node(2, "TextChamp", value="Tom"), "not_a_block"),
        (node(2, "NouveauBloc", rows=[]), "unknown_kind"),
    ],
)
def test_a_block_that_cannot_be_read_has_no_rows(odd: dict[str, Any], code: str) -> None:
    mapped = map_dossier(MENAGERIE, dossier_of(node(1, "TextChamp", value="Lyon"), odd), 7)
    assert [(fault.path, fault.code) for fault in mapped.anomalies] == [("animaux", code)]
    assert mapped.document()["ville"] == "Lyon"
    assert mapped.document()["animaux"] == []
    assert mapped.rows() == []


class Intervalle(DomainModel):
    debut: Annotated[int | None, Field(ge=0), champ("Début")] = None
    fin: Annotated[int | None, champ("Fin")] = None

    @model_validator(mode="after")
    def check_order(self) -> Intervalle:
        if self.debut is not None and self.fin is not None and self.fin < self.debut:
            raise ValueError("secret")
        return self


INTERVALLE = resolve(
    Intervalle, form_of(champ_of(1, "integer_number", "Début"), champ_of(2, "integer_number", "Fin"))
)


def interval(debut: int, fin: int) -> Mapped:
    champs = [
        node(1, "IntegerNumberChamp", integer=str(debut)),
        node(2, "IntegerNumberChamp", integer=str(fin)),
    ]
    return map_dossier(INTERVALLE, dossier_of(*champs), 7)


def test_a_models_own_validation_becomes_anomalies() -> None:
    assert interval(1, 2).value == Intervalle(debut=1, fin=2)
    negative = interval(-1, 2)
    assert negative.value == Intervalle(fin=2)
    assert [(fault.path, fault.code) for fault in negative.anomalies] == [("debut", "invalid")]
    reversed_ = interval(3, 2)
    assert reversed_.document()["debut"] == 3
    assert [(fault.path, fault.code) for fault in reversed_.anomalies] == [("", "invalid")]
    assert not any("secret" in fault.message for fault in reversed_.anomalies)


def test_mapping_prints_no_content() -> None:
    mapped = map_dossier(MENAGERIE, dossier_of(node(1, "TextChamp", value="Lyon"), animals([nom("Tom")])), 7)
    assert "Lyon" not in repr(mapped)
    assert "Tom" not in repr(mapped)
    assert "Tom" not in repr(mapped.rows())
