"""The client without a token: forms, drafts and their follow-up; which requests are repeated, and which
never."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import respx

from ds_bridge.api.pace import Pace
from ds_bridge.api.public import PublicClient
from ds_bridge.config import ApiSettings
from ds_bridge.errors import (
    BadRequestError,
    ConfigurationError,
    DemarcheClosedError,
    DraftOutcomeUnknownError,
    FormNotPublicError,
    GarbledAnswerError,
    NetworkError,
    NotFoundError,
    PathMovedError,
    ServerFaultError,
)
from ds_bridge.sandbox.server import SandboxServer

CRA = 82349
PRIVATE = "conventions-avec-les-structures"
PATH = "a1dac784-b6a0-4733-82c9-2c5c660797cf"
URL = "https://platform.test"
POST = f"{URL}/api/public/v1/demarches/5/dossiers"
DRAFT = {
    "dossier_url": f"{URL}/commencer/p?prefill_token=t",
    "dossier_number": 7,
    "dossier_prefill_token": "t",
}


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(seed=2, dossiers=3) as running:
        yield running


class Time:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def pace(self) -> Pace:
        return Pace(15, window_seconds=15, clock=lambda: self.now, sleep=self.sleep)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def client(time: Time) -> Iterator[PublicClient]:
    with PublicClient(ApiSettings(url=URL, attempts=3), pace=time.pace(), sleep=time.sleep) as made:
        yield made


def test_the_way_of_a_draft(server: SandboxServer) -> None:
    with PublicClient(ApiSettings(url=server.url)) as client:
        form = client.form(PATH, number=CRA)
        assert (form.number, len(form.fields)) == (CRA, 26)
        made = client.create_draft(CRA, {"identite_nom": "NOËL", "champ_Q2hhbXAtMzU2NjUyMw": "12"})
        assert made["dossier_url"].startswith(f"{server.url}/commencer/{PATH}?prefill_token=")
        (followed,) = client.follow(CRA, [made["dossier_prefill_token"], "unknown"])
        assert (followed["state"], followed["dossier_number"]) == ("prefilled", made["dossier_number"])
        assert client.follow(CRA, []) == []
        assert repr(client) == f"<PublicClient {server.url}>"


def test_many_tokens_are_asked_fifty_at_a_time(server: SandboxServer) -> None:
    with PublicClient(ApiSettings(url=server.url)) as client:
        token = client.create_draft(CRA, {})["dossier_prefill_token"]
        found = client.follow(CRA, [*(f"t{n}" for n in range(120)), token])
        assert [draft["dossier_prefill_token"] for draft in found] == [token]


def test_what_is_not_there_is_told_apart(server: SandboxServer) -> None:
    with PublicClient(ApiSettings(url=server.url)) as client:
        for number in (None, 1, CRA):
            with pytest.raises(NotFoundError, match="knows no path 'rien'"):
                client.form("rien", number=number)
        with pytest.raises(NotFoundError, match=f"no public form at path {PRIVATE!r}"):
            client.form(PRIVATE)
        with pytest.raises(DemarcheClosedError, match="démarche 1 is closed, or"):
            client.form(PRIVATE, number=1)
        with pytest.raises(FormNotPublicError, match="or the path is another démarche's"):
            client.form(PRIVATE, number=CRA)
        for call in (lambda: client.create_draft(1, {}), lambda: client.follow(1, ["t"])):
            with pytest.raises(DemarcheClosedError):
                call()
        server.world.set_demarche(CRA, path="nouveau", old_paths=(PATH,))
        with pytest.raises(PathMovedError) as caught:
            client.form(PATH, number=CRA)
        assert caught.value.path == "nouveau"


@respx.mock
def test_a_draft_is_asked_once_when_nobody_knows_whether_it_was_made(client: PublicClient) -> None:
    for answer in (
        httpx.ReadTimeout("late"),
        httpx.RemoteProtocolError("cut"),
        httpx.WriteError("cut"),
        httpx.Response(500),
        httpx.Response(502, html="<h1>Bad gateway</h1>"),
        httpx.Response(201, text="<html>"),
        httpx.Response(201, json={"state": "prefilled"}),
        httpx.Response(201, json=[]),
    ):
        route = respx.post(POST).mock(side_effect=[answer])
        before = route.call_count
        with pytest.raises(
            DraftOutcomeUnknownError, match=r"it may have been made, .* Asking again would make another"
        ):
            client.create_draft(5, {"champ_x": "secret"})
        assert route.call_count == before + 1


@respx.mock
def test_a_draft_that_surely_did_not_arrive_is_asked_again(client: PublicClient, time: Time) -> None:
    route = respx.post(POST)
    route.side_effect = [
        httpx.ConnectError("refused"),
        httpx.Response(429, text="Retry later\n", headers={"Retry-After": "7"}),
        httpx.Response(201, json=DRAFT),
    ]
    assert client.create_draft(5, {"champ_x": "é"}) == DRAFT
    assert route.call_count == 3
    assert 8 <= time.now <= 10  # one or two seconds after the refused connection, then the 7 it was asked for
    request = route.calls.last.request
    assert request.headers["Content-Type"] == "application/json"
    assert request.content == '{"champ_x":"é"}'.encode()


@respx.mock
def test_nobody_there_is_said_after_the_tries(client: PublicClient) -> None:
    route = respx.post(POST).mock(side_effect=httpx.ConnectError("refused"))
    with pytest.raises(NetworkError, match=r"no answer from https://platform\.test") as caught:
        client.create_draft(5, {})
    assert (caught.value.connected, route.call_count) == (False, 3)


@respx.mock
def test_a_refused_draft_is_not_asked_again(client: PublicClient) -> None:
    for answer, error in (
        (httpx.Response(400, json={"error": "x"}), BadRequestError),
        (httpx.Response(301, headers={"Location": "https://elsewhere.test/x"}), ConfigurationError),
    ):
        route = respx.post(POST).mock(return_value=answer)
        before = route.call_count
        with pytest.raises(error):
            client.create_draft(5, {})
        assert route.call_count == before + 1


@respx.mock
def test_drafts_keep_to_fifteen_in_fifteen_seconds(client: PublicClient, time: Time) -> None:
    respx.post(POST).mock(return_value=httpx.Response(201, json=DRAFT))
    sent = []
    for _ in range(31):
        client.create_draft(5, {})
        sent.append(time.now)
    assert sent == [0.0] * 15 + [15.0] * 15 + [30.0]


@respx.mock
def test_reading_is_asked_again(client: PublicClient) -> None:
    route = respx.get(POST)
    route.side_effect = [httpx.Response(503), httpx.ReadTimeout("late"), httpx.Response(200, json=[DRAFT])]
    assert client.follow(5, ["t"]) == [DRAFT]
    route.side_effect = [httpx.Response(502)] * 3
    with pytest.raises(ServerFaultError, match=r"tried 3 times"):
        client.follow(5, ["t"])


@respx.mock
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"json": {"a": 1}}, GarbledAnswerError),
        ({"text": "<html>"}, GarbledAnswerError),
        ({"status_code": 403, "text": ""}, BadRequestError),
        ({"status_code": 302, "headers": {"Location": "https://elsewhere.test/x"}}, ConfigurationError),
    ],
)
def test_answers_that_are_none(client: PublicClient, answer: dict[str, Any], error: type[Exception]) -> None:
    respx.get(POST).mock(return_value=httpx.Response(**{"status_code": 200, **answer}))
    with pytest.raises(error):
        client.follow(5, ["t"])


@respx.mock
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(302, headers={"Location": "/"}),
        httpx.Response(302, headers={"Location": "https://demarches.exemple.fr/"}),
        httpx.Response(404),
    ],
)
def test_a_path_that_the_platform_does_not_know(client: PublicClient, answer: httpx.Response) -> None:
    respx.get(f"{URL}/commencer/p").mock(return_value=answer)
    with pytest.raises(NotFoundError, match="knows no path 'p'"):
        client.form("p", number=CRA)


@respx.mock
def test_a_redirect_of_the_front_page_elsewhere_is_not_a_moved_path(client: PublicClient) -> None:
    respx.get(f"{URL}/commencer/p").mock(
        return_value=httpx.Response(302, headers={"Location": "/fermeture/p"})
    )
    respx.get(f"{URL}/preremplir/p/schema").mock(return_value=httpx.Response(404))
    with pytest.raises(NotFoundError):
        client.form("p")
    respx.get(f"{URL}/preremplir/p/schema").mock(return_value=httpx.Response(200, json=[1]))
    with pytest.raises(GarbledAnswerError):
        client.form("p")


@respx.mock
def test_every_error_of_the_network_is_ours(client: PublicClient) -> None:
    kinds = [
        value
        for value in vars(httpx).values()
        if isinstance(value, type) and issubclass(value, httpx.TransportError | httpx.DecodingError)
    ]
    assert len(kinds) > 10
    for kind in kinds:
        respx.get(POST).mock(side_effect=kind("x"))
        with pytest.raises((NetworkError, ConfigurationError, GarbledAnswerError)):
            client.follow(5, ["t"])
