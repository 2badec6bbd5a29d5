"""The public addresses as recorded: the form, drafts, their follow-up, links."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ds_bridge.sandbox.dossiers import Identity
from ds_bridge.sandbox.server import SandboxServer
from tests.sandbox.replay.cases import list_cases, load_case
from tests.sandbox.replay.shape import compare
from tests.sandbox.replay.world import make_world
from tests.sandbox.test_replay_reads import without_gone

CASES = [name for name in list_cases("prefill") if "read_back" not in name and not name.endswith("/table")]
# Asked with tokens of our own, below.
FOLLOWED = {"prefill/follow--fresh", "prefill/follow--claimed_deposited_accepted_destroyed"}
# The platform answers an HTML page; what stands in it is no promise.
PAGES = ("(an HTML page",)


@pytest.fixture(scope="module")
def recorded() -> Iterator[SandboxServer]:
    with SandboxServer(world=make_world(), requests_per_minute=None) as server:
        server.drafts_limit.most = None
        yield server


def ask(server: SandboxServer, case: dict[str, Any], url: str | None = None) -> httpx.Response:
    asked = case["variables"]
    method = case["operation"].split()[0]
    body = asked["body"]
    content = None
    if method == "POST":
        content = (body if isinstance(body, str) else json.dumps(body)).encode()
    headers = dict(asked["headers"])
    return httpx.request(
        method, f"{server.url}{url or asked['url']}", content=content, headers=headers, timeout=60
    )


@pytest.mark.parametrize("name", [name for name in CASES if name not in FOLLOWED])
def test_public_addresses_answer_alike(recorded: SandboxServer, name: str) -> None:
    case = load_case(name)
    answer = ask(recorded, case)
    assert answer.status_code == case["status"]
    if not answer.is_redirect:
        assert answer.headers["content-type"] == case["headers"]["Content-Type"]
    if "Location" in case["headers"]:
        path = case["headers"]["Location"].removeprefix("https://demarches.exemple.fr")
        assert answer.headers["location"] == path or answer.headers["location"] == f"{recorded.url}{path}"
    if isinstance(case["body"], str):
        return
    differences = list(compare(without_gone(case["body"]), answer.json()))
    assert [line for line in differences if ".dossier_number" not in line] == []


def test_drafts_are_followed_as_recorded(recorded: SandboxServer) -> None:
    world = recorded.world
    drafts = [world.create_draft(82349, Identity(), {}) for _ in range(4)]
    url = "/api/public/v1/demarches/82349/dossiers?prefill_token=" + ",".join(one.token for one in drafts)
    fresh = load_case("prefill/follow--fresh")
    found = ask(recorded, fresh, url).json()
    assert [line for line in compare(fresh["body"], found) if "number" not in line] == []
    claimed, deposited, accepted, gone = drafts
    world.claim_draft(claimed.token, "a@exemple.fr")
    world.deposit(deposited.token, "b@exemple.fr")
    world.deposit(accepted.token, "c@exemple.fr")
    world.change_state(accepted.number, "accepte")
    world.drafts.pop(gone.token)
    later = load_case("prefill/follow--claimed_deposited_accepted_destroyed")
    found = ask(recorded, later, url).json()
    assert [line for line in compare(later["body"], found) if "number" not in line] == []


def test_a_draft_demarche_is_found_and_its_form_is_null(recorded: SandboxServer) -> None:
    recorded.world.set_demarche(70006, state="brouillon")
    answer = httpx.get(f"{recorded.url}/preremplir/demarche-70006/schema")
    assert (answer.status_code, answer.json()) == (200, None)
    draft = httpx.post(f"{recorded.url}/api/public/v1/demarches/70006/dossiers", json={})
    assert draft.status_code == 201
