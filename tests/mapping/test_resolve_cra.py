"""The CRA resolves on its forms with nothing configured, and never by a guess when the form is disturbed."""

from __future__ import annotations

import contextlib
import copy
import pickle
import random
from typing import Any

import pytest

from ds_bridge.cra import CompteRendu
from ds_bridge.errors import MappingError
from ds_bridge.form import Field, Form
from ds_bridge.ids import ChampId
from ds_bridge.mapping import Plan, resolve
from tests.mapping.forms import CRA_FILE, REAL_FORMS, give_ids, real_document, real_form, sandbox_cra

LABELS = {
    "nom": "Veuillez renseigner votre nom de famille",
    "prenom": "Veuillez renseigner votre prénom",
    "identifiant": "Veuillez renseigner votre identifiant conseiller numérique (ID CoNum)",
    "email": "Veuillez renseigner votre adresse mail",
    "structure_nom": "Veuillez renseigner le nom de votre structure",
    "structure_identifiant": "Veuillez renseigner l'identifiant de votre structure (ID structure)",
    "evenements_choix": "Je",
    "evenements": "ÉVÉNEMENT",
    "evenements.nom": "Nom de l'événement",
    "evenements.organisateurs": "Organisé par",
    "evenements.organisateurs_detail": "Détail sur le syndicat mixte/consortium",
    "evenements.type": "Type d'événement",
    "evenements.type_precision": "Précisez",
    "evenements.date": "Date de l'événement",
    "partenariats_choix": "Je",
    "partenariats": "PARTENARIAT",
    "partenariats.nom": "Nom du partenaire",
    "partenariats.structure_type": "Type de structure",
    "partenariats.structure_detail": "Détail sur le syndicat mixte/consortium",
    "partenariats.natures": "Nature du partenariat",
    "partenariats.natures_precision": "Précisez",
    "partenariats.date_lancement": "Date de lancement du partenariat",
    "accompagnements_choix": "Je",
    "accompagnements": "ACCOMPAGNEMENT",
    "accompagnements.cible": "J'ai accompagné",
    "accompagnements.structure_types": "Type(s) de structure(s) accompagnée(s)",
    "accompagnements.structure.structure_noms": "Nom(s) de la/des structure(s) accompagnée(s)",
    "accompagnements.mediateur_noms": "Nom du/de la/des médiateur/trice(s) numérique(s)",
    "accompagnements.structure_type": (
        "Type de structure du/de la/des médiateur/trice(s) numérique(s) accompagné(e/s)"
    ),
    "accompagnements.mediateur.structure_noms": (
        "Nom de la/des structure(s) du/de la/des médiateur/trice(s) numérique(s) accompagné(e/s)"
    ),
    "accompagnements.problematiques": "Type(s) de problématique(s)",
    "accompagnements.problematiques_precision": "Précisez",
    "accompagnements.actions": "Action(s) engagée(s)",
    "accompagnements.actions_precision": "Précisez",
    "temps_total": "Temps hebdomadaire moyen consacré à la communication et à l'animation",
    "temps_reparti": (
        "Je souhaite préciser la répartition de ce temps entre les actions de communication et d'animation"
    ),
    "temps_communication": "Temps hebdomadaire moyen consacré à la communication",
    "temps_animation": "Temps hebdomadaire moyen consacré à l'animation du réseau des Conseiller numériques",
}


def field(form: Form, number: int) -> Field:
    found = form.find(number)
    assert found is not None
    return found


@pytest.mark.parametrize("load", [real_form, lambda: sandbox_cra()[0]], ids=["real", "sandbox"])
def test_every_field_finds_its_champ_with_nothing_configured(load: Any) -> None:
    form = load()
    plan = resolve(CompteRendu, form)
    labels = {
        name: [field(form, number).label for number in numbers] for name, numbers in plan.numbers.items()
    }
    assert labels == {name: [label] for name, label in LABELS.items()}
    assert sorted(plan.feeds) == sorted(number for (number,) in plan.numbers.values())


@pytest.mark.parametrize("load", [real_form, lambda: sandbox_cra()[0]], ids=["real", "sandbox"])
def test_the_three_je_and_the_precisez_are_told_apart_by_place(load: Any) -> None:
    form = load()
    plan = resolve(CompteRendu, form)
    order = [champ.number for champ, _ in form.walk()]
    for block in ("evenements", "partenariats", "accompagnements"):
        assert order.index(plan.numbers[block][0]) - order.index(plan.numbers[f"{block}_choix"][0]) == 1
    for asked, precision in (
        ("evenements.type", "evenements.type_precision"),
        ("partenariats.natures", "partenariats.natures_precision"),
        ("accompagnements.problematiques", "accompagnements.problematiques_precision"),
        ("accompagnements.actions", "accompagnements.actions_precision"),
    ):
        assert order.index(plan.numbers[precision][0]) - order.index(plan.numbers[asked][0]) == 1


