"""What a document costs, measured as the platform's own gem measured ds-bridge's queries; what is refused."""

from __future__ import annotations

import pytest

from ds_bridge.sandbox.schema import TOKEN_LIMIT, read_document
from ds_bridge.sandbox.server import SandboxServer
from tests.sandbox.platform import ask, data
from tests.sandbox.replay.cases import load_case


@pytest.mark.parametrize(
    ("name", "cost"),
    [
        ("read/dossiers_page--cra-all", 9_008),
        ("read/dossiers_page--cra-all-every_option", 20_208),
        ("read/dossier--cra-1-plain", 91),
        ("read/dossier--cra-8-every_option", 203),
        ("walks/deleted_dossiers_page--other-page1", 408),
        ("walks/dossier_numbers_page--neither", 208),
        ("read/demarche_form--cra", 38),
        ("read/demarche_groupes--cra", 3),
    ],
)
def test_the_recorded_queries_cost_what_the_platform_says(name: str, cost: int) -> None:
    case = load_case(name)
    document = read_document(case["query"])
    operation = document.operation(None)
    assert operation is not None
    assert document.measure(operation, {**case["variables"], "first": 100}) == cost


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("{ demarche(number: 1) { dossiers(last: 10) { nodes { id } edges { node { id } } } } }", 34),
        ("{ demarche(number: 1) { dossiers { nodes { id } } } }", 103),
        ("{ demarche(number: 1) { id number @skip(if: true) title @include(if: true) } }", 3),
        ("{ demarche(number: 1) { id id a: id } }", 3),
        ("query($n: Int = 7) { demarche(number: 1) { dossiers(first: $n) { nodes { id } } } }", 10),
        ("{ dossier(number: 1) { champs { id ... on SiretChamp { etablissement { siret } } } } }", 5),
        ("{ dossier(number: 1) { champs { ... on Champ { id ... { label } } } } }", 4),
    ],
)
def test_small_documents(text: str, cost: int) -> None:
    document = read_document(text)
    assert document.errors == ()
    operation = document.operation(None)
    assert operation is not None
    assert document.measure(operation, {}) == cost


def test_a_document_too_dear_is_refused_without_code_or_data(server: SandboxServer) -> None:
    query = "query($n: Int!) { demarche(number: 82349) { dossiers(first: $n) { nodes { number state } } } }"
    answer = ask(server, query, n=60_000)
    assert answer == {
        "errors": [{"message": "Query has complexity of 120003, which exceeds max complexity of 60000"}]
    }
    assert len(data(server, query, n=100)["demarche"]["dossiers"]["nodes"]) == 12
    server.world.max_complexity = 100
    assert "data" not in ask(server, query, n=100)
    assert len(data(server, query, n=4)["demarche"]["dossiers"]["nodes"]) == 4
    server.world.max_complexity = None
    assert len(data(server, query, n=60_000)["demarche"]["dossiers"]["nodes"]) == 12


def test_a_document_of_too_many_tokens_is_refused(server: SandboxServer) -> None:
    query = "{ demarche(number: 82349) { " + "id " * TOKEN_LIMIT + "} }"
    assert ask(server, query) == {"errors": [{"message": "This query is too large to execute."}]}
