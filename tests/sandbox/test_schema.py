"""The SDL: ours says nothing the official one does not, and every query of the project runs on it."""

from __future__ import annotations

import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    parse,
    validate,
)

from ds_bridge.sandbox.schema import load_schema, read_document
from ds_bridge.sandbox.server import SandboxServer
from tests.sandbox.platform import CRA, EPOCH, ask, data, read_query

SHARED = Path(__file__).parents[3] / "shared"
OFFICIAL = SHARED / "ds" / "schema.newest.graphql"
CHECK = SHARED / "tools" / "check_queries.py"
needs_official = pytest.mark.skipif(
    not OFFICIAL.exists(), reason="the official schema is not in this checkout"
)

OPERATIONS: dict[str, dict[str, Any]] = {
    "demarche_form": {"number": CRA},
    "demarche_address": {"number": CRA},
    "dossier_numbers_page": {"number": CRA, "first": 5, "updatedSince": EPOCH},
    "dossiers_page": {"number": CRA, "first": 5, "updatedSince": EPOCH},
    "deleted_dossiers_page": {"number": CRA, "first": 5},
    "pending_deleted_dossiers_page": {"number": CRA, "first": 5},
}


@needs_official
def test_every_field_of_ours_exists_officially_with_the_same_type() -> None:
    official = build_schema(OFFICIAL.read_text(encoding="utf-8"))
    drift: list[str] = []
    for name, ours in load_schema().type_map.items():
        theirs = official.type_map.get(name)
        if name.startswith("__"):
            continue
        if type(theirs) is not type(ours):
            drift.append(f"{name}: {type(theirs).__name__}")
            continue
        drift += [f"{name}.{line}" for line in _compare(ours, theirs)]
    assert drift == []


