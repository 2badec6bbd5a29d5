"""Named champs: a typed model out of a form and a few names, with a model's errors."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_type_hints

import pytest

from ds_bridge.api.client import Client
from ds_bridge.config import ApiSettings
from ds_bridge.errors import ConfigurationError, MappingError
from ds_bridge.form import Form, read_forms
from ds_bridge.mapping import map_dossier
from ds_bridge.mapping.kinds import natural_type
from ds_bridge.mapping.named import make_plan, name_champs
from ds_bridge.sandbox.forms import load_forms
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import ALL_KINDS_NUMBER
from tests.mapping.forms import champ_of, form_of
from tests.mapping.test_mapper import dossier_of, node

FORM = form_of(
    champ_of(1, "header_section", "La structure"),
    champ_of(2, "integer_number", "Identifiant"),
    champ_of(3, "drop_down_list", "Type", options=("Commune", "EPCI")),
    champ_of(4, "date", "Date"),
    champ_of(
        5,
        "repetition",
        "ATELIER",
        fields=(
            champ_of(6, "date", "Date"),
            champ_of(7, "multiple_drop_down_list", "Publics", options=("Jeunes", "Aînés")),
        ),
    ),
    champ_of(8, "tarot", "Carte tirée"),
)


def types_of(model: Any) -> dict[str, Any]:
    return get_type_hints(model)


def test_a_name_is_a_field_typed_by_its_champ() -> None:
    champs = {"structure_identifiant": "Q2hhbXAtMg", "sorte": "Type", "jour": "4", "tirage": "8"}
    hints = types_of(name_champs(champs, FORM))
    assert list(hints)[-4:] == list(champs)
    assert hints["structure_identifiant"] == int | None
    assert hints["sorte"] == str | None
    assert hints["jour"] == dt.date | None
    assert hints["tirage"] == Any | None


def test_a_dossier_gives_the_names_and_nothing_else() -> None:
    champs = {"structure_identifiant": "2", "ateliers": "ATELIER", "ateliers.publics": "7"}
    plan = make_plan(None, champs, FORM)
    assert plan is not None
    assert plan.feeds == {2: ("structure_identifiant",), 5: ("ateliers",), 7: ("ateliers.publics",)}
    assert plan.blocks == {"ateliers": ["publics"]}
    dossier = dossier_of(node(2, "IntegerNumberChamp", value="87"), node(4, "DateChamp", date="2024-05-12"))
    document = map_dossier(plan, dossier, 7).document()
    assert list(document) == ["dossier", "structure_identifiant", "ateliers", "anomalies"]
    assert (document["structure_identifiant"], document["ateliers"], document["anomalies"]) == (87, [], [])


def test_no_model_and_no_name_is_no_plan() -> None:
    assert make_plan(None, {}, FORM) is None


def test_older_kinds_are_read_as_they_are_by_a_model() -> None:
    """A text that holds a number is one; a date cannot hold a text, so the field takes both."""
    older = form_of(champ_of(2, "text", "Identifiant"), champ_of(9, "text", "Date"), revision="1")
    champs = {"identifiant": "2", "jour": "4"}
    hints = types_of(name_champs(champs, FORM, (older,)))
    assert hints["identifiant"] == int | None
    assert hints["jour"] == dt.date | str | None
    plan = make_plan(None, champs, FORM, (older,))
    assert plan is not None
    assert plan.numbers == {"identifiant": (2,), "jour": (4, 9)}
    old = dossier_of(node(2, "TextChamp", value=" 87 "), node(9, "TextChamp", value="12 mai"))
    document = map_dossier(plan, old, 7).document()
    assert (document["identifiant"], document["jour"], document["anomalies"]) == (87, "12 mai", [])
    wrong = map_dossier(plan, dossier_of(node(2, "TextChamp", value="douze")), 7)
    assert [(each.path, each.code) for each in wrong.anomalies] == [("identifiant", "kind_changed")]
    assert not wrong.valid


def test_one_that_becomes_several_is_a_list() -> None:
    older = form_of(champ_of(4, "multiple_drop_down_list", "Date", options=("a", "b")), revision="1")
    hints = types_of(name_champs({"jour": "4"}, FORM, (older,)))
    assert hints["jour"] == tuple[dt.date | str, ...]


@pytest.mark.parametrize(
    ("champs", "words"),
    [
        ({"a": "99"}, "a: the configured champ 99 (Q2hhbXAtOTk) is not on the form"),
        ({"a": "Absent"}, "a: no champ has the configured label 'Absent'"),
        ({"a": "6"}, "a: the configured champ 6 (Q2hhbXAtNg) does not stand in the top level"),
        ({"a": "2", "a.b": "6"}, "a: the configured champ is not of a kind it takes (repetition)"),
        ({"ateliers.b": "6"}, 'ateliers: no champ labelled "ateliers"'),
    ],
)
def test_what_does_not_resolve_is_a_models_error(champs: dict[str, str], words: str) -> None:
    with pytest.raises(MappingError) as caught:
        make_plan(None, champs, FORM)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("champs", "words"),
    [
        ({"a": "5"}, "a is a repeatable block: name the champs of its rows too, as a."),
        ({"a": "1"}, "a is a title or a text of the form"),
        ({"dossier": "2"}, "'dossier' cannot be a field's name"),
        ({"anomalies": "2"}, "'anomalies' cannot be a field's name"),
        ({"model_dump": "2"}, "'model_dump' cannot be a field's name"),
        ({"_a": "2"}, "'_a' cannot be a field's name"),
        ({"a-b": "2"}, "'a-b' cannot be a field's name"),
        ({"a.": "2"}, "'a.' cannot be a field's name"),
        ({"a.b.c": "2"}, "'a.b.c' cannot be a field's name"),
    ],
)
def test_what_no_field_can_be(champs: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make_plan(None, champs, FORM)
    assert words in str(caught.value)


def test_every_kind_of_the_platform_has_a_type() -> None:
    """Of the sandbox's form that has them all; one it does not know could be anything."""
    kinds = {champ.kind for form in load_forms() for champ in form.active.walk()}
    untyped = {kind for kind in kinds if natural_type(kind) is Any}
    assert untyped <= {"repetition", "header_section", "explication"}
    assert natural_type("tarot") is Any


def test_every_champ_of_the_sandbox_can_be_named() -> None:
    with (
        SandboxServer(seed=6, dossiers=1, requests_per_minute=None) as server,
        Client(ApiSettings(url=server.url, token=server.token)) as client,
    ):
        active, others = read_forms(client.form_document(ALL_KINDS_NUMBER))
        champs = name_everything(active)
        plan = make_plan(None, champs, active, others)
        mapped = [map_dossier(plan, each, ALL_KINDS_NUMBER) for each in client.dossiers(ALL_KINDS_NUMBER)]
    assert len(mapped) > 30
    assert [one.anomalies for one in mapped if one.anomalies] == []
    filled = {key for one in mapped for key, value in one.document().items() if value not in (None, [], {})}
    never_filled = {"champ_700131"}  # the sandbox invents no dossier to link to
    assert filled >= {name for name in champs if "." not in name} - never_filled


def name_everything(form: Form) -> dict[str, str]:
    champs = {}
    for field, block in form.walk():
        if field.kind in ("header_section", "explication") or field.number is None:
            continue
        name = f"champ_{field.number}"
        champs[f"champ_{block.number}.{name}" if block else name] = str(field.number)
    return champs
