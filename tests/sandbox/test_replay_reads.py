"""What the real platform answered to reading, asked of the sandbox: same status, codes, nulls and types."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from ds_bridge.sandbox.server import SandboxServer
from tests.sandbox.replay.cases import Case, list_cases, load_case
from tests.sandbox.replay.forms import GONE
from tests.sandbox.replay.shape import compare_answers
from tests.sandbox.replay.world import make_world

# What the sandbox cannot be asked, and why.
LEFT_OUT = {
    "refusals/timeout_mutation_took_effect": "a fault, scripted in test_mutation_faults",
    "walks/dossier_numbers_page--cra-moved_while_walking-page2": "asked between two changes, below",
    "walks/dossier_numbers_page--cra-moved_while_walking-page1": "asked between two changes, below",
}
# The newest platform answers something else than that of January, and the sandbox is the newest.
NEWER_STATUS = {"refusals/unknown_query_id": 400}

READS = [name for name in (*list_cases("read"), *list_cases("walks")) if name not in LEFT_OUT]
REFUSALS = [name for name in list_cases("refusals") if name not in LEFT_OUT]


@pytest.fixture(scope="module")
def recorded() -> Iterator[SandboxServer]:
    with SandboxServer(world=make_world(), requests_per_minute=None) as server:
        yield server


def ask(server: SandboxServer, case: Case, **options: Any) -> httpx.Response:
    token = server.world.tokens.get(case.get("token") or "full")
    secret = token.secret if token else case["token"]
    headers = {} if case.get("token") == "none" else {"Authorization": f"Bearer {secret}"}
    asked: dict[str, Any] = {
        "json": {
            "query": case["query"],
            "variables": case["variables"],
            "operationName": case["operation"],
        }
    }
    asked |= {"timeout": 60, **options}
    asked["headers"] = {**headers, **options.get("headers", {})}
    return httpx.post(f"{server.url}/api/v2/graphql", **asked)


def normalise(body: Any) -> Any:
    """Without what has no meaning: the order of rows made in one frozen instant, champs not asked for."""
    if isinstance(body, dict):
        return {name: normalise(sort(name, value)) for name, value in body.items()}
    if isinstance(body, list):
        return [normalise(one) for one in body if one != {}]
    return body


def sort(name: str, value: Any) -> Any:
    if name not in ("messages", "avis") or not isinstance(value, list):
        return value
    return sorted(value, key=lambda one: one["id"])


def without_gone(body: Any) -> Any:
    """The recorded form without the champs of kinds that exist no more."""
    if isinstance(body, dict):
        return {name: without_gone(value) for name, value in body.items()}
    if isinstance(body, list):
        labels = ("CNAF", "DGFiP", "Pôle emploi", "MESRI")
        return [
            without_gone(one)
            for one in body
            if not (isinstance(one, dict) and (one.get("__typename") in GONE or one.get("label") in labels))
        ]
    return body


@pytest.mark.parametrize("name", READS)
def test_reading_is_answered_alike(recorded: SandboxServer, name: str) -> None:
    case = load_case(name)
    answer = ask(recorded, case)
    assert answer.status_code == case["status"]
    assert compare_answers(normalise(without_gone(case["body"])), normalise(answer.json())) == []


# How a request was sent, where its query and variables do not tell.
SENT: dict[str, dict[str, Any]] = {
    "refusals/bearer_in_lower_case": {"headers": {"Authorization": "bearer jeton-complet"}},
    "refusals/scheme_Token": {"headers": {"Authorization": "Token jeton-complet"}},
    "refusals/body_broken": {
        "json": None,
        "content": b'{"query":',
        "headers": {"Content-Type": "application/json"},
    },
    "refusals/body_empty": {"json": None, "content": b"", "headers": {"Content-Type": "application/json"}},
    "refusals/form_encoded": {"json": None, "data": {"query": "{ demarche(number: 82349) { number } }"}},
    "refusals/unknown_query_id": {"json": {"queryId": "inconnue", "variables": {"number": 82349}}},
    "refusals/operation_name_unknown": {
        "json": {"query": "query Une { __typename } query Deux { __typename }", "operationName": "Autre"}
    },
    "refusals/variables_a_list": {"json": {"query": "{ __typename }", "variables": [1]}},
    "refusals/variables_broken_json": {"json": {"query": "{ __typename }", "variables": '{"number":'}},
    "refusals/stored_query_without_token_dossiers": {
        "json": {
            "queryId": "ds-query-v2",
            "operationName": "getDemarche",
            "variables": {"demarcheNumber": 82349},
        }
    },
    "refusals/stored_query_without_token_open_data": {
        "json": {
            "queryId": "ds-query-v2",
            "operationName": "getDemarcheDescriptor",
            "variables": {"demarche": {"number": 70001}},
        }
    },
    "refusals/stored_query_without_token_not_open_data": {
        "json": {
            "queryId": "ds-query-v2",
            "operationName": "getDemarcheDescriptor",
            "variables": {"demarche": {"number": 70003}},
        }
    },
}


def exhaust(server: SandboxServer) -> Callable[[], Any]:
    server.limit.per_minute = 0
    return lambda: setattr(server.limit, "per_minute", None)


def link_out_of_scope(server: SandboxServer) -> Callable[[], Any]:
    """The recorded dossier linked one that its token does not see."""
    held = server.world.dossier(9)
    assert held is not None
    server.world.modify(9, {900134: 169}, touch=False)
    return lambda: server.world.add_dossier(held)


PREPARED: dict[str, Callable[[SandboxServer], Callable[[], Any]]] = {
    "refusals/too_many_requests": exhaust,
    "refusals/linked_dossier_out_of_scope": link_out_of_scope,
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_are_the_platforms(recorded: SandboxServer, name: str) -> None:
    case = load_case(name)
    undo = PREPARED.get(name, lambda _server: lambda: None)(recorded)
    try:
        answer = ask(recorded, case, **SENT.get(name, {}))
    finally:
        undo()
    assert answer.status_code == NEWER_STATUS.get(name, case["status"])
    body = answer.json() if "content-type" in answer.headers else answer.text
    if name in NEWER_STATUS:
        assert body["errors"][0]["extensions"]["code"] == "bad_request"
        return
    assert compare_answers(normalise(without_gone(case["body"])), normalise(body)) == []
    recorded_headers = {key.lower() for key in case["headers"]} - {"date"}
    assert {
        key for key in answer.headers if key.startswith(("ratelimit", "content-type"))
    } == recorded_headers


def test_a_dossier_that_moves_is_seen_again_at_the_end(recorded: SandboxServer) -> None:
    first = load_case("walks/dossier_numbers_page--cra-moved_while_walking-page1")
    assert compare_answers(first["body"], ask(recorded, first).json()) == []
    held = recorded.world.dossier(2)
    assert held is not None
    recorded.world.modify(2)
    try:
        second = load_case("walks/dossier_numbers_page--cra-moved_while_walking-page2")
        answer = ask(recorded, second).json()
        assert compare_answers(second["body"], answer) == []
        cursor = answer["data"]["demarche"]["dossiers"]["pageInfo"]["endCursor"]
        assert base64.urlsafe_b64decode(cursor + "==").endswith(b";2")
    finally:
        recorded.world.modify(2, at=held.modified_at)
