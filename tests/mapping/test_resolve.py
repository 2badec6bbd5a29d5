"""Resolution of small models: what a configuration may say, and what place means."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest

from ds_bridge.errors import ConfigurationError, MappingError
from ds_bridge.form import Form
from ds_bridge.ids import ChampId
from ds_bridge.mapping import DomainModel, champ, resolve
from ds_bridge.mapping.declared import read_model
from tests.mapping.forms import champ_of, form_of


class Atelier(DomainModel):
    nom: Annotated[str | None, champ("Nom de l'atelier")] = None
    duree: Annotated[int | None, champ("Durée", optional=True)] = None


class Bilan(DomainModel):
    nom: Annotated[str | None, champ("Nom", section="Vous")] = None
    heures: Annotated[int | None, champ("Heures", name="temps_total")] = None
    ateliers: Annotated[tuple[Atelier, ...], champ("ATELIER")] = ()


ATELIER = champ_of(4, "repetition", "Atelier", fields=(champ_of(5, "text", "Nom de l'atelier"),))
FORM = form_of(
    champ_of(1, "header_section", "Vous"),
    champ_of(2, "text", "Nom"),
    champ_of(3, "integer_number", "Heures"),
    ATELIER,
    champ_of(6, "text", "Prénom"),
)


def complaint(form: Form, champs: dict[str, str] | None = None, others: tuple[Form, ...] = ()) -> str:
    with pytest.raises(MappingError) as caught:
        resolve(Bilan, form, others, champs or {})
    return str(caught.value)


def test_labels_are_enough_when_they_are_unique() -> None:
    assert resolve(Bilan, FORM).numbers == {
        "nom": (2,),
        "temps_total": (3,),
        "ateliers": (4,),
        "ateliers.nom": (5,),
        "ateliers.duree": (),
    }


@pytest.mark.parametrize(
    "reference", ["6", ChampId(6).encode(), ChampId(6).encode_for_link(), "Prénom", "prenom :"]
)
def test_a_champ_is_configured_by_number_id_or_label(reference: str) -> None:
    assert resolve(Bilan, FORM, (), {"nom": reference}).numbers["nom"] == (6,)


def test_a_field_of_a_block_is_configured_by_its_path() -> None:
    form = form_of(
        *FORM.fields[:3],
        champ_of(
            8, "repetition", "SÉANCE", fields=(champ_of(9, "text", "Titre"), champ_of(10, "text", "Lieu"))
        ),
    )
    plan = resolve(Bilan, form, (), {"ateliers": "8", "ateliers.nom": "Titre"})
    assert plan.numbers["ateliers"] == (8,)
    assert plan.numbers["ateliers.nom"] == (9,)


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    text = complaint(FORM, {"ateliers.nmo": "5", "zzz": "2"})
    assert "ateliers.nmo: no such field in the model; did you mean 'ateliers.nom'?" in text
    assert "zzz: no such field in the model; it has: nom, temps_total, ateliers, ateliers.nom" in text


def test_an_id_that_is_not_on_the_form_is_told() -> None:
    text = complaint(FORM, {"nom": "99"})
    assert f"nom: the configured champ 99 ({ChampId(99).encode_for_link()}) is not on the form" in text


def test_an_id_of_an_older_revision_is_told() -> None:
    older = form_of(champ_of(99, "text", "Nom"), revision="1")
    assert "is only on an older revision of the form" in complaint(FORM, {"nom": "99"}, (older,))


def test_an_id_that_stands_elsewhere_is_told() -> None:
    assert "does not stand in the top level" in complaint(FORM, {"nom": "5"})
    assert 'does not stand in the block "Atelier"' in complaint(FORM, {"ateliers.nom": "2"})


@pytest.mark.parametrize(("name", "reference"), [("nom", "4"), ("ateliers", "2"), ("temps_total", "Nom")])
def test_a_champ_of_another_kind_is_told(name: str, reference: str) -> None:
    assert f"{name}: the configured champ is not of a kind it takes" in complaint(FORM, {name: reference})


def test_a_header_is_never_a_champ() -> None:
    assert "is not of a kind it takes" in complaint(FORM, {"nom": "1"})


def test_a_configured_label_must_be_unique() -> None:
    form = form_of(*FORM.fields, champ_of(7, "text", "Prénom"))
    text = complaint(form, {"nom": "Prénom"})
    assert "nom: the configured label 'Prénom' stands more than once" in text
    assert f'- {ChampId(6).encode_for_link()} "Prénom" (section "Vous", text)' in text
    assert f'- {ChampId(7).encode_for_link()} "Prénom" (section "Vous", text)' in text


def test_an_exact_label_wins_over_a_like_one() -> None:
    form = form_of(*FORM.fields, champ_of(7, "text", "PRENOM"))
    assert resolve(Bilan, form, (), {"nom": "PRENOM"}).numbers["nom"] == (7,)


def test_a_mistyped_id_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="champs: nom"):
        resolve(Bilan, FORM, (), {"nom": "Q2hhbXAtMzU2NjQ5M"[:-3] + "!!!"})


def test_a_section_tells_two_champs_apart() -> None:
    form = form_of(champ_of(8, "header_section", "Autre"), champ_of(9, "text", "Nom"), *FORM.fields)
    assert resolve(Bilan, form).numbers["nom"] == (2,)
    both = form_of(*FORM.fields, champ_of(9, "text", "Nom"))
    assert 'nom: "Nom" could be any of' in complaint(both)


def test_a_missing_field_lists_what_is_like_it() -> None:
    form = form_of(FORM.fields[0], champ_of(2, "text", "Noms"), *FORM.fields[2:])
    text = complaint(form)
    assert 'nom: no champ labelled "Nom"; nearest:' in text
    assert text.index('"Noms"') < text.index('"Prénom"')
    assert '"Heures"' not in text


def test_older_revisions_never_fail_and_never_take_what_is_still_in_use() -> None:
    older = form_of(
        champ_of(1, "header_section", "Vous"),
        champ_of(6, "text", "Nom"),
        champ_of(30, "text", "HEURES"),
        champ_of(4, "repetition", "Séances", fields=(champ_of(50, "text", "nom de l’atelier"),)),
        revision="1",
    )
    strange = form_of(champ_of(70, "text", "Tout autre chose"), revision="0")
    twice = form_of(champ_of(80, "text", "Nom"), champ_of(81, "text", "Nom"), revision="2")
    plan = resolve(Bilan, FORM, (older, strange, twice))
    assert plan.numbers["nom"] == (2,)
    assert plan.numbers["temps_total"] == (3, 30)
    assert plan.numbers["ateliers.nom"] == (5, 50)


def test_a_configured_field_is_looked_for_in_older_revisions_under_its_own_label() -> None:
    older = form_of(champ_of(20, "text", "Nom"), champ_of(60, "text", "Prénom"), revision="1")
    assert resolve(Bilan, FORM, (older,), {"nom": "6"}).numbers["nom"] == (6, 60)


class Suite(DomainModel):
    un: Annotated[str | None, champ("Précisez", nth=1)] = None
    deux: Annotated[str | None, champ("Précisez", nth=2)] = None


class Numerotee(DomainModel):
    un: Annotated[str | None, champ("1. Nom")] = None
    deux: Annotated[str | None, champ("2. Nom")] = None


def test_the_nth_of_a_label() -> None:
    form = form_of(champ_of(1, "text", "Précisez"), champ_of(2, "text", "Précisez"))
    assert resolve(Suite, form).numbers == {"un": (1,), "deux": (2,)}
    with pytest.raises(MappingError, match="deux: no champ labelled"):
        resolve(Suite, form_of(champ_of(1, "text", "Précisez")))


def test_a_declared_number_tells_labels_apart() -> None:
    form = form_of(champ_of(1, "text", "2. Nom"), champ_of(2, "text", "1. Nom"))
    assert resolve(Numerotee, form).numbers == {"un": (2,), "deux": (1,)}


def test_one_champ_feeds_two_fields_only_when_configured() -> None:
    form = form_of(champ_of(1, "text", "Nom"))
    with pytest.raises(MappingError, match="would feed another field too"):
        resolve(Numerotee, form)
    plan = resolve(Numerotee, form, (), {"un": "1", "deux": "1"})
    assert plan.feeds == {1: ("un", "deux")}


class Numbered(DomainModel):
    nom: Annotated[str | None, champ("Nom", number=22)] = None
    precisez: Annotated[str | None, champ("Précisez", number=(24, 14), optional=True)] = None
    autre: Annotated[str | None, champ("Précisez", number=25, section="Suite")] = None


def test_a_declared_number_goes_before_the_label() -> None:
    form = form_of(
        champ_of(20, "text", "Nom"),
        champ_of(22, "text", "Nom de famille"),
        champ_of(24, "text", "Précisez"),
        champ_of(25, "text", "Précisez"),
    )
    assert resolve(Numbered, form).numbers == {"nom": (22,), "precisez": (24,), "autre": (25,)}


def test_a_configured_champ_goes_before_a_declared_number() -> None:
    form = form_of(champ_of(20, "text", "Nom"), champ_of(22, "text", "Nom"), champ_of(25, "text", "Précisez"))
    assert resolve(Numbered, form, (), {"nom": "20"}).numbers["nom"] == (20,)


class Renumbered(DomainModel):
    nom: Annotated[str | None, champ("Nom", number=22)] = None
    precisez: Annotated[str | None, champ("Précisez", number=24, section="Début")] = None
    autre: Annotated[str | None, champ("Précisez", number=25, section="Suite")] = None
    ancien: Annotated[str | None, champ(number=26, optional=True)] = None


def test_labels_and_place_serve_where_the_number_is_not_on_the_form() -> None:
    form = form_of(
        champ_of(30, "text", "Nom"),
        champ_of(31, "header_section", "Suite"),
        champ_of(32, "text", "Précisez"),
        champ_of(33, "header_section", "Début"),
        champ_of(34, "text", "Précisez"),
        champ_of(35, "text", "Ancien"),
    )
    plan = resolve(Renumbered, form)
    assert plan.numbers == {"nom": (30,), "precisez": (34,), "autre": (32,), "ancien": ()}


def test_a_number_without_a_label_is_the_only_way_to_its_champ() -> None:
    class Bare(DomainModel):
        nom: Annotated[str | None, champ(number=22)] = None

    with pytest.raises(MappingError, match="nom: champ 22 is not on the form"):
        resolve(Bare, form_of(champ_of(23, "text", "")))


def test_a_declared_number_is_found_on_older_revisions_too() -> None:
    form = form_of(champ_of(22, "text", "Nom"), champ_of(24, "text", "Détail"), champ_of(25, "text", "Suite"))
    older = form_of(
        champ_of(22, "text", "Nom"), champ_of(14, "text", "Tout autre chose"), champ_of(25, "text", "Suite")
    )
    assert resolve(Numbered, form, [older]).numbers["precisez"] == (24, 14)


def test_a_declared_champ_of_another_kind_is_told() -> None:
    form = form_of(champ_of(22, "date", "Nom"), champ_of(25, "text", "Précisez"))
    with pytest.raises(MappingError, match=r"nom: the declared champ is not of a kind it takes"):
        resolve(Numbered, form)


class Either(DomainModel):
    montant: Annotated[int | str | None, champ("Montant")] = None
    jours: Annotated[tuple[Literal["Lundi"] | str, ...], champ("Jours")] = ()


def test_a_field_of_two_types_takes_the_kinds_of_both() -> None:
    montant, jours = read_model(Either).leaves
    assert {"text", "integer_number", "drop_down_list"} <= montant.kinds
    assert "date" not in montant.kinds
    assert jours.kinds == {"multiple_drop_down_list", "drop_down_list", "linked_drop_down_list"}