def test_the_five_known_ids_agree_with_the_labels() -> None:
    known = {
        "nom": "Q2hhbXAtMzU2NjQ5MQ",
        "prenom": "Q2hhbXAtMzU2NjUyMA",
        "identifiant": "Q2hhbXAtMzU2NjUyMw",
        "structure_nom": "Q2hhbXAtMzU2NjUyMQ",
        "structure_identifiant": "Q2hhbXAtMzU2NjUyMg",
    }
    active, _ = sandbox_cra()
    by_label, by_id = resolve(CompteRendu, active), resolve(CompteRendu, active, champs=known)
    assert by_label.numbers == by_id.numbers
    assert {name: by_id.numbers[name][0] for name in known} == {
        name: ChampId.parse(text).stable for name, text in known.items()
    }


def test_an_older_revision_adds_the_champs_that_were_replaced() -> None:
    active, older = sandbox_cra()
    alone, both = resolve(CompteRendu, active), resolve(CompteRendu, active, [older])
    added = {name: both.numbers[name] for name in both.numbers if both.numbers[name] != alone.numbers[name]}
    assert added == {"partenariats.date_lancement": (3811705, 3566510)}
    assert both.feeds[3566510] == ("partenariats.date_lancement",)


def test_blocks_name_the_columns_of_their_rows() -> None:
    plan = resolve(CompteRendu, sandbox_cra()[0])
    assert plan.blocks["evenements"] == [
        "nom",
        "organisateurs",
        "organisateurs_detail",
        "type",
        "type_precision",
        "date",
    ]
    assert plan.blocks["accompagnements"] == [
        "cible",
        "structure_types",
        "structure_noms",
        "problematiques",
        "problematiques_precision",
        "actions",
        "actions_precision",
        "mediateur_noms",
        "structure_type",
    ]


def test_the_plan_travels_between_processes() -> None:
    plan = resolve(CompteRendu, sandbox_cra()[0])
    copied: Plan = pickle.loads(pickle.dumps(plan))
    assert copied == plan


def disturbed(change: Any) -> Form:
    document = real_document()
    change(document["revision"]["champDescriptors"])
    give_ids(document)
    return Form.from_schema(document)


def find(champs: list[dict[str, Any]], label: str, nth: int = 0) -> dict[str, Any]:
    return [champ for champ in champs if champ["label"] == label][nth]


def twin(champ: dict[str, Any], number: int) -> dict[str, Any]:
    copied = copy.deepcopy(champ)
    copied["id"] = ChampId(number).encode()
    return copied


def test_renumbered_and_respaced_labels_resolve_the_same() -> None:
    def renumber(champs: list[dict[str, Any]]) -> None:
        for position, champ in enumerate(champs, 1):
            champ["label"] = f"{position}. {champ['label'].upper()}\u00a0: "
            renumber(champ.get("champDescriptors") or [])

    assert resolve(CompteRendu, disturbed(renumber)).numbers == resolve(CompteRendu, real_form()).numbers


def test_a_second_champ_of_the_same_label_is_not_chosen_from() -> None:
    def double(champs: list[dict[str, Any]]) -> None:
        nom = find(champs, LABELS["nom"])
        champs.insert(champs.index(nom) + 1, twin(nom, 5000))

    with pytest.raises(MappingError) as caught:
        resolve(CompteRendu, disturbed(double))
    text = str(caught.value)
    assert "1 field\n" in text
    assert 'nom: "Veuillez renseigner votre nom de famille" could be any of' in text
    assert f'{ChampId(5000).encode_for_link()} "Veuillez renseigner votre nom de famille" ' in text
    assert '(section "QUI ÊTES-VOUS ?", text)' in text
    resolve(CompteRendu, disturbed(double), champs={"nom": "5000"})


def test_a_second_precisez_beside_the_first_is_not_chosen_from() -> None:
    def double(champs: list[dict[str, Any]]) -> None:
        inner = find(champs, "ACCOMPAGNEMENT")["champDescriptors"]
        precisez = find(inner, "Précisez")
        inner.insert(inner.index(precisez), twin(precisez, 5000))

    with pytest.raises(MappingError) as caught:
        resolve(CompteRendu, disturbed(double))
    text = str(caught.value)
    assert "accompagnements.problematiques_precision" in text
    assert "accompagnements.actions_precision" not in text
    assert 'block "ACCOMPAGNEMENT"' in text


def test_sections_in_another_order_resolve_the_same() -> None:
    def turn(champs: list[dict[str, Any]]) -> None:
        heads = [at for at, champ in enumerate(champs) if champ["__typename"].startswith("HeaderSection")]
        parts = [champs[start:end] for start, end in zip(heads, [*heads[1:], len(champs)], strict=True)]
        champs[heads[0] :] = [champ for part in reversed(parts) for champ in part]

    assert resolve(CompteRendu, disturbed(turn)).numbers == resolve(CompteRendu, real_form()).numbers


