"""Links: what is given arrives unchanged on the other side, or an error says why it cannot."""

from __future__ import annotations

import doctest
import importlib
from urllib.parse import urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ds_bridge.config import ApiSettings, DemarcheSettings, Settings
from ds_bridge.errors import ConfigurationError, PrefillError
from ds_bridge.form import Field, Form
from ds_bridge.ids import ChampId
from ds_bridge.prefill import MAX_LINK_LENGTH, Identity, build_configured_link, build_link
from ds_bridge.prefill.invisible import take_out
from ds_bridge.sandbox.rack import Params, parse_nested_query

ORIGIN = "https://demarche.numerique.gouv.fr"
PATH = "a1dac784-b6a0-4733-82c9-2c5c660797cf"
FIELDS = {
    "nom": "Q2hhbXAtMzU2NjQ5MQ",
    "prenom": "Q2hhbXAtMzU2NjUyMA==",
    "identifiant": "3566523",
    "structure_nom": "Q2hhbXAtMzU2NjUyMQ",
    "structure_identifiant": "Q2hhbXAtMzU2NjUyMg",
    "email": "3566524",
}
ZOE = Identity(
    nom="NOËL",
    prenom="Zoé",
    genre="Mme",
    email="zoe@example.org",
    identifiant=4211,
    structure_nom="Mairie d’Évry & Cie",
    structure_identifiant=87,
)

texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("&#+%=;?/ \n\r\t'\"[]🎉é"), max_size=40
)


def read(link: str) -> Params:
    return parse_nested_query(urlsplit(link).query)


def test_a_cra_link_carries_the_identity_and_the_champs() -> None:
    link = build_link(ORIGIN, PATH, ZOE, fields=FIELDS)
    assert link == (
        f"{ORIGIN}/commencer/{PATH}?identite_nom=NO%C3%8BL&identite_prenom=Zo%C3%A9&identite_genre=Mme"
        "&champ_Q2hhbXAtMzU2NjQ5MQ=NO%C3%8BL&champ_Q2hhbXAtMzU2NjUyMA=Zo%C3%A9"
        "&champ_Q2hhbXAtMzU2NjUyNA=zoe%40example.org&champ_Q2hhbXAtMzU2NjUyMw=4211"
        "&champ_Q2hhbXAtMzU2NjUyMQ=Mairie%20d%E2%80%99%C3%89vry%20%26%20Cie&champ_Q2hhbXAtMzU2NjUyMg=87"
    )


@pytest.mark.parametrize(
    ("module", "examples"), [("link", 5), ("encode", 2), ("identity", 1), ("checked", 1), ("check", 3)]
)
def test_the_examples_of_the_documentation_are_true(module: str, examples: int) -> None:
    results = doctest.testmod(importlib.import_module(f"ds_bridge.prefill.{module}"))
    assert results == doctest.TestResults(failed=0, attempted=examples)


def test_the_same_person_always_gets_the_same_link() -> None:
    shuffled = dict(reversed(FIELDS.items()))
    assert build_link(ORIGIN, PATH, ZOE, fields=FIELDS) == build_link(ORIGIN, PATH, ZOE, fields=shuffled)


def test_an_attribute_that_no_champ_takes_is_refused() -> None:
    with pytest.raises(PrefillError) as refused:
        build_link(ORIGIN, PATH, Identity(nom="N", email="zoe@example.org", identifiant=1))
    reason = "no champ takes it: name one in `fields`"
    assert str(refused.value) == f"email: {reason}; identifiant: {reason}"
    with_email = build_link(ORIGIN, PATH, Identity(email="zoe@example.org"), fields={"email": "12"})
    assert read(with_email) == {f"champ_{ChampId(12).encode_for_link()}": "zoe@example.org"}


def test_what_is_empty_is_left_out() -> None:
    link = build_link(ORIGIN + "/", PATH, Identity(nom=" ", prenom=""), {"12": "", "13": None}, fields=FIELDS)
    assert link == f"{ORIGIN}/commencer/{PATH}"


