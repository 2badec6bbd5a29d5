"""A form that changed: missing champs are reported, the rest is read. And kinds and values that disagree."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import pytest

from ds_bridge.api.records import read_dossier
from ds_bridge.errors import ConfigurationError, MappingError, UnfitModelError
from ds_bridge.form import Form
from ds_bridge.mapping import DomainModel, Mapped, PieceJointe, Plan, champ, make_plan, map_dossier, resolve
from tests.mapping.forms import champ_of, form_of
from tests.mapping.test_recorded import HEAD, node_of
from tests.model.generated import generated

FILE = {
    "filename": "cni.pdf",
    "contentType": "application/pdf",
    "checksum": "x",
    "byteSizeBigInt": "11",
    "url": "https://exemple.fr/1",
}
PIECE = PieceJointe(filename="cni.pdf", content_type="application/pdf", checksum="x", byte_size=11)


class Ligne(DomainModel):
    titre: Annotated[str | None, champ("Titre", number=11)] = None


class Bilan(DomainModel):
    nom: Annotated[str | None, champ("Nom", number=1)] = None
    total: Annotated[int | None, champ("Total", number=2)] = None
    accord: Annotated[bool | None, champ("Accord", number=3)] = None
    libre: Annotated[str | None, champ("Libre", number=4, optional=True)] = None
    lignes: Annotated[tuple[Ligne, ...], champ("Lignes", number=10)] = ()


BEFORE = form_of(
    champ_of(1, "text", "Nom"),
    champ_of(2, "integer_number", "Total"),
    champ_of(3, "checkbox", "Accord"),
    champ_of(4, "text", "Libre"),
    champ_of(10, "repetition", "Lignes", fields=(champ_of(11, "text", "Titre"),)),
    revision="1",
)


def told(mapped: Mapped) -> list[tuple[str, str, str]]:
    return [(each.path, each.code, each.severity) for each in mapped.anomalies]


def read(plan: Plan | None, *nodes: dict[str, Any]) -> Mapped:
    return map_dossier(plan, read_dossier(HEAD | {"champs": list(nodes)}), 7)


def misfits(plan: Plan | None) -> list[tuple[str, str, bool]]:
    assert plan is not None
    return [(each.name, each.code.code, each.optional) for each in plan.misfits]


def after(*fields: Any) -> Form:
    return form_of(*fields, revision="2")


def test_a_form_that_did_not_change_has_no_misfit() -> None:
    assert resolve(Bilan, BEFORE, lenient=True).misfits == ()


def test_a_champ_that_is_gone_is_told_and_read_where_a_dossier_has_it() -> None:
    active = after(*BEFORE.fields[1:3], BEFORE.fields[4])
    with pytest.raises(MappingError, match="nom"):
        resolve(Bilan, active, (BEFORE,))
    plan = resolve(Bilan, active, (BEFORE,), lenient=True)
    assert misfits(plan) == [("nom", "champ_gone", False), ("libre", "champ_gone", True)]
    old = read(plan, node_of(1, "TextChamp", "a", value="a"), node_of(4, "TextChamp", "", value=None))
    assert isinstance(old.value, Bilan)
    assert (old.value.nom, told(old)) == ("a", [])
    new = read(plan, node_of(2, "IntegerNumberChamp", "3", integer="3"))
    assert isinstance(new.value, Bilan)
    assert (new.value.nom, new.value.total) == (None, 3)
    assert told(new) == [("nom", "champ_gone", "warning"), ("libre", "champ_gone", "warning")]
    assert new.valid


def test_a_block_that_is_gone_is_told_once() -> None:
    plan = resolve(Bilan, after(*BEFORE.fields[:4]), (BEFORE,), lenient=True)
    assert misfits(plan) == [("lignes", "champ_gone", False)]
    assert told(read(plan)) == [("lignes", "champ_gone", "warning")]


def test_a_champ_that_is_gone_from_rows_is_told_in_each_row() -> None:
    block = champ_of(10, "repetition", "Lignes", fields=(champ_of(12, "date", "Jour"),))
    plan = resolve(Bilan, after(*BEFORE.fields[:4], block), (BEFORE,), lenient=True)
    assert misfits(plan) == [("lignes.titre", "champ_gone", False)]
    rows = [{"id": "r1", "champs": []}, {"id": "r2", "champs": [node_of(11, "TextChamp", "a", value="a")]}]
    assert told(read(plan, node_of(10, "RepetitionChamp", "", rows=rows))) == [
        ("lignes[0].titre", "champ_gone", "warning")
    ]


def test_integer_became_decimal() -> None:
    active = after(champ_of(1, "text", "Nom"), champ_of(2, "decimal_number", "Total"), *BEFORE.fields[2:])
    plan = resolve(Bilan, active, (BEFORE,), lenient=True)
    assert misfits(plan) == [("total", "kind_changed", False)]
    whole = read(plan, node_of(2, "DecimalNumberChamp", "3", decimal=3.0))
    assert isinstance(whole.value, Bilan)
    assert (whole.value.total, told(whole)) == (3, [])
    assert told(read(plan, node_of(2, "DecimalNumberChamp", "3.5", decimal=3.5))) == [
        ("total", "kind_changed", "error")
    ]
    assert told(read(plan)) == []


def test_checkbox_became_a_list() -> None:
    listed = champ_of(3, "drop_down_list", "Accord", options=("Oui", "Non", "1"))
    plan = resolve(Bilan, after(*BEFORE.fields[:2], listed, *BEFORE.fields[3:]), (BEFORE,), lenient=True)
    assert misfits(plan) == [("accord", "kind_changed", False)]
    for option in ("Oui", "1"):  # pydantic alone would read the second as true
        mapped = read(plan, node_of(3, "DropDownListChamp", option, value=option))
        assert told(mapped) == [("accord", "kind_changed", "error")]
    old = read(plan, node_of(3, "CheckboxChamp", "true", checked=True))
    assert isinstance(old.value, Bilan)
    assert (old.value.accord, told(old)) == (True, [])


@pytest.mark.parametrize(
    "node",
    [
        node_of(2, "CheckboxChamp", "true", checked=True),
        node_of(2, "DateChamp", "", date="2024-05-30"),
        node_of(2, "RepetitionChamp", "", rows=[{"id": "r", "champs": []}]),
        node_of(2, "PieceJustificativeChamp", None, files=[FILE]),
        node_of(2, "TextChamp", "douze", value="douze"),
    ],
    ids=lambda node: str(node["__typename"]),
)
def test_a_value_of_any_other_kind_is_null_and_told(node: dict[str, Any]) -> None:
    mapped = read(resolve(Bilan, BEFORE), node)
    assert isinstance(mapped.value, Bilan)
    assert (mapped.value.total, told(mapped)) == (None, [("total", "kind_changed", "error")])


def test_a_champ_that_became_a_block_or_one_of_two() -> None:
    block = champ_of(2, "repetition", "Total", fields=(champ_of(21, "text", "Quoi"),))
    twins = (champ_of(5, "text", "Nom"), champ_of(6, "text", "Nom"))
    plan = resolve(Bilan, after(*twins, block, *BEFORE.fields[2:]), (BEFORE,), lenient=True)
    assert sorted(misfits(plan)) == [("nom", "champ_gone", False), ("total", "kind_changed", False)]
    rows = [{"id": "r", "champs": []}]
    mapped = read(plan, node_of(2, "RepetitionChamp", "", rows=rows), node_of(5, "TextChamp", "a", value="a"))
    assert told(mapped) == [("nom", "champ_gone", "warning"), ("total", "kind_changed", "error")]


def test_a_model_that_fits_nothing_is_refused_and_wrong_settings_are() -> None:
    other = form_of(champ_of(91, "text", "Tout autre chose"))
    with pytest.raises(UnfitModelError, match="does not resolve"):
        resolve(Bilan, other, lenient=True)

    class Souple(DomainModel):
        rien: Annotated[str | None, champ("Rien", optional=True)] = None

    with pytest.raises(UnfitModelError, match="rien"):
        resolve(Souple, other, lenient=True)
    for champs in ({"prenom": "1"}, {"nom": "77"}, {"nom": "Jamais vu"}, {"total": "1"}):
        with pytest.raises(ConfigurationError) as caught:
            resolve(Bilan, BEFORE, (), champs, lenient=True)
        assert not isinstance(caught.value, UnfitModelError)


def test_configured_champs_of_older_revisions_are_found_there() -> None:
    older = form_of(*BEFORE.fields, champ_of(8, "text", "Surnom"), champ_of(9, "integer_number", "Poids"))
    champs = {"nom": "8", "libre": "Surnom"}
    plan = resolve(Bilan, BEFORE, (older,), {"nom": "8"}, lenient=True)
    assert misfits(plan) == [("nom", "champ_gone", False)]
    mapped = read(plan, node_of(8, "TextChamp", "Zo", value="Zo"))
    assert isinstance(mapped.value, Bilan)
    assert mapped.value.nom == "Zo"
    plan = resolve(Bilan, BEFORE, (older,), {"libre": champs["libre"]}, lenient=True)
    mapped = read(plan, node_of(8, "TextChamp", "Zo", value="Zo"))
    assert isinstance(mapped.value, Bilan)
    assert mapped.value.libre == "Zo"


def test_named_champs_follow_a_form_that_changed() -> None:
    names = {"nom": "1", "total": "2", "lignes": "10", "lignes.titre": "11"}
    active = after(
        champ_of(2, "repetition", "Total", fields=(champ_of(21, "text", "Quoi"),)), BEFORE.fields[4]
    )
    with pytest.raises(ConfigurationError):
        make_plan(None, names, active, (BEFORE,))
    plan = make_plan(None, names, active, (BEFORE,), lenient=True)
    assert misfits(plan) == [("nom", "champ_gone", False), ("total", "kind_changed", False)]
    mapped = read(
        plan,
        node_of(1, "TextChamp", "a", value="a"),
        node_of(2, "IntegerNumberChamp", "3", integer="3"),
    )
    assert mapped.value is not None
    assert mapped.value.model_dump() == {"nom": "a", "total": 3, "lignes": ()}
    with pytest.raises(ConfigurationError, match="block"):
        make_plan(None, {"total": "2"}, active, (), lenient=True)


class Papiers(DomainModel):
    pieces: Annotated[tuple[PieceJointe, ...], champ("Titre", number=1)] = ()
    piece: Annotated[PieceJointe | None, champ("Un titre", number=2)] = None
    fourni: Annotated[bool | None, champ("Fourni", number=3)] = None


def test_an_identity_document_is_told_as_files_and_comes_as_a_tick() -> None:
    form = form_of(
        *(champ_of(n, "piece_justificative", t) for n, t in ((1, "Titre"), (2, "Un titre"), (3, "Fourni")))
    )
    plan = resolve(Papiers, form)
    ticked = [node_of(number, "TitreIdentiteChamp", None, filled=True) for number in (1, 2, 3)]
    mapped = read(plan, *ticked)
    assert mapped.value == Papiers(fourni=True)
    assert mapped.valid
    assert told(mapped) == [("pieces", "hidden_files", "warning"), ("piece", "hidden_files", "warning")]
    empty = [node_of(number, "TitreIdentiteChamp", "", filled=False) for number in (1, 2, 3)]
    assert read(plan, *empty).value == Papiers(fourni=False)
    assert told(read(plan, *empty)) == []
    files = [node_of(number, "PieceJustificativeChamp", None, files=[FILE]) for number in (1, 2, 3)]
    assert read(plan, *files).value == Papiers(pieces=(PIECE,), piece=PIECE, fourni=True)


def test_the_kind_of_before_is_read_by_fields_of_either() -> None:
    form = form_of(champ_of(1, "titre_identite", "Titre"), champ_of(3, "titre_identite", "Fourni"))
    plan = resolve(
        Papiers,
        form_of(
            champ_of(1, "piece_justificative", "Titre"),
            champ_of(2, "piece_justificative", "Un titre"),
            champ_of(3, "piece_justificative", "Fourni"),
        ),
        (form,),
    )
    assert plan.misfits == ()
    assert plan.numbers["pieces"] == (1,)


# Kind before and now, the type in the model, what comes of each, the value.
GENERATED = [
    ("piece_justificative", "piece_justificative", node_of(1, "TitreIdentiteChamp", None, filled=True), ()),
    ("titre_identite", "piece_justificative", node_of(1, "TitreIdentiteChamp", None, filled=True), (True,)),
    (
        "titre_identite",
        "piece_justificative",
        node_of(1, "PieceJustificativeChamp", None, files=[FILE]),
        (PIECE,),
    ),
    ("text", "piece_justificative", node_of(1, "TextChamp", "a", value="a"), ("a",)),
    ("checkbox", "drop_down_list", node_of(1, "CheckboxChamp", "true", checked=True), True),
    ("checkbox", "drop_down_list", node_of(1, "DropDownListChamp", "x", value="x"), "x"),
    ("checkbox", "multiple_drop_down_list", node_of(1, "CheckboxChamp", "true", checked=True), (True,)),
    ("integer_number", "decimal_number", node_of(1, "DecimalNumberChamp", "3.5", decimal=3.5), 3.5),
    ("integer_number", "decimal_number", node_of(1, "IntegerNumberChamp", "3", integer="3"), 3),
    ("text", "integer_number", node_of(1, "TextChamp", "douze", value="douze"), "douze"),
    ("date", "text", node_of(1, "DateChamp", "", date="2024-05-30"), dt.date(2024, 5, 30)),
    ("commune", "carte", node_of(1, "CommuneChamp", "", commune={"name": "Évry"}), "Évry"),
    ("multiple_drop_down_list", "yes_no", node_of(1, "MultipleDropDownListChamp", "x", values=["x"]), ("x",)),
]


@pytest.mark.parametrize(("before", "now", "node", "expected"), GENERATED)
def test_a_generated_model_takes_what_its_champ_was_and_is(
    before: str, now: str, node: dict[str, Any], expected: Any
) -> None:
    def form(kind: str, revision: str) -> Form:
        options = ("x", "y") if "list" in kind else None
        return form_of(champ_of(1, kind, "Champ", options=options), revision=revision)

    active, older = form(now, "2"), form(before, "1")
    with generated("essai", active, (older,)) as model:
        mapped = read(resolve(model, active, (older,)), node)
    assert mapped.value is not None
    assert mapped.valid
    value = mapped.value.model_dump(exclude={"dossier"})
    [(_, found)] = value.items()
    if before == "commune":
        found = found[0]["name"]
    if expected == (PIECE,):
        expected = (PIECE.model_dump(),)
    assert found == expected
    assert type(found) is type(expected)
