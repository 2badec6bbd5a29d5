"""docs/configuration.md: every setting is there; its example syncs the structures beside the CRA."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel

from ds_bridge.config import DemarcheSettings, Settings
from ds_bridge.ids import ChampId
from ds_bridge.sandbox.forms import load_forms, read_form
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import CRA_NUMBER, World
from tests.cli.commands import run_command, write_sandbox_config

GUIDE = Path(__file__).parent.parent / "docs" / "configuration.md"
TEXT = GUIDE.read_text(encoding="utf-8")
NAMES = ("conventionnement", "reconventionnement", "recrutement_coordinateur")
IDENTIFIANT = {"conventionnement": 801012, "reconventionnement": 802012, "recrutement_coordinateur": 803012}
HEADER = [
    "demarche", "number", "state", "archived", "prefilled",
    "date_depot", "date_derniere_modification", "date_traitement",
]  # fmt: skip


def block(language: str) -> str:
    found = re.search(rf"<!-- {language}: structures -->\n```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert found
    return found[1]


def champ(number: int, kind: str, label: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "kind": kind, "label": label, **more}


def revision(number: int, day: str, champs: list[dict[str, Any]]) -> dict[str, Any]:
    moment = f"{day}T09:00:00+01:00"
    return {"number": number, "date_creation": moment, "date_publication": moment, "champs": champs}


def make_form(number: int, title: str, revisions: list[dict[str, Any]]) -> Any:
    return read_form(
        {
            "number": number,
            "title": title,
            "path": f"structures-{number}",
            "opendata": False,
            "for_individual": False,
            "date_creation": "2024-01-08T09:00:00+01:00",
            "date_publication": "2024-01-08T09:00:00+01:00",
            "revisions": revisions,
        }
    )


def make_forms() -> tuple[Any, ...]:
    """Three small forms, shaped as such forms are: a label twice, files, a revision of another kind."""
    structure = [
        champ(801010, "header_section", "Votre structure", level=1),
        champ(801011, "text", "Nom de la structure", required=True),
        champ(801012, "integer_number", "Identifiant de la structure", required=True),
        champ(801013, "yes_no", "La structure a-t-elle déjà conventionné ?"),
        champ(801014, "piece_justificative", "Délibération"),
    ]
    older = [champ(802011, "siret", "SIRET"), champ(802012, "text", "Identifiant de la structure")]
    newer = [
        champ(802011, "siret", "SIRET"),
        champ(802013, "text", "Précisez"),
        champ(802012, "integer_number", "Identifiant de la structure (ID structure)"),
        champ(802014, "text", "Précisez"),
    ]
    recruitment = [
        champ(803011, "textarea", "Motivation"),
        champ(803012, "integer_number", "Identifiant de la structure"),
        champ(803013, "repetition", "CANDIDAT", champs=[champ(803014, "text", "Nom du candidat")]),
    ]
    return (
        make_form(99011, "Conventionnement", [revision(7001, "2024-01-08", structure)]),
        make_form(
            99012,
            "Reconventionnement",
            [revision(7002, "2024-01-08", older), revision(7003, "2025-01-06", newer)],
        ),
        make_form(99013, "Recrutement de coordinateur", [revision(7004, "2024-01-08", recruitment)]),
    )


@pytest.fixture(scope="module")
def server():
    cra = next(form for form in load_forms() if form.number == CRA_NUMBER)
    world = World(seed=5, forms=(cra, *make_forms()))
    world.seed_dossiers(10)
    for number in (99011, 99012, 99013):
        world.seed_dossiers(12, number)
    with SandboxServer(world=world, requests_per_minute=None) as server:
        yield server


@pytest.fixture
def config(server, tmp_path):
    return write_sandbox_config(tmp_path, server, block("toml"))


def dump(config, name):
    result = run_command("dump", name, "--format", "ndjson", config=config)
    assert result.code == 0, result.err
    return [json.loads(line) for line in result.out.splitlines()]


def test_every_setting_is_in_the_guide():
    listed = set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)?)`", TEXT))
    for section, field in Settings.model_fields.items():
        if section != "demarches":
            assert isinstance(field.annotation, type)
            assert issubclass(field.annotation, BaseModel)
            for key, inner in field.annotation.model_fields.items():
                assert f"{section}.{inner.alias or key}" in listed
    for key, inner in DemarcheSettings.model_fields.items():
        assert (inner.alias or key) in listed
    for setting, default in re.findall(r"^\| `(\w+\.\w+)` \| (\d+|true) \|", TEXT, re.MULTILINE):
        section, key = setting.split(".")
        assert json.loads(default) == getattr(getattr(Settings(), section), key), setting


def test_the_structures_sync_beside_the_cra_with_no_code(server, config):
    result = run_command("sync", "--json", config=config)
    assert result.code == 0, result.err
    counts = {each["name"]: (each["outcome"], each["created"]) for each in json.loads(result.out)}
    assert counts == {"cra": ("complete", 10), **dict.fromkeys(NAMES, ("complete", 12))}
    example = json.loads(block("json"))
    for name in NAMES:
        documents = dump(config, name)
        assert all(list(document) == list(example) for document in documents)
        assert all(list(document["dossier"]) == HEADER == list(example["dossier"]) for document in documents)
        number = tomllib.loads(block("toml"))["demarches"][name]["number"]
        filed = server.world.demarches[number].dossiers
        assert sorted(filed) == [document["dossier"]["number"] for document in documents]
        for document in documents:
            dossier = filed[document["dossier"]["number"]]
            assert document["dossier"]["state"] == dossier.state
            value = dossier.values.get(IDENTIFIANT[name])
            is_text = isinstance(value, str)
            codes = [(each["path"], each["code"]) for each in document["anomalies"]]
            if is_text and not value.strip().isdigit():
                assert document["structure_identifiant"] is None
                assert codes == [("structure_identifiant", "kind_changed")]
            else:
                assert document["structure_identifiant"] == (int(value) if is_text else value)
                assert codes == []
    kinds = {type(document["structure_identifiant"]) for document in dump(config, "conventionnement")}
    assert int in kinds
    assert kinds <= {int, type(None)}


def test_commands_know_the_names(config, tmp_path):
    assert run_command("sync", config=config).code == 0
    form = json.loads(run_command("form", "reconventionnement", "--json", config=config).out)
    assert [each["feeds"] for each in form["champs"]] == [[], [], ["structure_identifiant"], []]
    schema = json.loads(run_command("schema", "conventionnement", config=config).out)
    for document in dump(config, "conventionnement"):
        jsonschema.validate(document, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**dump(config, "conventionnement")[0], "structure_identifiant": "x"}, schema)
    folder = tmp_path / "out"
    result = run_command("dump", "conventionnement", "--format", "csv", "-o", str(folder), config=config)
    assert result.code == 0, result.err
    with (folder / "dossiers.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    expected = ["" if value is None else str(value) for value in values_of(dump(config, "conventionnement"))]
    assert [row["structure_identifiant"] for row in rows] == expected
    remapped = json.loads(run_command("remap", "conventionnement", "--json", config=config).out)
    assert (remapped["changed"], remapped["unchanged"]) == (0, 12)


def values_of(documents):
    return [document["structure_identifiant"] for document in documents]


def test_a_pseudonymised_dump_goes_by_the_kinds_of_named_champs(server, tmp_path):
    text = '[dump]\npseudonym_key = "0123456789abcdef"\n[demarches.conv]\nnumber = 99011\n'
    text += 'champs = { nom = "801011", id = "801012", fichiers = "801014" }\n'
    config = write_sandbox_config(tmp_path, server, text)
    assert run_command("sync", config=config).code == 0
    plain = dump(config, "conv")
    result = run_command("dump", "conv", "--format", "ndjson", "--pseudonymise", config=config)
    assert result.code == 0, result.err
    hidden = [json.loads(line) for line in result.out.splitlines()]
    assert any(document["nom"] for document in plain)
    assert {document["nom"] for document in hidden} == {None}
    assert [document["fichiers"] for document in hidden] == [[]] * 12
    assert [document["id"] for document in hidden] == [document["id"] for document in plain]
    assert all(document["pseudonyme"] for document in hidden)


@pytest.mark.parametrize(
    ("champs", "words"),
    [
        ('structure_identifiant = "5"', "the configured champ 5 (Q2hhbXAtNQ) is not on the form"),
        ('precision = "Précisez"', "the configured label 'Précisez' stands more than once"),
        ('json = "802012"', "'json' cannot be a field's name"),
    ],
)
def test_what_cannot_be_meant_ends_before_anything_is_pulled(server, tmp_path, champs, words):
    config = write_sandbox_config(
        tmp_path, server, f"[demarches.re]\nnumber = 99012\nchamps = {{ {champs} }}\n"
    )
    result = run_command("sync", config=config)
    assert result.code == 2
    assert words in result.err
    if "Précisez" in champs:
        assert {ChampId(number).encode_for_link() for number in (802013, 802014)} <= set(result.err.split())


def test_doctor_follows_named_champs(config):
    result = run_command("doctor", "reconventionnement", "--json", config=config)
    assert result.code == 0
    told = [
        (each["details"]["change"], each["verdict"])
        for each in json.loads(result.out)["findings"]
        if each["field"] == "structure_identifiant" and "change" in each["details"]
    ]
    assert told == [("kind", "warning"), ("label", "ok")]