def _compare(ours: Any, theirs: Any) -> list[str]:
    if isinstance(ours, GraphQLEnumType):
        return [] if set(ours.values) == set(theirs.values) else ["values"]
    if not isinstance(ours, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        return []
    lines: list[str] = []
    for name, field in ours.fields.items():
        known = theirs.fields.get(name)
        if known is None or str(known.type) != str(field.type):
            lines.append(f"{name}: {field.type} (officially {known and known.type})")
            continue
        given, official = getattr(field, "args", {}), getattr(known, "args", {})
        lines += [
            f"{name}({argument})"
            for argument, one in given.items()
            if argument not in official or str(official[argument].type) != str(one.type)
        ]
        if bool(field.deprecation_reason) != bool(known.deprecation_reason):
            lines.append(f"{name}: deprecation")
    return lines


@needs_official
def test_the_stored_query_is_valid_officially() -> None:
    text = resources.files("ds_bridge.sandbox").joinpath("stored_query.graphql").read_text(encoding="utf-8")
    official = build_schema(OFFICIAL.read_text(encoding="utf-8"))
    assert validate(official, parse(text)) == []


@pytest.mark.skipif(not CHECK.exists(), reason="the checking tool is not in this checkout")
def test_the_projects_queries_are_valid_officially_and_here() -> None:
    queries = Path(__file__).parents[2] / "queries"
    ours = resources.files("ds_bridge.sandbox").joinpath("schema.graphql")
    for schema in (OFFICIAL, ours):
        checked = subprocess.run(
            [sys.executable, str(CHECK), str(queries), str(schema)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stdout


def test_every_query_of_the_project_runs(calm: SandboxServer) -> None:
    folder = resources.files("ds_bridge.queries")
    names = {
        entry.name.removesuffix(".graphql") for entry in folder.iterdir() if entry.name.endswith(".graphql")
    }
    number = min(calm.world.demarches[CRA].dossiers)
    groupes = data(calm, read_query("demarche_groupes"), number=CRA)["demarche"]["groupeInstructeurs"]
    of_one = {"number": groupes[0]["number"], "first": 5, "updatedSince": EPOCH}
    operations = {
        **OPERATIONS,
        "dossier": {"number": number},
        "demarche_groupes": {"number": CRA},
        "groupe_dossiers_page": of_one,
        "groupe_dossier_numbers_page": of_one,
    }
    # What actions ask is asked in their own tests.
    texts = {name: (folder / f"{name}.graphql").read_text(encoding="utf-8") for name in names}
    reads = {name for name, text in texts.items() if "mutation " not in text}
    ours = {name for name in reads if not name.startswith("fragment_")}
    assert ours - {"demarche_desk", "situation", "situations_page"} == set(operations)
    for name, variables in operations.items():
        answer = ask(calm, read_query(name), **variables)
        assert "errors" not in answer, (name, answer["errors"][:1])
        assert answer["data"]


def test_the_form_of_a_demarche(calm: SandboxServer) -> None:
    found = data(calm, read_query("demarche_form"), number=CRA)["demarche"]
    active = found["activeRevision"]
    assert [revision["id"] for revision in found["revisions"]][-1] == active["id"]
    assert len(found["revisions"]) == 2
    block = next(d for d in active["champDescriptors"] if d["label"] == "ÉVÉNEMENT")
    assert block["__typename"] == "RepetitionChampDescriptor"
    assert len(block["champDescriptors"]) == 6
    choice = next(d for d in active["champDescriptors"] if d["label"] == "Je")
    assert choice["options"] == ["souhaite ajouter au moins un événement", "n'ai pas d'événement à ajouter"]
    assert choice["otherOption"] is False


def test_every_kind_has_a_descriptor_type(calm: SandboxServer) -> None:
    query = """query($n: Int!) { demarche(number: $n) { activeRevision { champDescriptors {
        __typename type champDescriptors { __typename type } } } } }"""
    found = data(calm, query, n=99001)["demarche"]["activeRevision"]["champDescriptors"]
    kinds = {(d["__typename"], d["type"]) for d in found}
    assert ("CommuneChampDescriptor", "communes") in kinds
    assert ("RNAChampDescriptor", "rna") in kinds
    assert len(kinds) == 34


def test_what_other_clients_ask(calm: SandboxServer) -> None:
    """Fields that published clients of the platform read, beyond what this project does."""
    query = """
    query($number: Int!) { demarche(number: $number) {
      id number title description state declarative dateCreation dateDepublication dateFermeture
      draftRevision { id annotationDescriptors { id champDescriptors { id } } }
      publishedRevision { id }
      groupeInstructeurs { id number label instructeurs { id email } }
      service { id nom organisme siret typeOrganisme }
      dossiers(order: ASC, first: 3) { nodes {
        motivation motivationAttachment { url } attestation { filename } pdf { url filename }
        instructeurs { id email } usager { email } groupeInstructeur { id number label }
        traitements { state event emailAgentTraitant dateTraitement motivation }
        annotations { id label } avis { id question } messages { id body attachments { url } }
        labels { name } deposeParUnTiers prenomMandataire connectionUsager
        champs { columns { id } ... on RepetitionChamp { champs { id } } }
        demarche { demarcheURL opendata dureeConservationDossiers tags zones }
      } }
    } }"""
    nodes = data(calm, query, number=CRA)["demarche"]["dossiers"]["nodes"]
    assert len(nodes) == 3
    assert nodes[0]["traitements"][0]["event"] == "depose"
    assert nodes[0]["pdf"]["filename"].startswith("dossier-")


def test_documents_are_kept_with_their_fragments() -> None:
    document = read_document(
        "{ demarche(number: 1) { id } } fragment F on YesNoChamp { ... on TextChamp { id } }"
    )
    assert document.fragments == {"YesNoChamp", "TextChamp"}
    assert not document.untyped
    assert read_document("{ demarche(number: 1) { ... { id } } }").untyped


def test_moments_have_an_offset_or_are_days() -> None:
    from ds_bridge.sandbox.node import write_datetime

    scalar: Any = load_schema().type_map["ISO8601DateTime"]
    assert write_datetime(scalar.coerce_input_value("2024-05-30T08:15:00Z")) == "2024-05-30T10:15:00+02:00"
    assert write_datetime(scalar.coerce_input_value("2024-05-30")) == "2024-05-30T00:00:00+02:00"
    for wrong in ("yesterday", 3, "2024-05-30T10:15:00"):
        with pytest.raises(Exception, match="ISO8601DateTime"):
            scalar.coerce_input_value(wrong)
