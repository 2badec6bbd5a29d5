"""Field names: readable, allowed, apart, and the same whatever is added elsewhere."""

from __future__ import annotations

import builtins
import keyword

import pytest

from ds_bridge.mapping import DomainModel
from ds_bridge.model.names import LONGEST, RESERVED_FIELDS, Nameable, name_class, name_fields, slug


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Nom de l'événement", "nom_de_l_evenement"),
        ("  1.2 Adresse du siège :", "adresse_du_siege"),
        ("N° de SIRET", "numero_de_siret"),
        ("Type(s) de structure(s) accompagnée(s)", "type_de_structure_accompagnee"),
        ("Veuillez renseigner votre nom de famille", "votre_nom_de_famille"),
        ("Merci d'indiquer la date", "merci_d_indiquer_la_date"),
        ("Cœur & œuvre : Łódź, straße", "coeur_oeuvre_lodz_strasse"),
        ("e\u0301te\u0301 🙂", "ete"),
        ("100 % des frais", "100_des_frais"),
        ("?!…", ""),
        ("名前", ""),
    ],
)
def test_a_label_gives_its_words(label: str, name: str) -> None:
    assert slug(label) == name


def named(*labels: str) -> list[str]:
    return name_fields([Nameable(label, "text", age) for age, label in enumerate(labels, 1)])


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Type", "type_"),
        ("Class", "class_"),
        ("Json", "json_"),
        ("Copy", "copy_"),
        ("Schema", "schema_"),
        ("Rules", "rules_"),
        ("Version", "version_"),
        ("Anomalies", "anomalies_"),
        ("champ", "champ_"),
        ("Model fields", "champ_model_fields"),
        ("1er choix", "champ_1er_choix"),
        ("🙂", "champ_1"),
    ],
)
def test_a_name_that_would_not_do_is_changed(label: str, name: str) -> None:
    assert named(label) == [name]


def test_what_is_reserved_does_not_depend_on_the_version_of_python() -> None:
    from ds_bridge.model import names

    known = set(names._KNOWN_RESERVED.split())
    current = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *dir(DomainModel)}
    assert {
        name for name in current if name.islower() and name[0].isalpha() and not name.startswith("model_")
    } <= known
    assert current <= RESERVED_FIELDS


def test_the_oldest_keeps_the_name_and_others_say_where_they_stand() -> None:
    je = [
        Nameable("Je", "text", 30, "Événements"),
        Nameable("Je", "text", 40, "Partenariats avec les structures"),
        Nameable("Je", "text", 20, None),
        Nameable("Je", "text", 50, "Événements", "Nom de l'atelier"),
        Nameable("Je", "text", 60, "Événements", "Nom de l'atelier"),
        Nameable("Je", "text", 70, "Événements", "Nom de l'atelier"),
    ]
    assert name_fields(je) == [
        "evenements_je",
        "partenariats_structures_je",
        "je",
        "nom_atelier_je",
        "je_2",
        "je_3",
    ]


def test_a_champ_added_anywhere_renames_nobody() -> None:
    before = [Nameable("Précisez", "text", number, "Suite", "Autre") for number in (11, 12, 13, 14)]
    names = name_fields(before)
    for position in range(5):
        added = Nameable("Précisez", "text", 99, "Suite", "Autre")
        after = name_fields([*before[:position], added, *before[position:]])
        assert after[:position] + after[position + 1 :] == names


def test_long_labels_with_one_beginning_are_told_apart_by_their_ends() -> None:
    start = "Temps hebdomadaire moyen consacré par la structure à la communication "
    names = named(start + "interne", start + "externe")
    assert names == [
        "temps_hebdomadaire_moyen_consacre_par_la_structure_a_la",
        "temps_hebdomadaire_moyen_a_la_communication_externe",
    ]
    assert all(len(name) <= LONGEST for name in names)


def test_kept_names_stay_and_bad_ones_do_not() -> None:
    champs = [Nameable("Nom", "text", 1), Nameable("Prénom", "text", 2), Nameable("Ville", "text", 3)]
    kept = {1: "nom_de_famille", 2: "class", 3: "nom_de_famille"}
    assert name_fields(champs, kept=kept) == ["nom_de_famille", "prenom", "ville"]


def test_classes_are_called_after_fields_and_never_after_an_import() -> None:
    taken: set[str] = set()
    assert name_class("type_d_evenement", taken, otherwise="Liste") == "TypeDEvenement"
    assert name_class("type_d_evenement", taken, otherwise="Liste") == "TypeDEvenementListe"
    assert name_class("commune", taken, otherwise="Ligne") == "CommuneLigne"
    assert name_class("warning", taken, otherwise="Ligne") == "WarningLigne"
    assert name_class("82349", taken, otherwise="Demarche") == "Demarche82349"
    assert name_class("", taken, otherwise="Demarche") == "Demarche"
