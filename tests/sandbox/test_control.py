"""The controls of the sandbox over HTTP, for tests in other processes."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from ds_bridge.sandbox.server import SandboxServer
from tests.sandbox.platform import CRA, EPOCH, ask, code, list_dossiers, numbers, post


def call(server: SandboxServer, method: str, path: str, body: Any = None) -> httpx.Response:
    return httpx.request(method, f"{server.url}/sandbox/{path}", json=body)


def change(server: SandboxServer, **body: Any) -> dict[str, Any]:
    response = call(server, "POST", "world", body)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_faults_are_scripted_listed_and_cleared(server: SandboxServer) -> None:
    made = call(server, "POST", "faults", {"action": "status", "status": 503, "times": 1})
    assert made.json() == {"id": 1}
    assert post(server, {"query": "{ __typename }"}).status_code == 503
    listed = [{"id": 1, "struck": 1, "action": "status", "status": 503, "times": 1}]
    assert call(server, "GET", "faults").json() == listed
    assert call(server, "DELETE", "faults/1").json() == {"removed": True}
    assert call(server, "DELETE", "faults/1").json() == {"removed": False}
    call(server, "POST", "faults", {"action": "drop"})
    assert call(server, "DELETE", "faults").json() == {"cleared": True}
    assert post(server, {"query": "{ __typename }"}).status_code == 200
    assert call(server, "POST", "faults", {"action": "explode"}).status_code == 422


def test_the_door_is_closed_for_a_while(server: SandboxServer) -> None:
    made = call(server, "POST", "door", {"closed_seconds": 0.3})
    assert (made.status_code, made.json()) == (200, {"closed_seconds": 0.3})
    with pytest.raises(httpx.TransportError):
        call(server, "GET", "requests")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            assert call(server, "GET", "requests").json() == []
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            break
    assert call(server, "POST", "door", {"closed_seconds": 0}).status_code == 422


def test_the_world_is_changed(server: SandboxServer) -> None:
    number = min(server.world.demarches[CRA].dossiers)
    made = change(server, do="add", count=3)["numbers"]
    assert len(made) == 3
    assert numbers(list_dossiers(server, updatedSince=EPOCH))[-3:] == made
    changed = change(server, do="modify", number=number, values={"3566491": "CHANGÉ"})
    assert changed["number"] == number
    assert numbers(list_dossiers(server, updatedSince=EPOCH))[-1] == number
    known = server.world.dossier(number)
    assert known is not None
    assert known.values[3566491] == "CHANGÉ"
    assert change(server, do="state", number=number, state="accepte")["state"] == "accepte"
    late = change(server, do="modify", number=number, at="2020-05-05T10:00:00+02:00")
    assert late["modified_at"] == "2020-05-05T10:00:00+02:00"
    assert change(server, do="hide", number=made[0])["hidden"]
    assert change(server, do="hide", number=made[1], by="administration")["hidden"]
    assert not change(server, do="restore", number=made[0])["hidden"]
    assert change(server, do="delete", number=made[2], reason="expired")["number"] == made[2]
    before = server.world.now()
    change(server, do="advance", seconds=3600)
    assert (server.world.now() - before).total_seconds() > 3599


def test_what_cannot_be_changed_says_why(server: SandboxServer) -> None:
    unknown = call(server, "POST", "world", {"do": "delete", "number": 1})
    assert (unknown.status_code, unknown.json()["detail"]) == (409, "no dossier 1")
    nameless = call(server, "POST", "world", {"do": "restore"})
    assert nameless.json()["detail"] == "restore needs the number of a dossier"
    assert call(server, "POST", "world", {"do": "dance"}).status_code == 422


def test_the_journal_the_limit_and_the_clock(server: SandboxServer) -> None:
    ask(server, "query Here { __typename }")
    (entry,) = call(server, "GET", "requests").json()
    assert (entry["operation"], entry["status"]) == ("Here", 200)
    assert call(server, "GET", "requests?operation=There").json() == []
    call(server, "DELETE", "requests")
    assert call(server, "GET", "requests").json() == []
    assert call(server, "POST", "limit", {"per_minute": 1}).json() == {"per_minute": 1}
    assert [post(server, {"query": "{ __typename }"}).status_code for _ in range(2)] == [200, 429]
    call(server, "POST", "limit", {"per_minute": None})
    call(server, "POST", "skew", {"seconds": 30})
    assert server.faults.skew_seconds == 30
    assert code(ask(server, "{ demarche(number: 1) { id } }")) == "not_found"
