"""The platform's error table, row by row, over a real socket."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx
import pytest

from ds_bridge.sandbox.server import SandboxServer
from tests.sandbox.platform import CRA, ask, code, data, post

TITLE = "query Title($n: Int!) { demarche(number: $n) { number title } }"
PUBLIC = "query($n: Int!) { demarcheDescriptor(demarche: {number: $n}) { number state opendata } }"


def send(
    server: SandboxServer, authorization: str | None, body: dict[str, Any] | None = None
) -> httpx.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    asked = body or {"query": TITLE, "variables": {"n": CRA}}
    return httpx.post(f"{server.url}/api/v2/graphql", json=asked, headers=headers)


@pytest.mark.parametrize("authorization", [None, "Bearer nobody", "", "Bearer"])
def test_no_or_unknown_token(calm: SandboxServer, authorization: str | None) -> None:
    response = send(calm, authorization)
    assert response.status_code == 403
    assert response.json() == {
        "errors": [
            {
                "message": "Without a token, only persisted queries are allowed",
                "extensions": {"code": "forbidden"},
            }
        ],
        "data": None,
    }


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ("Bearer {}", 200),
        ("Bearer token={}", 200),
        ('Token token="{}"', 200),
        ("bearer {}", 403),
        ("BEARER {}", 403),
        ("{}", 403),
    ],
)
def test_the_scheme_is_case_sensitive(calm: SandboxServer, form: str, status: int) -> None:
    assert send(calm, form.format(calm.token)).status_code == status


def test_a_refused_network(calm: SandboxServer) -> None:
    response = post(calm, {"query": TITLE, "variables": {"n": CRA}}, "network")
    assert response.status_code == 403
    assert code(response.json()) == "forbidden"
    assert "127.0.0.1/32" in response.json()["errors"][0]["message"]


def test_an_expired_token(calm: SandboxServer) -> None:
    response = post(calm, {"query": TITLE, "variables": {"n": CRA}}, "expired")
    assert response.status_code == 401
    assert code(response.json()) == "unauthorized"
    assert response.json()["errors"][0]["message"] == "Token expired"


def test_out_of_scope(calm: SandboxServer) -> None:
    response = post(calm, {"query": TITLE, "variables": {"n": CRA}}, "narrow")
    assert response.status_code == 200
    assert response.json()["data"] is None
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "unauthorized"}
    assert error["message"] == "An object of type Demarche was hidden due to permissions"
    assert error["path"] == ["demarche"]
    dossier = min(calm.world.demarches[CRA].dossiers)
    answer = ask(calm, "query($n: Int!) { dossier(number: $n) { id } }", "narrow", n=dossier)
    assert code(answer) == "unauthorized"


def test_a_read_only_token_reads(calm: SandboxServer) -> None:
    assert ask(calm, TITLE, "readonly", n=CRA)["data"]["demarche"]["number"] == CRA


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ demarche(number: 1) { id } }", "Demarche not found"),
        ("{ dossier(number: 1) { id } }", "Dossier not found"),
        ("{ groupeInstructeur(number: 1) { id } }", "GroupeInstructeurWithDossiers not found"),
    ],
)
def test_not_found(calm: SandboxServer, query: str, message: str) -> None:
    response = post(calm, {"query": query})
    assert response.status_code == 200
    (error,) = response.json()["errors"]
    assert (error["message"], error["extensions"]) == (message, {"code": "not_found"})
    assert response.json()["data"] is None


@pytest.mark.parametrize(
    "query",
    [
        "{ demarche(number: 82349 { id } }",
        "",
        "{ nothing }",
        "{ demarche { id } }",
        "query A { __typename } query B { __typename }",
    ],
)
def test_a_document_that_is_none_is_an_answer_with_errors(calm: SandboxServer, query: str) -> None:
    response = post(calm, {"query": query})
    assert response.status_code == 200
    assert response.json()["errors"][0]["message"]
    assert "data" not in response.json()


@pytest.mark.parametrize("n", ["abc", None, 2**40])
def test_a_variable_of_the_wrong_type(calm: SandboxServer, n: Any) -> None:
    response = post(calm, {"query": TITLE, "variables": {"n": n}})
    assert response.status_code == 200
    assert "$n" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"query": "{ __typename }", "variables": "{broken"}', "graphql_parse_failed"),
        (b'{"query": "{ __typename }", "variables": 3}', "bad_request"),
        (b"{broken", "bad_request"),
        (b"[1]", "bad_request"),
    ],
)
def test_broken_json_is_a_400(calm: SandboxServer, content: bytes, expected: str) -> None:
    response = httpx.post(
        f"{calm.url}/api/v2/graphql",
        content=content,
        headers={"Authorization": f"Bearer {calm.token}", "Content-Type": "application/json"},
    )
    assert response.status_code == 400
    assert code(response.json()) == expected
    assert response.json()["data"] is None


def test_variables_may_be_json_in_json(calm: SandboxServer) -> None:
    assert (
        post(calm, {"query": TITLE, "variables": '{"n": 82349}'}).json()["data"]["demarche"]["number"] == CRA
    )
    assert post(calm, {"query": "{ __typename }", "variables": " "}).json()["data"] == {"__typename": "Query"}


def test_arguments_that_exclude_each_other(calm: SandboxServer) -> None:
    query = "{ demarche(number: 82349) { dossiers(first: 1, last: 1) { nodes { id } } } }"
    assert code(ask(calm, query)) == "bad_request"
    broken = '{ demarche(number: 82349) { dossiers(after: "é!") { nodes { id } } } }'
    assert ask(calm, broken)["errors"][0]["message"] == "Invalid input: 'é!'"


def nest(levels: int) -> str:
    inner = "{ id }"
    for _ in range(levels):
        inner = "{ champDescriptors " + inner + " }"
    return "{ demarche(number: 82349) { activeRevision " + inner + " } }"


def test_a_document_deeper_than_fifteen_is_refused(calm: SandboxServer) -> None:
    assert "errors" not in ask(calm, nest(12))
    answer = ask(calm, nest(13))
    assert answer["errors"][0]["message"] == "Query has depth of 16, which exceeds max depth of 15"
    hidden = nest(1).replace("{ id }", "{ ...Deep }") + (
        " fragment Deep on ChampDescriptor " + nest(12).split("activeRevision ")[1][:-4]
    )
    assert "depth of 16" in ask(calm, hidden)["errors"][0]["message"]


@pytest.mark.parametrize(
    "query",
    [
        "{ demarche(number: 82349) { groupeInstructeurs(closed: true) { id } } }",
        '{ groupeInstructeur(number: 122349) { dossiers(revision: "x") { nodes { id } } } }',
        "{ demarche(number: 82349) { dossiers(first: 1) { nodes { champs { ... { id } } } } } }",
    ],
)
def test_queries_the_platform_stumbles_over(calm: SandboxServer, query: str) -> None:
    response = post(calm, {"query": query})
    assert response.status_code == 500
    assert response.json()["data"] is None
    extensions = response.json()["errors"][0]["extensions"]
    assert extensions["code"] == "internal_server_error"
    assert len(extensions["exception_id"]) == 36


def test_without_a_token_stored_queries_are_answered_on_open_data(server: SandboxServer) -> None:
    stored = {"queryId": "introspection"}
    assert post(server, stored, None).json()["data"]["__schema"]["queryType"]["name"] == "Query"
    described = {
        "queryId": "ds-query-v2",
        "operationName": "getDemarcheDescriptor",
        "variables": {"demarche": {"number": CRA}, "includeRevision": True},
    }
    found = post(server, described, None).json()["data"]["demarcheDescriptor"]
    assert (found["number"], len(found["revision"]["champDescriptors"])) == (CRA, 26)
    listed = {"queryId": "ds-query-v2", "operationName": "getDemarche", "variables": {"demarcheNumber": CRA}}
    assert code(post(server, listed, None).json()) == "unauthorized"
    listed["variables"] = {"demarcheNumber": CRA, "includeDossiers": True, "first": 2}
    assert len(post(server, listed).json()["data"]["demarche"]["dossiers"]["nodes"]) == 2
    server.world.set_demarche(CRA, opendata=False)
    assert code(post(server, described, None).json()) == "unauthorized"
    unknown = post(server, {"queryId": "nothing"}, None)
    assert (unknown.status_code, code(unknown.json())) == (400, "bad_request")


def test_a_demarche_descriptor_by_number_or_id(calm: SandboxServer) -> None:
    assert data(calm, PUBLIC, n=CRA)["demarcheDescriptor"] == {
        "number": CRA,
        "state": "publiee",
        "opendata": True,
    }
    by_id = '{ demarcheDescriptor(demarche: {id: "UHJvY2VkdXJlLTgyMzQ5"}) { number demarcheURL } }'
    found = data(calm, by_id)["demarcheDescriptor"]
    assert found["demarcheURL"] == f"{calm.url}/commencer/a1dac784-b6a0-4733-82c9-2c5c660797cf"
    assert code(ask(calm, PUBLIC, n=1)) == "not_found"


def test_a_linked_dossier_out_of_scope_is_a_root_error(server: SandboxServer) -> None:
    from ds_bridge.sandbox.dossiers import Kept, Token

    server.world.tokens["kinds"] = Token("kinds", "k" * 48, demarches=frozenset({99001}))
    number = min(server.world.demarches[99001].dossiers)
    link = next(
        d.stable for d in server.world.demarches[99001].form.active.champs if d.kind == "dossier_link"
    )
    server.world.modify(number, content=Kept({link: min(server.world.demarches[CRA].dossiers)}))
    query = (
        "query($n: Int!) { dossier(number: $n) { champs { ... on DossierLinkChamp { dossier { id } } } } }"
    )
    answer = ask(server, query, "kinds", n=number)
    assert code(answer) == "unauthorized"


def test_a_token_expires_on_the_worlds_clock(server: SandboxServer) -> None:
    from ds_bridge.sandbox.dossiers import Token

    ends = server.world.now() + dt.timedelta(days=1)
    server.world.tokens["short"] = Token("short", "s" * 48, expires_at=ends)
    asked = {"query": TITLE, "variables": {"n": CRA}}
    assert post(server, asked, "short").status_code == 200
    server.world.advance(dt.timedelta(days=1, seconds=1))
    assert post(server, asked, "short").status_code == 401
