"""Follow-up over a real socket: every state is recorded, and no failing call forgets a draft."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ds_bridge.api.pace import Pace
from ds_bridge.api.public import PublicClient
from ds_bridge.config import ApiSettings
from ds_bridge.errors import DemarcheClosedError, GarbledAnswerError, NetworkError, ServerFaultError
from ds_bridge.people.followup import (
    ASKED_AFTER_GONE,
    DRAFTS_A_CALL,
    FollowUp,
    describe_draft,
    follow_drafts,
    record_draft,
)
from ds_bridge.prefill import Identity, check
from ds_bridge.prefill.drafts import Prepared, create_draft
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import World
from ds_bridge.store import Store, StoredDraft
from tests.store.samples import make_draft
from tests.stores import new_sqlite

CRA = 82349
FIELDS = {"identifiant": "3566523"}
NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(world=World(seed=1, clock=lambda: NOON)) as running:
        running.drafts_limit.most = None  # the limit has tests of its own
        yield running


@pytest.fixture
def client(server: SandboxServer) -> Iterator[PublicClient]:
    settings = ApiSettings(url=server.url, attempts=2)
    with PublicClient(settings, pace=Pace(10_000), sleep=lambda seconds: None) as client:
        yield client


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(new_sqlite(tmp_path)) as store:
        yield store


def make(server: SandboxServer, client: PublicClient, store: Store, count: int = 1) -> list[str]:
    """Drafts on the platform and in the store, for people 1, 2…"""
    tokens = []
    for identifiant in range(1, count + 1):
        person = Identity(nom="Noël", identifiant=identifiant)
        made = create_draft(client, CRA, check(person, {}, fields=FIELDS))
        prepared = Prepared(made.url, "draft", len(made.url), number=made.number, token=made.token)
        assert record_draft(store, CRA, prepared, person, server.world.now()) == ()
        tokens.append(made.token)
    return tokens


def follow(server: SandboxServer, client: PublicClient, store: Store) -> FollowUp:
    return follow_drafts(store, client, CRA, now=server.world.now())


def states(found: Sequence[StoredDraft]) -> list[str]:
    return [draft.state for draft in found]


def test_a_draft_is_recorded_with_whom_it_is_for(server: SandboxServer, store: Store) -> None:
    prepared = Prepared("u", "draft", 1, number=12, token="secret")
    person = Identity(nom="Noël", identifiant=4211, structure_identifiant=87)
    assert record_draft(store, CRA, prepared, person, NOON) == ()
    assert store.drafts(CRA) == [
        StoredDraft(12, "secret", NOON, NOON + 5 * DAY, identifiant=4211, structure_identifiant=87)
    ]
    again = Prepared("u", "draft", 1, number=13, token="other")
    assert record_draft(store, CRA, again, person, NOON) == (
        "this person has another draft already: dossier 12, prefilled",
    )
    assert record_draft(store, CRA, Prepared("u", "link", 1), person, NOON) == ()
    assert record_draft(store, CRA, Prepared("u", "draft", 1, number=14, token="t"), None, NOON) == ()
    assert [draft.number for draft in store.drafts(CRA)] == [12, 13, 14]


def test_every_state_on_the_way(server: SandboxServer, client: PublicClient, store: Store) -> None:
    world = server.world
    [token] = make(server, client, store)
    number = world.drafts[token].number
    assert states(follow(server, client, store).drafts) == ["prefilled"]

    world.advance(HOUR)
    world.claim_draft(token, "zoe@example.org")
    found = follow(server, client, store)
    assert (states(found.changed), found.changed[0].checked_at) == (["claimed"], NOON + HOUR)

    world.advance(6 * DAY)  # a claimed draft does not die
    world.deposit(token, "zoe@example.org")
    [draft] = follow(server, client, store).changed
    assert (draft.state, draft.number, draft.submitted_at) == ("deposited", number, NOON + HOUR + 6 * DAY)

    world.advance(DAY)
    world.change_state(number, "accepte")
    [draft] = follow(server, client, store).changed
    assert (draft.state, draft.processed_at) == ("processed", NOON + HOUR + 7 * DAY)

    asked = len(server.journal.entries("FollowDrafts"))
    found = follow(server, client, store)
    assert (found.asked, found.changed, states(found.drafts)) == (0, [], ["processed"])
    assert len(server.journal.entries("FollowDrafts")) == asked, "its end is known"


def test_an_unclaimed_draft_is_warned_of_then_gone(
    server: SandboxServer, client: PublicClient, store: Store
) -> None:
    make(server, client, store, 2)
    server.world.advance(4 * DAY - HOUR)
    assert follow(server, client, store).dying == []
    server.world.advance(HOUR)
    found = follow(server, client, store)
    assert [draft.identifiant for draft in found.dying] == [1, 2]
    assert found.describe() == "2 drafts (2 prefilled), 0 with news"
    server.world.advance(DAY)
    found = follow(server, client, store)
    assert (states(found.changed), found.dying) == (["gone", "gone"], [])
    assert {draft.gone_at for draft in found.drafts} == {NOON + 5 * DAY}
    assert follow(server, client, store).changed == []


def test_many_are_asked_after_fifty_at_a_time(
    server: SandboxServer, client: PublicClient, store: Store
) -> None:
    make(server, client, store, 2 * DRAFTS_A_CALL + 1)
    assert follow(server, client, store).asked == 2 * DRAFTS_A_CALL + 1
    assert len(server.journal.entries("FollowDrafts")) == 3


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(action="drop", operation="FollowDrafts", nth=2), None),
        (Fault(action="drop", operation="FollowDrafts"), NetworkError),
        (Fault(action="status", status=503, operation="FollowDrafts"), ServerFaultError),
        (Fault(action="invalid_json", operation="FollowDrafts"), GarbledAnswerError),
        (Fault(action="html", operation="FollowDrafts"), GarbledAnswerError),
    ],
)
def test_a_failing_call_forgets_nothing(
    server: SandboxServer, client: PublicClient, store: Store, fault: Fault, kind: type[Exception] | None
) -> None:
    make(server, client, store, 2)
    before = store.drafts(CRA)
    server.faults.add(fault)
    follow(server, client, store)
    found = follow(server, client, store)
    if kind is None:
        assert found.error is None
        return
    assert isinstance(found.error, kind)
    assert list(found.drafts) == store.drafts(CRA) == before
    server.faults.clear()
    assert follow(server, client, store).error is None


def test_what_was_asked_before_the_failure_is_kept(
    server: SandboxServer, client: PublicClient, store: Store
) -> None:
    tokens = make(server, client, store, DRAFTS_A_CALL + 1)
    for token in (tokens[0], tokens[-1]):
        server.world.claim_draft(token, "a@example.org")
    server.faults.add(Fault(action="drop", operation="FollowDrafts", nth=2))
    server.faults.add(Fault(action="drop", operation="FollowDrafts", nth=2))
    found = follow(server, client, store)
    assert isinstance(found.error, NetworkError)
    assert (found.asked, [draft.identifiant for draft in found.changed]) == (DRAFTS_A_CALL, [1])
    assert [draft.identifiant for draft in follow(server, client, store).changed] == [DRAFTS_A_CALL + 1]


def test_a_closed_demarche_forgets_nothing(server: SandboxServer, client: PublicClient, store: Store) -> None:
    make(server, client, store)
    server.world.set_demarche(CRA, state="close")
    found = follow(server, client, store)
    assert isinstance(found.error, DemarcheClosedError)
    assert states(store.drafts(CRA)) == ["prefilled"]


class Answers:
    """A platform that says whatever is scripted."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)

    def follow(self, demarche: int, tokens: Sequence[str]) -> list[dict[str, Any]]:
        return self.answers


