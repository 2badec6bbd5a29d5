"""Scripted faults over a real socket: what a client sees of each, and which requests they strike."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from ds_bridge.sandbox.faults import Fault, Faults
from ds_bridge.sandbox.server import SandboxServer
from tests.sandbox.platform import CRA, EPOCH, ask, code, post, read_query

LIGHT = read_query("dossier_numbers_page")
FULL = read_query("dossiers_page")
ONE = read_query("dossier")
NAME = {"query": "query Name { demarche(number: 82349) { title } }"}
AFTER = "{ demarche(number: 82349) { dossiers(first: 2) { nodes { number } pageInfo { hasNextPage } } } }"


def page(server: SandboxServer, query: str = FULL, **variables: Any) -> dict[str, Any]:
    return ask(server, query, **{"number": CRA, "first": 5, "updatedSince": EPOCH, **variables})


def numbers(answer: dict[str, Any]) -> list[int]:
    return [node["number"] for node in answer["data"]["demarche"]["dossiers"]["nodes"]]


def strike(server: SandboxServer, **fault: Any) -> httpx.Response:
    server.faults.add(Fault(times=1, **fault))
    return post(server, NAME)


def test_a_timeout_with_partial_data(server: SandboxServer) -> None:
    server.faults.add(Fault(action="timeout"))
    answer = page(server)
    found = answer["data"]["demarche"]["dossiers"]
    assert found["nodes"] == [None] * len(answer["errors"])
    codes = [error.get("extensions", {}).get("code") for error in answer["errors"]]
    assert codes == ["timeout", *[None] * (len(codes) - 1)]
    assert answer["errors"][2]["path"] == ["demarche", "dossiers", "nodes", 2]
    assert found["pageInfo"]["hasNextPage"] is True


def test_what_is_asked_after_the_nodes_takes_the_data_away(server: SandboxServer) -> None:
    server.faults.add(Fault(action="timeout"))
    answer = ask(server, AFTER)
    assert answer["data"] is None
    codes = [error.get("extensions", {}).get("code") for error in answer["errors"]]
    assert codes == ["timeout", *[None] * (len(codes) - 1)]


def test_a_timeout_without_partial_data(server: SandboxServer) -> None:
    server.faults.add(Fault(action="timeout", partial=False))
    answer = page(server)
    assert answer["data"] is None
    assert code(answer) == "timeout"


def test_invalid_null_with_partial_data(server: SandboxServer) -> None:
    before = numbers(page(server))
    server.faults.add(Fault(action="invalid_null"))
    answer = page(server)
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"invalid_null"}
    nodes = answer["data"]["demarche"]["dossiers"]["nodes"]
    assert nodes[0] is None
    assert [node["number"] for node in nodes[1:]] == before[1:]


def test_a_cursor_that_went_stale_and_one_that_is_refused(server: SandboxServer) -> None:
    after = page(server)["data"]["demarche"]["dossiers"]["pageInfo"]["endCursor"]
    stale = server.faults.add(Fault(action="stale_cursor", after_cursor=True))
    assert len(numbers(page(server))) == 5
    found = page(server, after=after)["data"]["demarche"]["dossiers"]
    info = {"hasNextPage": False, "endCursor": None, "hasPreviousPage": True, "startCursor": None}
    assert found == {"pageInfo": info, "nodes": []}
    assert server.faults.remove(stale)
    server.faults.add(Fault(action="refused_cursor"))
    answer = page(server, after=after)
    assert answer["data"] is None
    assert answer["errors"][0]["message"].startswith("Invalid input")


def test_a_server_error(server: SandboxServer) -> None:
    response = strike(server, action="server_error")
    assert response.status_code == 500
    assert code(response.json()) == "internal_server_error"
    assert response.json()["errors"][0]["extensions"]["exception_id"]


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateways_html(server: SandboxServer, status: int) -> None:
    response = strike(server, action="status", status=status)
    assert (response.status_code, response.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert "<h1>" in response.text


def test_html_with_200(server: SandboxServer) -> None:
    response = strike(server, action="html")
    assert (response.status_code, response.text[:15]) == (200, "<!DOCTYPE html>")


def test_empty_data(server: SandboxServer) -> None:
    assert strike(server, action="empty").json() == {"data": None}


@pytest.mark.parametrize("action", ["truncated", "invalid_json"])
def test_json_that_is_none(server: SandboxServer, action: str) -> None:
    whole = post(server, NAME).content
    response = strike(server, action=action)
    assert response.status_code == 200
    assert response.content != whole
    with pytest.raises(json.JSONDecodeError):
        json.loads(response.content)


def test_invalid_utf8(server: SandboxServer) -> None:
    with pytest.raises(UnicodeDecodeError):
        strike(server, action="invalid_utf8").content.decode()


def test_a_connection_dropped_before_the_answer(server: SandboxServer) -> None:
    with pytest.raises(httpx.TransportError):
        strike(server, action="drop")
    assert post(server, NAME).status_code == 200


def test_a_connection_dropped_inside_the_body(server: SandboxServer) -> None:
    server.faults.add(Fault(action="drop_inside", times=1))
    url, headers = f"{server.url}/api/v2/graphql", {"Authorization": f"Bearer {server.token}"}
    with httpx.stream("POST", url, json=NAME, headers=headers) as response:
        assert response.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
            response.read()
    whole = post(server, NAME)
    assert response.headers["content-length"] == whole.headers["content-length"]


def test_a_slow_answer(server: SandboxServer) -> None:
    started = time.monotonic()
    response = strike(server, action="delay", seconds=0.2)
    assert time.monotonic() - started >= 0.2
    assert response.json() == post(server, NAME).json()
    server.faults.add(Fault(action="delay", seconds=30, times=1))
    with pytest.raises(httpx.ReadTimeout):
        post(server, NAME, timeout=0.1)


def test_an_answer_that_never_comes_does_not_hold_the_server() -> None:
    caught: list[Exception] = []

    def wait_for_it() -> None:
        try:
            post(server, NAME, timeout=30)
        except httpx.TransportError as error:
            caught.append(error)

    with SandboxServer(dossiers=0) as server:
        server.faults.add(Fault(action="never"))
        waiting = threading.Thread(target=wait_for_it)
        waiting.start()
        while not server.journal.entries() and waiting.is_alive():
            pass
        started = time.monotonic()
    waiting.join()
    assert time.monotonic() - started < 1.5
    assert len(caught) == 1


def test_a_scripted_429(server: SandboxServer) -> None:
    response = strike(server, action="limit", reset_seconds=7)
    assert response.status_code == 429
    now = server.world.now().timestamp()
    assert abs(int(response.headers["ratelimit-reset"]) - now - 7) < 2
    response = strike(server, action="limit", retry_after=3)
    assert (response.headers["retry-after"], "ratelimit-reset" in response.headers) == ("3", False)


def test_nth_times_operation_and_text() -> None:
    faults = Faults()
    faults.add(Fault(action="drop", operation="A", nth=2))
    faults.add(Fault(action="html", queries="title", times=2))

    def struck(operation: str, text: str) -> str | None:
        fault = faults.strike_question(operation, text, has_cursor=False)
        return fault.action if fault else None

    assert [struck("A", "x") for _ in range(3)] == [None, "drop", None]
    assert struck("B", "x") is None
    assert [struck("B", "{ title }") for _ in range(3)] == ["html", "html", None]


def test_chance_is_the_same_again_from_the_same_seed() -> None:
    def run(seed: int) -> list[bool]:
        faults = Faults()
        faults.add(Fault(action="drop", probability=0.3, seed=seed))
        return [faults.strike_question(None, "", has_cursor=False) is not None for _ in range(300)]

    assert run(1) == run(1) != run(2)
    assert 60 < sum(run(1)) < 120


@pytest.mark.parametrize(
    ("action", "expected"),
    [("server_error", "internal_server_error"), ("invalid_null", "invalid_null"), ("timeout", "timeout")],
)
def test_a_poison_dossier(server: SandboxServer, action: Any, expected: str) -> None:
    listed = numbers(page(server, LIGHT, first=12))
    poison = listed[6]
    server.faults.poison(poison, action)
    assert numbers(page(server, LIGHT, first=12)) == listed
    assert numbers(page(server, first=6)) == listed[:6]
    assert code(page(server, first=7)) == expected
    assert code(ask(server, ONE, number=poison)) == expected
    assert ask(server, ONE, number=listed[0])["data"]["dossier"]["number"] == listed[0]
    if action == "invalid_null":
        nodes = page(server, first=7)["data"]["demarche"]["dossiers"]["nodes"]
        assert [node and node["number"] for node in nodes] == [*listed[:6], None]
    server.faults.cure(poison)
    assert numbers(page(server, first=12)) == listed
    assert ask(server, ONE, number=poison)["data"]["dossier"]["number"] == poison


def test_pages_above_a_size_time_out(server: SandboxServer) -> None:
    server.faults.slow_above(3)
    assert code(page(server, first=4)) == "timeout"
    assert len(numbers(page(server, first=3))) == 3
    assert len(numbers(page(server, LIGHT, first=12))) == 12


def test_the_journal_tells_what_was_asked_and_no_token(server: SandboxServer) -> None:
    server.faults.add(Fault(action="status", status=503, nth=2))
    page(server)
    post(server, {"query": LIGHT, "variables": {"number": CRA, "first": 5, "updatedSince": EPOCH}})
    post(server, NAME, "expired")
    entries = server.journal.entries()
    assert [(e.operation, e.status, e.fault, e.dossiers) for e in entries] == [
        ("DossiersPage", 200, None, 5),
        ("DossierNumbersPage", 503, "status", 5),
        (None, 401, None, 0),
    ]
    assert entries[0].variables == {"number": CRA, "first": 5, "updatedSince": EPOCH}
    assert entries[0].size > 10_000
    assert server.token not in repr(entries)
    assert len(server.journal.entries("DossiersPage")) == 1


@pytest.mark.parametrize(
    "wrong", [{"action": "explode"}, {"action": "drop", "nth": 0}, {"action": "drop", "x": 1}]
)
def test_a_fault_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Fault(**wrong)
