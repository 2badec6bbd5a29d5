"""The prefill API over a real socket: what it makes, what it says later on, its limit, and its faults."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ds_bridge.ids import ChampId
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.prefill import JANUARY_2026
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import World

FOURRE_TOUT, RESERVED, CLOSED = 99001, 99002, 99003
NOM, ACCORD, LU = 700104, 700126, 700127
AGENTS, NOM_IN_ROW = 700137, 700139
NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
JSON = {"Content-Type": "application/json"}


def key(stable: int) -> str:
    return f"champ_{ChampId(stable).encode_for_link()}"


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(world=World(seed=1, clock=lambda: NOON)) as running:
        yield running


def post(server: SandboxServer, body: Any = None, number: int = FOURRE_TOUT) -> httpx.Response:
    address = f"{server.url}/api/public/v1/demarches/{number}/dossiers"
    return httpx.post(address, json=body or {}, headers=JSON, timeout=5)


def follow(server: SandboxServer, *tokens: str, number: int = FOURRE_TOUT) -> list[dict[str, Any]]:
    address = f"{server.url}/api/public/v1/demarches/{number}/dossiers"
    found: list[dict[str, Any]] = httpx.get(address, params={"prefill_token": ",".join(tokens)}).json()
    return found


def test_booleans_of_json_are_misread_before_july_2026(server: SandboxServer) -> None:
    newest = {True: {ACCORD: True}, False: {ACCORD: False}, "true": {ACCORD: True}, "false": {ACCORD: False}}
    for given, kept in newest.items():
        token = post(server, {key(ACCORD): given}).json()["dossier_prefill_token"]
        assert server.world.drafts[token].values == kept
    server.world.rules = JANUARY_2026
    for given, kept in (
        (True, {ACCORD: "t"}),
        (False, {}),
        ("true", {ACCORD: True}),
        ("false", {ACCORD: False}),
    ):
        token = post(server, {key(ACCORD): given}).json()["dossier_prefill_token"]
        assert server.world.drafts[token].values == kept


def test_reserved_and_closed_demarches(server: SandboxServer) -> None:
    assert post(server, number=CLOSED).status_code == 404
    assert httpx.get(f"{server.url}/preremplir/inscription-aux-rencontres-2024/schema").status_code == 404
    link = f"{server.url}/commencer/inscription-aux-rencontres-2024?identite_nom=N"
    page = httpx.get(link, follow_redirects=True)
    assert (page.status_code, "est close" in page.text) == (200, True)
    # The platform asks open data of the schema only; it still takes drafts.
    assert httpx.get(f"{server.url}/preremplir/conventions-avec-les-structures/schema").status_code == 404
    assert post(server, {"identite_nom": "N"}, RESERVED).status_code == 201
    index = httpx.get(server.url).text
    assert index.count('/schema"') == 3


def test_an_older_instance_drops_numbered_rows() -> None:
    body = {key(AGENTS): {"0": {key(NOM_IN_ROW): "a"}}}
    with SandboxServer(world=World(seed=1), indexed_rows=False) as older:
        post(older, body)
        (draft,) = older.world.drafts.values()
        assert draft.values == {}


def test_the_life_of_a_draft(server: SandboxServer) -> None:
    made = [post(server, {key(NOM): name}).json() for name in ("a", "b", "c")]
    tokens = [draft["dossier_prefill_token"] for draft in made]
    assert [found["state"] for found in follow(server, "unknown", *tokens)] == ["prefilled"] * 3
    assert httpx.get(made[0]["dossier_url"]).status_code == 200
    claimed = httpx.post(
        f"{server.url}/dossiers/{tokens[0]}/identite",
        data={"civilite": "Mme", "prenom": "Zoé", "nom": "NOËL", "email": "zoe@example.org"},
    )
    assert claimed.status_code == 303
    server.world.claim_draft(tokens[1], "b@example.org")
    server.world.deposit(tokens[1], "b@example.org")
    server.world.advance(dt.timedelta(days=5))
    first, second = follow(server, *tokens)
    assert (first["state"], "dossier_url" in first, "submitted_at" in first) == ("brouillon", False, False)
    assert (second["state"], second["submitted_at"]) == ("en_construction", "2026-03-02T13:00:00+01:00")
    assert httpx.get(made[2]["dossier_url"]).status_code == 404
    server.world.change_state(second["dossier_number"], "refuse")
    (processed,) = follow(server, tokens[1])
    assert (processed["state"], processed["processed_at"]) == ("refuse", "2026-03-07T13:00:00+01:00")
    server.world.hide_by_user(second["dossier_number"])
    assert follow(server, tokens[1]) == []


def test_a_deleted_dossier_is_no_draft_again(server: SandboxServer) -> None:
    token = post(server).json()["dossier_prefill_token"]
    server.world.claim_draft(token, "a@example.org")
    number = server.world.deposit(token, "a@example.org").number
    server.world.delete(number)
    assert follow(server, token) == []


def test_the_limit_is_the_windows_and_says_when_it_ends(server: SandboxServer) -> None:
    answers = [post(server) for _ in range(17)]
    assert [answer.status_code for answer in answers] == [201] * 15 + [429] * 2
    refused = answers[-1]
    assert "content-type" not in refused.headers
    assert refused.headers["ratelimit-remaining"] == "0"
    assert refused.headers["ratelimit-reset"] == str(int(NOON.timestamp()) + 15)
    assert len(server.world.drafts) == 15
    assert follow(server, "x") == []
    server.drafts_limit.most = None
    assert post(server).status_code == 201


def test_a_drop_after_the_draft_was_made(server: SandboxServer) -> None:
    server.faults.add(Fault(action="drop", operation="CreateDraft", times=1))
    with pytest.raises(httpx.RemoteProtocolError):
        post(server)
    assert len(server.world.drafts) == 1
    assert post(server).status_code == 201


@pytest.mark.parametrize("action", ["status", "server_error", "html", "limit", "truncated", "empty"])
@pytest.mark.parametrize("early", [False, True])
def test_answers_that_break_once_the_draft_is_made_or_before(
    server: SandboxServer, action: Any, early: bool
) -> None:
    server.faults.add(Fault(action=action, operation="CreateDraft", status=503, early=early))
    answer = post(server)
    status = {"status": 503, "server_error": 500, "limit": 429, "html": 200, "empty": 200}
    assert answer.status_code == status.get(action, 200 if early else 201)
    assert len(server.world.drafts) == (0 if early else 1)


def test_an_answer_that_comes_too_late(server: SandboxServer) -> None:
    server.faults.add(Fault(action="never", operation="CreateDraft"))
    address = f"{server.url}/api/public/v1/demarches/{FOURRE_TOUT}/dossiers"
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(address, json={}, headers=JSON, timeout=1)
    assert len(server.world.drafts) == 1


def test_other_public_addresses_are_struck_by_name(server: SandboxServer) -> None:
    schema = f"{server.url}/preremplir/fourre-tout/schema"
    server.faults.add(Fault(action="status", operation="PublicSchema", times=1))
    server.faults.add(Fault(action="limit", operation="FollowDrafts", times=1, reset_seconds=7))
    assert httpx.get(schema).status_code == 502
    assert httpx.get(schema).json()["number"] == FOURRE_TOUT
    address = f"{server.url}/api/public/v1/demarches/{FOURRE_TOUT}/dossiers"
    assert httpx.get(address).headers["ratelimit-reset"] == str(int(NOON.timestamp()) + 7)
    assert httpx.get(address).json() == []


def test_faults_of_graphql_leave_the_public_addresses_alone(server: SandboxServer) -> None:
    server.faults.add(Fault(action="timeout"))
    server.faults.add(Fault(action="status", queries="demarche"))
    assert post(server).status_code == 201


def test_the_journal_counts_requests_and_keeps_no_value(server: SandboxServer) -> None:
    token = post(server, {key(NOM): "secret"}).json()["dossier_prefill_token"]
    server.faults.add(Fault(action="html", operation="FollowDrafts"))
    httpx.get(f"{server.url}/api/public/v1/demarches/{FOURRE_TOUT}/dossiers?prefill_token={token},x")
    httpx.get(f"{server.url}/preremplir/fourre-tout/schema")
    entries = [
        (entry.operation, entry.variables, entry.status, entry.fault) for entry in server.journal.entries()
    ]
    assert entries == [
        ("CreateDraft", {"number": "99001"}, 201, None),
        ("FollowDrafts", {"number": "99001", "tokens": 2}, 200, "html"),
        ("PublicSchema", {"path": "fourre-tout"}, 200, None),
    ]


def test_drafts_from_several_threads(server: SandboxServer) -> None:
    server.drafts_limit.most = None
    threads = [threading.Thread(target=lambda: [post(server) for _ in range(5)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [draft.number for draft in server.world.drafts.values()]
    assert len(set(numbers)) == 20
