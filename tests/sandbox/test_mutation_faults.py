"""What goes wrong with a mutation: the answer lost after the effect, a late effect, a 500, a closed door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from ds_bridge.ids import encode_typed_id
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.node import typed_id
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import ALL_KINDS_NUMBER, World
from tests.sandbox.platform import code, post

SEND = """
mutation Send($input: DossierEnvoyerMessageInput!) {
  dossierEnvoyerMessage(input: $input) { clientMutationId message { id body email } errors { message } }
}
"""


@pytest.fixture
def numbered(server: SandboxServer) -> tuple[SandboxServer, int]:
    """A sandbox, and a dossier en construction in it."""
    dossiers = server.world.demarches[ALL_KINDS_NUMBER].dossiers.values()
    return server, next(one.number for one in dossiers if one.state == "en_construction")


def send(server: SandboxServer, number: int, body: str = "Bonjour", **options: Any) -> httpx.Response:
    given = {
        "dossierId": encode_typed_id("Dossier", number),
        "instructeurId": typed_id("Instructeur", 1),
        "body": body,
        "clientMutationId": "clé",
    }
    return post(server, {"query": SEND, "variables": {"input": given}}, **options)


def bodies(server: SandboxServer, number: int) -> list[str]:
    dossier = server.world.dossier(number)
    assert dossier is not None
    return [message.body for message in server.world.read_instruction(dossier).messages]


def test_an_answer_is_lost_after_the_effect(numbered: tuple[SandboxServer, int]) -> None:
    server, number = numbered
    server.faults.add(Fault(action="drop", operation="Send", times=1))
    with pytest.raises(httpx.RemoteProtocolError):
        send(server, number)
    assert bodies(server, number)[-1] == "Bonjour"
    assert server.journal.entries("Send")[-1].fault == "drop"


def test_an_early_fault_does_nothing(numbered: tuple[SandboxServer, int]) -> None:
    server, number = numbered
    before = bodies(server, number)
    server.faults.add(Fault(action="drop", operation="Send", times=1, early=True))
    with pytest.raises(httpx.RemoteProtocolError):
        send(server, number)
    server.faults.add(Fault(action="server_error", operation="Send", times=1, early=True))
    assert send(server, number).status_code == 500
    server.faults.add(Fault(action="limit", operation="Send", times=1))
    assert send(server, number).status_code == 429
    assert bodies(server, number) == before


def test_a_500_after_the_effect(numbered: tuple[SandboxServer, int]) -> None:
    server, number = numbered
    server.faults.add(Fault(action="server_error", operation="Send", times=1))
    answer = send(server, number)
    assert (answer.status_code, answer.json()["data"], code(answer.json())) == (
        500,
        None,
        "internal_server_error",
    )
    assert bodies(server, number)[-1] == "Bonjour"


def test_a_time_out_of_every_field_after_the_effect(numbered: tuple[SandboxServer, int]) -> None:
    server, number = numbered
    server.faults.add(Fault(action="timeout", operation="Send", times=1))
    answer = send(server, number).json()
    assert answer["data"] == {
        "dossierEnvoyerMessage": {"clientMutationId": None, "message": None, "errors": None}
    }
    assert [error.get("extensions", {}).get("code") for error in answer["errors"]] == ["timeout", None, None]
    assert bodies(server, number)[-1] == "Bonjour"


def test_a_late_effect_comes_when_the_client_is_gone(numbered: tuple[SandboxServer, int]) -> None:
    server, number = numbered
    server.faults.add(Fault(action="late", operation="Send", seconds=2, times=1))
    with pytest.raises(httpx.ReadTimeout):
        send(server, number, timeout=httpx.Timeout(60, read=0.2))
    assert "Bonjour" not in bodies(server, number)
    with httpx.Client(timeout=60) as client:
        while not server.journal.entries("Send"):
            client.get(f"{server.url}/sandbox/requests", params={"operation": "Send"})
    assert bodies(server, number)[-1] == "Bonjour"


def test_a_fault_can_wait_for_one_dossier(numbered: tuple[SandboxServer, int]) -> None:
    server, number = numbered
    server.faults.add(Fault(action="status", status=502, dossier=number))
    assert send(server, number).status_code == 502
    assert bodies(server, number)[-1] == "Bonjour"


def test_who_races_alone_goes_on_alone(numbered: tuple[SandboxServer, int]) -> None:
    server, number = numbered
    server.faults.add(Fault(action="race", operation="Send", seconds=0.01, times=1))
    assert send(server, number).json()["data"]["dossierEnvoyerMessage"]["errors"] is None


def test_a_closed_door_refuses_and_opens_again(numbered: tuple[SandboxServer, int]) -> None:
    server, number = numbered
    with httpx.Client() as client:
        assert client.get(f"{server.url}/sandbox/requests").status_code == 200
        with server.refusing(), pytest.raises(httpx.ConnectError):
            client.get(f"{server.url}/sandbox/requests")
    before = bodies(server, number)
    with server.refusing(), pytest.raises(httpx.ConnectError):
        send(server, number)
    assert bodies(server, number) == before
    assert send(server, number).json()["data"]["dossierEnvoyerMessage"]["message"]["body"] == "Bonjour"


def test_a_sandbox_that_does_not_run_has_no_door() -> None:
    with pytest.raises(RuntimeError, match="not running"), SandboxServer().refusing():
        pass


def test_what_was_done_survives_in_the_state_file(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with SandboxServer(seed=5, dossiers=2, state_file=path) as server:
        dossiers = server.world.demarches[ALL_KINDS_NUMBER].dossiers.values()
        number = next(one.number for one in dossiers if one.state == "en_construction")
        send(server, number, body="À garder")
        held = server.world.dossier(number)
    again = World.open(state_file=path).dossier(number)
    assert held is not None
    assert again is not None
    assert again.instruction == held.instruction
    assert again.instruction is not None
    assert again.instruction.messages[-1].body == "À garder"
