"""Options: only what is asked for comes; every kind of champ has a class that reads it."""

import datetime as dt
import io
import json
from typing import get_args

import jsonschema
import pytest
from graphql import build_schema

from ds_bridge import Client
from ds_bridge.api.champs import KnownChamp, TextChamp
from ds_bridge.api.options import OPTIONS, bind_options, hash_query, list_added, read_options
from ds_bridge.api.queries import load
from ds_bridge.api.records import Dossier
from ds_bridge.config import ApiSettings, DemarcheSettings, DumpSettings
from ds_bridge.dump import Options, dump_dossiers, make_hider
from ds_bridge.dump.schema import schema_of_champs
from ds_bridge.errors import ConfigurationError
from ds_bridge.mapping.extras import EXTRA_KEYS
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import ALL_KINDS_NUMBER
from ds_bridge.store import Store
from ds_bridge.sync import sync_demarche
from ds_bridge.tables import describe
from tests.conftest import SHARED

SCHEMA = SHARED / "ds" / "schema.graphql"
KEYS = {
    "annotations": {"annotations"},
    "avis": {"avis"},
    "corrections": {"dateDerniereCorrectionEnAttente"},
    "files": {"attestation", "motivationAttachment"},
    "groupe_instructeur": {"groupeInstructeur"},
    "instructeurs": {"instructeurs"},
    "labels": {"labels"},
    "messages": {"messages"},
    "traitements": {"traitements"},
}
# Kinds of the form whose champ is another one: a text, or a whole number (as the platform answers).
AS_TEXT = {
    "AnnuaireEducation",
    "COJO",
    "Cnaf",
    "Dgfip",
    "Email",
    "Formatted",
    "Iban",
    "Mesri",
    "Phone",
    "PoleEmploi",
    "QuotientFamilial",
    "Referentiel",
    "Textarea",
}
AS_NUMBER = {"Number"}


@pytest.fixture(scope="module")
def server():
    with SandboxServer(seed=1, dossiers=1, requests_per_minute=None) as running:
        yield running


@pytest.fixture
def store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as opened:
        yield opened


def connect(server, *include):
    return Client(ApiSettings(url=server.url, token=server.token), include=include)


def sync(server, store, *include):
    demarche = DemarcheSettings(number=ALL_KINDS_NUMBER, **{"with": include})
    with connect(server, *demarche.include) as client:
        summary = sync_demarche("tout", demarche, client, store)
    assert summary.error is None
    return summary


def test_the_default_stays_light(server):
    with connect(server) as client:
        number = next(client.dossiers(ALL_KINDS_NUMBER)).number
        raw = client.raw_dossier(number)
    assert set(raw).isdisjoint(set().union(*KEYS.values()))
    server.journal.clear()
    with connect(server) as client:
        client.dossier(number)
    assert server.journal.entries()[0].variables == {"number": number}


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_brings_its_keys_and_no_other(server, option):
    with connect(server) as plain, connect(server, option) as client:
        number = next(plain.dossiers(ALL_KINDS_NUMBER)).number
        assert set(client.raw_dossier(number)) - set(plain.raw_dossier(number)) == KEYS[option]


def test_records_of_everything(server):
    with connect(server) as client:
        dossiers = list(client.dossiers(ALL_KINDS_NUMBER, include=OPTIONS))
        light = list(client.dossiers(ALL_KINDS_NUMBER))
    assert len(dossiers) == len(light) == 36
    assert {dossier.messages for dossier in light} == {None}
    messages = [message for dossier in dossiers for message in dossier.messages or ()]
    files = [file for message in messages for file in message.attachments]
    assert {file.filename for file in files} == {"modèle à remplir.pdf"}
    assert {message.correction.reason for message in messages if message.correction} == {"incomplete"}
    answered = [avis for dossier in dossiers for avis in dossier.avis or () if avis.date_reponse]
    assert answered
    assert {avis.question_answer for avis in answered} == {True}
    assert {avis.expert.email for avis in answered if avis.expert} == {"experte@anct.example"}
    for dossier in dossiers:
        assert [champ.typename for champ in dossier.annotations or ()][:3] == [
            "TextChamp",
            "CheckboxChamp",
            "PieceJustificativeChamp",
        ]
        assert dossier.traitements is not None
        assert dossier.traitements[0].event == "depose"
        assert dossier.groupe_instructeur is not None
        assert dossier.groupe_instructeur.number == ALL_KINDS_NUMBER + 40_000
        assert len(dossier.labels or ()) == dossier.number % 3
        assert (dossier.attestation is not None) == (dossier.state == "accepte")
        waits = dossier.number % 3 == 0 and dossier.state == "en_construction"
        assert (dossier.date_derniere_correction_en_attente is not None) == waits