def test_what_was_gone_and_comes_back(store: Store) -> None:
    gone = make_draft(1, created_at=NOON - 9 * DAY, state="gone", gone_at=NOON)
    old = make_draft(2, state="gone", gone_at=NOON - ASKED_AFTER_GONE)
    store.save_drafts(CRA, [gone, old])
    answer = {
        "dossier_prefill_token": "secret-1",
        "state": "en_instruction",
        "submitted_at": "2026-03-01T10:00:00+01:00",
    }
    found = follow_drafts(store, Answers(answer), CRA, now=NOON)  # type: ignore[arg-type]  # a client's one method
    assert found.asked == 1, "what is gone for a week is asked after no more"
    [draft] = found.changed
    assert (draft.state, draft.gone_at) == ("deposited", None)
    assert draft.submitted_at == dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "answer",
    [
        {"state": "a new word"},
        {"state": None, "submitted_at": "yesterday"},
        {"state": 3, "submitted_at": "2026-03-01"},
    ],
)
def test_an_answer_in_words_that_are_not_known_changes_nothing(store: Store, answer: dict[str, Any]) -> None:
    store.save_drafts(CRA, [make_draft(1, state="claimed")])
    answers = Answers({"dossier_prefill_token": "secret-1"} | answer)
    found = follow_drafts(store, answers, CRA, now=NOON)  # type: ignore[arg-type]  # a client's one method
    assert (states(found.drafts), found.changed) == (["claimed"], [])
    assert found.drafts[0].checked_at == NOON


def test_as_json_without_the_token() -> None:
    described = describe_draft(make_draft(1, created_at=NOON, identifiant=4211))
    assert "secret" not in str(described)
    assert described["expires_at"] == "2026-03-07T12:00:00+00:00"
    assert (described["identifiant"], described["gone_at"]) == (4211, None)
