"""Drafts over a real socket: made once, kept to the platform's pace, and never guessed about."""

from __future__ import annotations

import datetime as dt
import doctest
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ds_bridge.api.pace import Pace
from ds_bridge.api.public import POST_WINDOW_SECONDS, POSTS, PublicClient
from ds_bridge.config import ApiSettings, DemarcheSettings, PrefillSettings, Settings
from ds_bridge.errors import (
    DemarcheClosedError,
    DraftOutcomeUnknownError,
    LinkTooLongError,
    NetworkError,
    PrefillError,
)
from ds_bridge.prefill import Identity, check, drafts
from ds_bridge.prefill.drafts import Draft, Prepared, create_draft, prepare
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import World
from tests.waiting import wait_until

CRA = 82349
PATH = "a1dac784-b6a0-4733-82c9-2c5c660797cf"
NOM, EVENEMENTS, ORGANISATEURS = 3566491, 3566526, 3566528
FIELDS = {"nom": str(NOM), "identifiant": "3566523"}
ZOE = Identity(nom="NOËL", prenom="Zoé", identifiant=4211)
NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(world=World(seed=1, clock=lambda: NOON)) as running:
        yield running


class Sleeper:
    """Sleeping moves the platform's time, and ours."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.world.advance(dt.timedelta(seconds=seconds))

    def clock(self) -> float:
        return self.world.now().timestamp()

    def pace(self) -> Pace:
        return Pace(POSTS, window_seconds=POST_WINDOW_SECONDS, clock=self.clock, sleep=self.sleep)


def make_settings(server: SandboxServer, *, indexed_rows: bool = True, **api: Any) -> Settings:
    return Settings(
        api=ApiSettings(url=server.url, **api),
        prefill=PrefillSettings(indexed_rows=indexed_rows),
        demarches={"cra": DemarcheSettings(number=CRA, path=PATH, champs=FIELDS)},
    )


def count_requests(server: SandboxServer) -> int:
    return len(server.journal.entries("CreateDraft"))


def test_the_examples_of_the_module_hold() -> None:
    assert doctest.testmod(drafts).failed == 0


def test_a_draft_holds_what_was_sent_and_opens_at_its_address(server: SandboxServer) -> None:
    with PublicClient(ApiSettings(url=server.url)) as client:
        made = create_draft(client, CRA, check(ZOE, {}, fields=FIELDS))
    kept = server.world.drafts[made.token]
    assert made.number == kept.number
    assert made.url == f"{server.url}/commencer/{PATH}?prefill_token={made.token}"
    assert (kept.identity.nom, kept.identity.prenom) == ("NOËL", "Zoé")
    assert kept.values == {NOM: "NOËL", 3566523: 4211}


def test_neither_address_nor_token_prints() -> None:
    made = Draft("https://x.fr/commencer/p?prefill_token=secret", 12, "secret")
    prepared = Prepared(made.url, "draft", 40, number=12, token="secret")
    assert "secret" not in repr(made) + repr(prepared)
    assert "number=12" in repr(made)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(action="drop", operation="CreateDraft"), "broke off"),
        (Fault(action="never", operation="CreateDraft"), "no answer within 0.5 s"),
        (Fault(action="status", status=502, operation="CreateDraft"), "HTTP 502"),
        (Fault(action="html", operation="CreateDraft"), "the answer names no dossier"),
        (Fault(action="truncated", operation="CreateDraft"), "broke off|names no dossier"),
        (Fault(action="drop", operation="CreateDraft", early=True), "broke off"),
    ],
)
def test_an_unknown_outcome_is_told_and_nothing_is_sent_again(
    server: SandboxServer, fault: Fault, reason: str
) -> None:
    server.faults.add(fault)
    # Short only where it is what ends the wait: a busy machine may take that long for any other answer.
    settings = ApiSettings(url=server.url, timeout_seconds=0.5 if fault.action == "never" else 30)
    with (
        PublicClient(settings) as client,
        pytest.raises(DraftOutcomeUnknownError, match=f"may have been made.*({reason})") as caught,
    ):
        create_draft(client, CRA, check(ZOE, {}, fields=FIELDS))
    assert caught.value.exit_code == 4
    assert "NOËL" not in str(caught.value)
    made = 0 if fault.early else 1
    # On a busy machine the client may have given up before the request was read.
    wait_until(lambda: count_requests(server) >= 1 and len(server.world.drafts) >= made)
    assert (count_requests(server), len(server.world.drafts)) == (1, made)


def test_a_refused_connection_is_tried_again_for_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    slept: list[float] = []
    settings = ApiSettings(url=f"http://127.0.0.1:{port}", attempts=3)
    with (
        PublicClient(settings, sleep=slept.append) as client,
        pytest.raises(NetworkError, match="tried 3 times"),
    ):
        create_draft(client, CRA, check(ZOE, {}, fields=FIELDS))
    assert len(slept) == 2


def test_a_429_is_waited_for_and_sent_again(server: SandboxServer) -> None:
    sleeper = Sleeper(server.world)
    hasty = Pace(1000, clock=sleeper.clock, sleep=sleeper.sleep)
    with PublicClient(ApiSettings(url=server.url), pace=hasty, sleep=sleeper.sleep) as client:
        made = [create_draft(client, CRA, check(ZOE, {}, fields=FIELDS)) for _ in range(POSTS + 1)]
    assert len({draft.number for draft in made}) == len(server.world.drafts) == POSTS + 1
    assert count_requests(server) == POSTS + 2
    assert sleeper.slept


def test_the_pace_keeps_from_a_429(server: SandboxServer) -> None:
    sleeper = Sleeper(server.world)
    with PublicClient(ApiSettings(url=server.url), pace=sleeper.pace(), sleep=sleeper.sleep) as client:
        for _ in range(2 * POSTS + 1):
            create_draft(client, CRA, check(ZOE, {}, fields=FIELDS))
    statuses = {entry.status for entry in server.journal.entries("CreateDraft")}
    assert statuses == {201}
    assert sum(sleeper.slept) == pytest.approx(2 * POST_WINDOW_SECONDS)


def test_a_closed_demarche(server: SandboxServer) -> None:
    server.world.set_demarche(CRA, state="close")
    with PublicClient(ApiSettings(url=server.url)) as client, pytest.raises(DemarcheClosedError):
        create_draft(client, CRA, check(ZOE, {}, fields=FIELDS))


def forbidden() -> PublicClient:
    raise AssertionError("nothing is to be asked of the platform")


def test_a_link_while_it_fits_asks_nothing_of_the_platform(server: SandboxServer) -> None:
    prepared = prepare(make_settings(server), "cra", ZOE, {"12": ""}, client=forbidden)
    assert (prepared.method, prepared.number, prepared.token) == ("link", None, None)
    assert prepared.length == len(prepared.url) < 2000
    assert prepared.url.startswith(f"{server.url}/commencer/{PATH}?identite_nom=NO%C3%8BL")
    assert prepared.omitted == ("12",)


def test_a_draft_by_itself_when_the_link_would_be_too_long(server: SandboxServer) -> None:
    settings = make_settings(server)
    with PublicClient(settings.api) as client:
        prepared = prepare(settings, "cra", Identity(nom="é" * 700), client=client)
    assert prepared.method == "draft"
    length = len(f"{server.url}/commencer/{PATH}?identite_nom=&champ_Q2hhbXAtMzU2NjQ5MQ=") + 2 * 6 * 700
    assert prepared.warnings[-1] == (
        f"a draft, since the link would be {length} characters long (the most is 2000)"
    )
    assert server.world.drafts[prepared.token or ""].identity.nom == "é" * 700
    with pytest.raises(LinkTooLongError):
        prepare(settings, "cra", Identity(nom="é" * 700), client=forbidden, method="link")


def rows() -> dict[str, Any]:
    return {str(EVENEMENTS): [{str(ORGANISATEURS): ["Une commune", "Ma structure"]}]}


@pytest.mark.parametrize(("indexed_rows", "method"), [(True, "link"), (False, "draft")])
def test_a_list_inside_rows_on_an_older_instance(
    server: SandboxServer, indexed_rows: bool, method: str
) -> None:
    prepared = prepare(make_settings(server, indexed_rows=indexed_rows), "cra", ZOE, rows())
    assert prepared.method == method
    told = "a draft, since a list inside rows cannot travel in a link to this instance" in prepared.warnings
    assert told is (method == "draft")


def test_a_draft_when_asked_for(server: SandboxServer) -> None:
    prepared = prepare(make_settings(server), "cra", ZOE, method="draft")
    assert (prepared.method, prepared.number) == ("draft", server.world.drafts[prepared.token or ""].number)
    assert prepared.length == len(prepared.url)


@pytest.mark.parametrize("method", ["auto", "draft", "link"])
def test_bad_values_are_refused_before_anything_is_asked(server: SandboxServer, method: Any) -> None:
    make: Callable[..., Prepared] = prepare
    with pytest.raises(PrefillError, match=r"^12: .*; 13: ") as caught:
        make(
            make_settings(server), "cra", ZOE, {"12": "undefined", "13": float("inf")},
            client=forbidden, method=method,
        )  # fmt: skip
    assert "inf" not in str(caught.value).replace("finite", "")