def test_the_same_seed_brings_the_same(server):
    with connect(server, *OPTIONS) as client:
        number = next(client.dossiers(ALL_KINDS_NUMBER)).number
        first, second = (Dossier.model_validate(client.raw_dossier(number)) for _ in range(2))
    assert first.annotations is not None
    assert [m.body for m in first.messages or ()] == [m.body for m in second.messages or ()]
    assert first.labels == second.labels


def test_options_are_checked():
    assert read_options(["messages", "avis", "messages"]) == ("avis", "messages")
    with pytest.raises(ConfigurationError, match=r"no such option: mesages \(known: annotations, avis"):
        read_options(["mesages"])
    assert bind_options(["groupe_instructeur"]) == {"withGroupeInstructeur": True}
    for option in OPTIONS:
        (variable,) = bind_options([option])
        assert f"${variable}: Boolean = false" in load("dossiers_page").text


def test_a_checkpoint_knows_its_options():
    plain = load("dossiers_page").hash
    assert hash_query(()) == plain
    assert hash_query(("avis", "messages")) == f"{plain}+avis+messages"
    assert list_added(None, ("avis",)) == {"avis"}
    assert list_added(f"{plain}+avis", ("avis",)) == set()
    assert list_added(f"{plain}+avis+messages", ("avis",)) == set()


def test_a_sync_keeps_what_was_asked_for_and_begins_anew_when_more_is(server, store):
    assert sync(server, store).created == 36
    assert sync(server, store).seen < 36
    summary = sync(server, store, "messages", "annotations")
    assert (summary.seen, summary.updated) == (36, 36)
    checkpoint = store.read_checkpoint(ALL_KINDS_NUMBER, "dossiers")
    assert checkpoint.query_hash == hash_query(("annotations", "messages"))
    assert sync(server, store, "messages", "annotations").updated == 0
    for dossier in store.dossiers(ALL_KINDS_NUMBER):
        assert {"messages", "annotations"} <= set(dossier.raw)
        document = dossier.document
        assert [key for key in document if key in EXTRA_KEYS] == ["annotations", "messages"]
        assert document["annotations"][0]["value"] == f"Vu le dossier {dossier.number}."
        assert document["messages"][0]["body"] == "Votre dossier est bien reçu."
        assert dt.datetime.fromisoformat(document["messages"][0]["created_at"]).tzinfo
        files = [file for message in document["messages"] for file in message["attachments"]]
        assert all("url" not in file for file in files)
    assert sync(server, store, "messages").seen < 36


def test_a_sync_of_every_kind_knows_every_champ(server, store):
    sync(server, store, *OPTIONS)
    assert store.count(ALL_KINDS_NUMBER) == 36
    assert {found.code for found in store.anomalies(ALL_KINDS_NUMBER)} == set()
    assert sync(server, store, *OPTIONS).updated == 0


def dump(store, hider=None):
    out = io.BytesIO()
    dump_dossiers(store, ALL_KINDS_NUMBER, format="ndjson", out=out, options=Options(None, hider))
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_dump_keeps_to_its_schema_and_a_pseudonymised_one_drops_what_people_wrote(server, store):
    sync(server, store, *OPTIONS)
    documents = dump(store)
    assert all(set(EXTRA_KEYS) <= set(document) for document in documents)
    validator = jsonschema.Draft202012Validator(schema_of_champs("tout"))
    assert [error.message for document in documents for error in validator.iter_errors(document)] == []
    described = describe(store, "tout", DemarcheSettings(number=ALL_KINDS_NUMBER))
    hider = make_hider(described, DumpSettings(pseudonym_key="one key of thirty-two characters"))
    hidden = dump(store, hider)
    assert len(hidden) == 36
    assert not any(set(EXTRA_KEYS) & set(document) for document in hidden)
    assert "instructrice@anct.example" not in json.dumps(hidden)


@pytest.mark.skipif(not SCHEMA.exists(), reason="the official schema is not beside the project")
def test_every_kind_of_the_official_schema_has_a_class():
    schema = build_schema(SCHEMA.read_text(encoding="utf-8"))
    classes = get_args(get_args(KnownChamp)[0])
    known = {get_args(each.model_fields["typename"].annotation)[0] for each in classes}
    assert {each.name for each in schema.get_possible_types(schema.type_map["Champ"])} == known
    kinds = {
        each.name.removesuffix("ChampDescriptor")
        for each in schema.get_possible_types(schema.type_map["ChampDescriptor"])
    }
    own = {name.removesuffix("Champ") for name in known}
    assert kinds - own == AS_TEXT | AS_NUMBER
    assert TextChamp in classes