def test_a_renamed_section_leaves_the_neighbour_to_tell() -> None:
    def rename(champs: list[dict[str, Any]]) -> None:
        find(champs, "ÉVÉNEMENTS")["label"] = "Vos temps forts"

    assert resolve(CompteRendu, disturbed(rename)).numbers == resolve(CompteRendu, real_form()).numbers


def test_section_and_neighbour_that_disagree_choose_nothing() -> None:
    def swap(champs: list[dict[str, Any]]) -> None:
        one = champs.index(find(champs, "ÉVÉNEMENT"))
        other = champs.index(find(champs, "PARTENARIAT"))
        champs[one], champs[other] = champs[other], champs[one]

    with pytest.raises(MappingError) as caught:
        resolve(CompteRendu, disturbed(swap))
    text = str(caught.value)
    assert "evenements_choix" in text
    assert "partenariats_choix" in text
    assert "accompagnements_choix" not in text


def test_an_optional_champ_may_be_missing_but_not_misplaced() -> None:
    def drop(champs: list[dict[str, Any]]) -> None:
        inner = find(champs, "PARTENARIAT")["champDescriptors"]
        inner.remove(find(inner, "Détail sur le syndicat mixte/consortium"))

    plan = resolve(CompteRendu, disturbed(drop))
    assert plan.numbers["partenariats.structure_detail"] == ()
    assert "partenariats.structure_detail" not in plan.context.asked

    def move(champs: list[dict[str, Any]]) -> None:
        inner = find(champs, "PARTENARIAT")["champDescriptors"]
        inner.append(inner.pop(inner.index(find(inner, "Précisez"))))

    with pytest.raises(MappingError) as caught:
        resolve(CompteRendu, disturbed(move))
    assert 'partenariats.natures_precision: "Précisez" stands elsewhere than directly after natures' in str(
        caught.value
    )


def test_a_missing_block_is_one_complaint_with_the_nearest() -> None:
    def drop(champs: list[dict[str, Any]]) -> None:
        find(champs, "PARTENARIAT")["label"] = "COOPÉRATION"

    with pytest.raises(MappingError) as caught:
        resolve(CompteRendu, disturbed(drop))
    text = str(caught.value)
    assert 'partenariats: no champ labelled "PARTENARIAT"; nearest:' in text
    assert '"COOPÉRATION" (section "PARTENARIATS", repetition)' in text
    assert "partenariats.nom" not in text


def test_a_champ_of_another_kind_says_so() -> None:
    def retype(champs: list[dict[str, Any]]) -> None:
        find(champs, LABELS["identifiant"])["__typename"] = "DateChampDescriptor"

    with pytest.raises(MappingError) as caught:
        resolve(CompteRendu, disturbed(retype))
    assert "is not of a kind it takes (dossier_link, integer_number, number)" in str(caught.value)


def test_a_form_without_ids_says_where_to_get_them() -> None:
    document = real_document()
    for champ in document["revision"]["champDescriptors"]:
        champ.pop("id")
        for inner in champ.get("champDescriptors") or []:
            inner.pop("id")
    with pytest.raises(MappingError, match="gives no champ ids"):
        resolve(CompteRendu, Form.from_schema(document))


@pytest.mark.parametrize("seed", range(25))
def test_shuffled_champs_resolve_right_or_not_at_all(seed: int) -> None:
    def shuffle(champs: list[dict[str, Any]]) -> None:
        generator = random.Random(seed)
        if seed % 2:
            generator.shuffle(champs)
        for champ in champs:
            generator.shuffle(champ.get("champDescriptors") or [])

    form = disturbed(shuffle)
    right = resolve(CompteRendu, real_form()).numbers
    with contextlib.suppress(MappingError):
        found = resolve(CompteRendu, form).numbers
        alone = {name for name in LABELS if LABELS[name] not in ("Je", "Précisez")}
        assert {name: found[name] for name in alone} == {name: right[name] for name in alone}


OTHERS = sorted(path.name for path in REAL_FORMS.glob("*.json") if path.name != CRA_FILE) or ["none.json"]


@pytest.mark.parametrize("name", OTHERS)
def test_any_other_form_is_refused_cleanly(name: str) -> None:
    with pytest.raises(MappingError) as caught:
        resolve(CompteRendu, real_form(name))
    text = str(caught.value)
    assert "\n  evenements: " in text
    assert "\n  identifiant: " in text


def test_the_sandbox_older_revision_alone_is_refused_with_its_candidates() -> None:
    _, older = sandbox_cra()
    with pytest.raises(MappingError) as caught:
        resolve(CompteRendu, older)
    text = str(caught.value)
    assert "revision 113427" in text
    assert 'Q2hhbXAtMzU2NjQ5MQ "Nom" (section "QUI ÊTES-VOUS ?", text)' in text