def test_ids_are_sent_typed_and_without_padding() -> None:
    link = build_link(ORIGIN, PATH, champs={"Q2hhbXAtMTIzNA==": "a", "56": "b"})
    assert urlsplit(link).query == "champ_Q2hhbXAtMTIzNA=a&champ_Q2hhbXAtNTY=b"


def test_an_explicit_champ_wins_over_the_identity() -> None:
    link = build_link(ORIGIN, PATH, ZOE, {"3566491": "NOËL-PETIT"}, fields=FIELDS)
    assert read(link)["champ_Q2hhbXAtMzU2NjQ5MQ"] == "NOËL-PETIT"
    assert read(link)["identite_nom"] == "NOËL"


@pytest.mark.parametrize(
    ("champs", "message"),
    [
        ({"12": "undefined"}, "12: the value is a word programs write for missing data"),
        ({"Champ-12": "x"}, "Champ-12: 'Champ-12' is a label, and finding it needs the démarche's form"),
        ({"Q2hhbXAtMzU2": "x", "356": "y"}, "356: this champ is given twice"),
        ({"Q2hhbXAtMTJ8MDFK": "x"}, "Q2hhbXAtMTJ8MDFK: the id of a champ in a row"),
        ({"Q2hhbXAtMzU2NjQ5M!": "x"}, "Q2hhbXAtMzU2NjQ5M!: "),
        ({"RG9zc2llci0xMg==": "x"}, "RG9zc2llci0xMg==: "),
    ],
)
def test_what_cannot_be_sent_is_refused(champs: dict[str, str], message: str) -> None:
    with pytest.raises(PrefillError) as caught:
        build_link(ORIGIN, PATH, champs=champs)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "origin",
    ["demarche.numerique.gouv.fr", "ftp://host", "https://", "https://host/api", "https://host?x=1", ""],
)
def test_an_address_that_is_none_is_refused(origin: str) -> None:
    with pytest.raises(PrefillError, match="a scheme and a host"):
        build_link(origin, PATH)


@pytest.mark.parametrize("path", ["", "a/b", "a?b", "../x", "é", "a b"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    with pytest.raises(PrefillError, match="not a démarche's path"):
        build_link(ORIGIN, path)


def test_a_link_over_2000_characters_says_to_use_a_draft() -> None:
    base = len(build_link(ORIGIN, PATH, champs={"1": "x"})) - 1
    longest = build_link(ORIGIN, PATH, champs={"1": "x" * (MAX_LINK_LENGTH - base)})
    assert len(longest) == MAX_LINK_LENGTH == 2000
    with pytest.raises(PrefillError, match=r"the link is 2001 characters long .* use a draft"):
        build_link(ORIGIN, PATH, champs={"1": "x" * (MAX_LINK_LENGTH - base + 1)})
    with pytest.raises(PrefillError, match="use a draft"):
        build_link(ORIGIN, PATH, champs={"1": "é" * 350})


FORM = Form(
    82349,
    "CRA",
    (
        Field(1, "text", "Nom  de famille ", section="QUI ÊTES-VOUS ?"),
        Field(2, "drop_down_list", "Je", section="ÉVÉNEMENTS"),
        Field(3, "drop_down_list", "Je", section="PARTENARIATS"),
        Field(4, "repetition", "ÉVÉNEMENT", fields=(Field(5, "text", "Nom de l'événement"),)),
        Field(None, "text", "Sans identifiant"),
    ),
)


def test_labels_are_found_on_the_form() -> None:
    link = build_link(ORIGIN, PATH, Identity(nom="NOËL"), fields={"nom": "Nom de famille"}, form=FORM)
    assert read(link) == {"identite_nom": "NOËL", f"champ_{FORM.fields[0].id}": "NOËL"}


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        (
            "Je",
            "Je: several champs are labelled 'Je': give an id, one of Q2hhbXAtMg (section 'ÉVÉNEMENTS'), Q2h",
        ),
        ("Prénom", "Prénom: the form of démarche 82349 has no champ labelled 'Prénom'"),
        ("Sans identifiant", "Sans identifiant: this form gives no ids"),
        ("77", "77: the form of démarche 82349 has no such champ outside its blocks"),
        ("5", "5: the form of démarche 82349 has no such champ outside its blocks"),
    ],
)
def test_what_the_form_does_not_have_is_refused(reference: str, message: str) -> None:
    with pytest.raises(PrefillError) as caught:
        build_link(ORIGIN, PATH, champs={reference: "secret"}, form=FORM)
    assert str(caught.value).startswith(message)
    assert "secret" not in str(caught.value)


