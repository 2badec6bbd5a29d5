"""Feeds: with the form at hand, the model finds the champs of the identity as mapping does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import pytest

from ds_bridge.config import ApiSettings, DemarcheSettings, Settings
from ds_bridge.errors import ConfigurationError, PrefillError
from ds_bridge.form import Field, Form
from ds_bridge.mapping import DomainModel, champ
from ds_bridge.prefill import Identity, build_configured_link
from ds_bridge.prefill.drafts import prepare
from ds_bridge.prefill.feeds import check_configured, find_feeds
from ds_bridge.prefill.forms import load_form
from ds_bridge.sandbox.server import SandboxServer

CRA = DemarcheSettings(
    number=82349, path="a1dac784-b6a0-4733-82c9-2c5c660797cf", model="ds_bridge.cra:CompteRendu"
)
ZOE = Identity(
    nom="NOËL",
    prenom="Zoé",
    genre="Mme",
    email="zoe@example.org",
    identifiant=4211,
    structure_nom="Mairie d’Évry & Cie",
    structure_identifiant=87,
)
FORM = Form(
    5,
    "Atelier",
    (
        Field(1, "text", "Nom de l'atelier"),
        Field(2, "integer_number", "Numéro de pilotage"),
        Field(3, "email", "Courriel"),
        Field(4, "email", "Courriel"),
        Field(7, "repetition", "Séances", fields=(Field(8, "date", "Date"),)),
    ),
)


class Seance(DomainModel):
    date: Annotated[str | None, champ("Date", kinds=("date",))] = None


class Atelier(DomainModel):
    nom: Annotated[str | None, champ("Nom de l'atelier")] = None
    numero: Annotated[int | None, champ("Numéro de pilotage", personal="id")] = None
    courriel: Annotated[str | None, champ("Courriel", personal="email")] = None
    seances: Annotated[tuple[Seance, ...], champ("Séances")] = ()
    disparu: Annotated[str | None, champ("Un champ que ce formulaire n'a plus")] = None


class Deux(DomainModel):
    un: Annotated[int | None, champ("Numéro de pilotage", personal="id")] = None
    deux: Annotated[int | None, champ("Autre numéro", personal="id", optional=True)] = None


def atelier(model: str = "Atelier", **more: object) -> DemarcheSettings:
    return DemarcheSettings.model_validate(
        {"number": 5, "path": "atelier", "model": f"{__name__}:{model}", **more}
    )


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(dossiers=0) as server:
        yield server


@pytest.fixture
def settings(server: SandboxServer) -> Settings:
    return Settings(api=ApiSettings(url=server.url, attempts=1), demarches={"cra": CRA})


def test_the_whole_identity_of_the_cra_is_found_with_nothing_configured(
    server: SandboxServer, settings: Settings, tmp_path: Path
) -> None:
    form = load_form(settings, "cra", cache_dir=tmp_path).form
    checked = check_configured(settings, "cra", ZOE, {"temps_total": 5}, form=form)
    assert checked.problems == ()
    assert checked.champs == {
        "champ_Q2hhbXAtMzU2NjQ5MQ": "NOËL",
        "champ_Q2hhbXAtMzU2NjUyMA": "Zoé",
        "champ_Q2hhbXAtMzU2NjUyMQ": "Mairie d’Évry & Cie",
        "champ_Q2hhbXAtMzU2NjUyMg": "87",
        "champ_Q2hhbXAtMzU2NjUyMw": "4211",
        "champ_Q2hhbXAtMzU2NjUyNA": "zoe@example.org",
        next(key for key, value in checked.champs.items() if value == "5"): "5",
    }
    link = build_configured_link(settings, "cra", ZOE, form=form)
    assert prepare(settings, "cra", ZOE, form=form).url == link
    assert "champ_Q2hhbXAtMzU2NjUyMw=4211" in link


def test_names_of_the_model_name_champs_and_those_of_rows() -> None:
    settings = Settings(demarches={"a": atelier()})
    checked = check_configured(
        settings, "a", None, {"nom": "x", "seances": [{"date": "2024-05-30"}]}, form=FORM
    )
    assert (checked.problems, list(checked.champs)) == ((), ["champ_Q2hhbXAtMQ", "champ_Q2hhbXAtNw"])


def test_what_the_model_calls_otherwise_is_found_by_what_it_declares() -> None:
    feeds = find_feeds("a", atelier(), FORM)
    assert feeds.fields["identifiant"] == feeds.fields["numero"] == "Q2hhbXAtMg"
    assert "nom" in feeds.fields


def test_what_stands_twice_is_not_guessed_and_the_error_names_candidates_and_remedy() -> None:
    settings = Settings(demarches={"a": atelier()})
    with pytest.raises(PrefillError) as refused:
        build_configured_link(settings, "a", Identity(email="zoe@example.org"), form=FORM)
    assert str(refused.value) == (
        'email: no champ of démarche 5 is found to take it: "Courriel" could be any of '
        'Q2hhbXAtMw "Courriel" (email); Q2hhbXAtNA "Courriel" (email): '
        'set demarches.a.champs.email = "<champ>" (ds-bridge form a --toml prints the section)'
    )


def test_a_field_that_the_form_lost_keeps_no_link_back() -> None:
    settings = Settings(demarches={"a": atelier()})
    link = build_configured_link(settings, "a", Identity(identifiant=7), form=FORM)
    assert link.endswith("/commencer/atelier?champ_Q2hhbXAtMg=7")
    assert list(find_feeds("a", settings.demarche("a"), FORM).unresolved) == ["courriel", "disparu", "email"]


def test_the_configuration_overrides_what_the_model_finds() -> None:
    feeds = find_feeds("a", atelier(champs={"courriel": "4", "identifiant": "Q2hhbXAtMQ=="}), FORM)
    assert (feeds.fields["email"], feeds.fields["identifiant"]) == ("Q2hhbXAtNA", "Q2hhbXAtMQ==")


@pytest.mark.parametrize("person", ["numero", "2", "Q2hhbXAtMg", "Numéro de pilotage"])
def test_the_configuration_says_which_champ_is_the_person(person: str) -> None:
    model = atelier("Deux", person=person) if person != "numero" else atelier(person=person)
    settings = Settings(demarches={"a": model})
    link = build_configured_link(settings, "a", Identity(identifiant=7), form=FORM)
    assert link.endswith("?champ_Q2hhbXAtMg=7")


def test_a_champ_of_the_person_that_is_none() -> None:
    with pytest.raises(ValueError, match="is not a champ id"):
        atelier(person="Q2hhbXAxx")


@pytest.mark.parametrize(
    ("demarche", "form", "reason"),
    [
        (CRA, None, "without the form of the démarche none can be found"),
        (DemarcheSettings(number=5, path="p"), FORM, "the démarche has no model to find one by"),
        (atelier(), FORM, "Atelier declares no champ for it"),
        (atelier("Deux"), FORM, "Deux declares no champ for it"),
    ],
)
def test_what_nobody_knows_is_an_error_with_its_remedy(
    demarche: DemarcheSettings, form: Form | None, reason: str
) -> None:
    settings = Settings(demarches={"a": demarche})
    person = Identity(nom="N", structure_identifiant=3)
    for make in (build_configured_link, prepare):
        with pytest.raises(PrefillError) as refused:
            make(settings, "a", person, form=form)
        assert str(refused.value).startswith("structure_identifiant: ")
        assert reason in str(refused.value)
        assert "set demarches.a.champs.structure_identifiant = " in str(refused.value)


def test_a_model_that_does_not_load_is_said() -> None:
    with pytest.raises(ConfigurationError, match="no module named 'nirgends'"):
        find_feeds("a", DemarcheSettings(number=5, model="nirgends:Modell"), FORM)


def test_a_form_is_asked_once_and_another_configuration_again() -> None:
    assert find_feeds("a", atelier(), FORM) is find_feeds("a", atelier(), FORM)
    other = atelier(champs={"courriel": "4"})
    assert find_feeds("a", other, FORM).fields["courriel"] == "Q2hhbXAtNA"
    for number in range(20):
        find_feeds("a", atelier(), Form(number, "x", FORM.fields))
    assert find_feeds("a", other, FORM).fields["courriel"] == "Q2hhbXAtNA"


def test_old_open_data_without_ids_finds_nothing() -> None:
    form = Form(5, "x", (Field(None, "integer_number", "Numéro de pilotage"),))
    assert find_feeds("a", atelier(), form).fields == {}


def test_the_names_of_champs_by_number_and_label() -> None:
    feeds = find_feeds("a", DemarcheSettings(number=5, champs={"b": "Courriel", "c": "7"}), FORM)
    assert feeds.name_champs() == {"Courriel": ["b"], 7: ["c"]}
    assert json.dumps(dict(feeds.unresolved)) == "{}"