def test_a_label_of_the_configuration_matters_only_when_it_is_used() -> None:
    fields = {"nom": "Nom", "identifiant": "12"}
    link = build_link(ORIGIN, PATH, Identity(identifiant=3), fields=fields)
    assert link == f"{ORIGIN}/commencer/{PATH}?champ_Q2hhbXAtMTI=3"
    with pytest.raises(PrefillError, match=r"^nom: 'Nom' is a label"):
        build_link(ORIGIN, PATH, Identity(nom="NOËL"), fields={"nom": "Nom"})


SETTINGS = Settings(
    api=ApiSettings(url="http://127.0.0.1:8000/"),
    demarches={
        "cra": DemarcheSettings(
            number=82349, path=PATH, champs={**FIELDS, "temps_total": "99", "evenements": "x"}
        ),
        "sans": DemarcheSettings(number=5),
    },
)


def test_the_configuration_gives_address_path_and_champs() -> None:
    link = build_configured_link(SETTINGS, "cra", ZOE, {"temps_total": 5, "98": "b"})
    champs: dict[str, str | int] = {"99": 5, "98": "b"}
    assert link == build_link("http://127.0.0.1:8000", PATH, ZOE, champs, fields=FIELDS)


def test_a_configuration_that_does_not_suffice_is_said() -> None:
    with pytest.raises(PrefillError, match=r"démarche 'sans' has no path: set demarches.sans.path"):
        build_configured_link(SETTINGS, "sans")
    with pytest.raises(ConfigurationError, match=r"no démarche named 'cro'.*did you mean 'cra'"):
        build_configured_link(SETTINGS, "cro")
    with pytest.raises(PrefillError, match="given twice"):
        build_configured_link(SETTINGS, "cra", champs={"temps_total": 1, "99": 2})


@given(nom=texts, structure=texts, champ=texts)
def test_any_text_arrives_as_it_was_given(nom: str, structure: str, champ: str) -> None:
    nom, structure, champ = (take_out(text)[0] for text in (nom, structure, champ))
    given = {"nom": nom, "structure_nom": structure, "champ": champ}
    assume(
        not any(
            text.strip().casefold() in {"undefined", "null", "none", "nan", "n/a", "##"}
            for text in given.values()
        )
    )
    try:
        link = build_link(
            ORIGIN, PATH, Identity(nom=nom, structure_nom=structure), {"7": champ}, fields=FIELDS
        )
    except PrefillError as error:
        assert "use a draft" in str(error)  # noqa: PT017  # the only error any text may meet
        return
    assert link.isascii()
    assert " " not in link
    expected = {
        "identite_nom": nom,
        "champ_Q2hhbXAtMzU2NjQ5MQ": nom,
        "champ_Q2hhbXAtMzU2NjUyMQ": structure,
        "champ_Q2hhbXAtNw": champ,
    }
    assert read(link) == {key: text for key, text in expected.items() if text.strip()}


@given(st.dictionaries(st.integers(1, 10**9), st.integers() | st.booleans() | st.dates(), max_size=15))
def test_any_champ_is_found_under_its_own_id(champs: dict[int, int]) -> None:
    link = build_link(ORIGIN, PATH, champs={str(number): value for number, value in champs.items()})
    assert [ChampId.parse(key.removeprefix("champ_")).stable for key in read(link)] == list(champs)
