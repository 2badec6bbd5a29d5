"""Mutations: what each answer of the real platform is taken for, and that none is sent twice by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from ds_bridge.api.client import Client
from ds_bridge.api.mutations import Done, Mutations, Refused, Unknown
from ds_bridge.api.uploads import Blob, Upload, put_blob
from ds_bridge.config import ApiSettings
from ds_bridge.errors import (
    BadRequestError,
    NetworkError,
    NotFoundError,
    ReadOnlyTokenError,
    ServerFaultError,
    TokenExpiredError,
)

URL = "https://demarches.exemple.fr"
GRAPHQL = f"{URL}/api/v2/graphql"
RECORDED = Path(__file__).parent.parent.parent.parent / "shared" / "ds" / "recorded" / "mutations"
MESSAGE = {
    "id": "Q29tbWVudGFpcmUtMzY2",
    "email": "agent@exemple.fr",
    "body": "Merci",
    "createdAt": "2026-11-30T01:23:10+01:00",
}


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(waits: list[float]) -> Any:
    with Client(ApiSettings(url=URL, token="jeton", attempts=3), sleep=waits.append) as client:
        yield client


def answer(data: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=data)


def send(client: Client) -> Any:
    return client.mutations.envoyer_message("RG9zc2llci01NA==", "SW5zdHJ1Y3RldXItMQ==", "Merci")


def payload(**parts: Any) -> httpx.Response:
    return answer({"data": {"dossierEnvoyerMessage": {"message": None, "errors": None} | parts}})


@respx.mock
def test_done_gives_what_was_read_back(client: Client) -> None:
    route = respx.post(GRAPHQL).mock(return_value=payload(message=MESSAGE))
    result = send(client)
    assert isinstance(result, Done)
    assert (result.value.body, result.value.correction, repr(result)) == ("Merci", None, "<Done>")
    assert json.loads(route.calls[0].request.content)["variables"] == {
        "input": {
            "dossierId": "RG9zc2llci01NA==",
            "instructeurId": "SW5zdHJ1Y3RldXItMQ==",
            "body": "Merci",
        }
    }


@respx.mock
def test_refused_gives_the_platforms_words(client: Client) -> None:
    words = "Le champ « Votre message »\u00a0ne peut être vide"
    respx.post(GRAPHQL).mock(return_value=payload(errors=[{"message": words}]))
    assert send(client) == Refused("Le champ « Votre message » ne peut être vide")


@pytest.mark.parametrize(
    "came",
    [
        httpx.Response(
            500, json={"errors": [{"message": "x", "extensions": {"code": "internal_server_error"}}]}
        ),
        httpx.Response(502, text="<html>"),
        httpx.Response(200, text="<html>"),
        httpx.Response(
            200, json={"errors": [{"message": "x", "extensions": {"code": "timeout"}}], "data": None}
        ),
        httpx.Response(200, json={"errors": [{"message": "x", "extensions": {"code": "invalid_null"}}]}),
        payload(),
        payload(message={"id": "x"}),
        answer({"data": {"dossierEnvoyerMessage": None}}),
        httpx.ReadTimeout("late"),
        httpx.RemoteProtocolError("gone"),
    ],
)
@respx.mock
def test_what_nobody_knows_is_unknown_and_sent_once(client: Client, waits: list[float], came: Any) -> None:
    route = respx.post(GRAPHQL).mock(side_effect=[came])
    assert isinstance(send(client), Unknown)
    assert (route.call_count, waits) == (1, [])


@pytest.mark.parametrize("missed", [httpx.ConnectError("refused"), httpx.ConnectTimeout("late")])
@respx.mock
def test_what_did_not_arrive_is_sent_again(client: Client, waits: list[float], missed: Exception) -> None:
    busy = httpx.Response(429, text="", headers={"Retry-After": "1"})
    respx.post(GRAPHQL).mock(side_effect=[missed, busy, payload(message=MESSAGE)])
    assert isinstance(send(client), Done)
    assert waits[1] == 1  # a second wait of our own would be two seconds or more


@respx.mock
def test_nobody_there_at_all(client: Client) -> None:
    route = respx.post(GRAPHQL).mock(side_effect=httpx.ConnectError("refused"))
    with pytest.raises(NetworkError):
        send(client)
    assert route.call_count == 3


NO_TYPE = "DossierEnvoyerMessageInput isn't a defined input type (on $input)"
BAD_VALUE = "Variable $input of type X! was provided invalid value for body"


@pytest.mark.parametrize(
    ("message", "code", "reason"),
    [
        (
            NO_TYPE,
            "variableRequiresValidType",
            "this instance has no mutation dossier_envoyer_message: it is older than what ds-bridge asks",
        ),
        (f"{BAD_VALUE} (SECRET)", None, f"DossierEnvoyerMessage: {BAD_VALUE}"),
        (
            "DossierEnvoyerMessagePayload not found",
            "not_found",
            "DossierEnvoyerMessage: DossierEnvoyerMessagePayload not found (not_found): check the number, "
            "and that the token may see it",
        ),
    ],
)
@respx.mock
def test_refusals_at_the_root(client: Client, message: str, code: str | None, reason: str) -> None:
    errors = [{"message": message, "extensions": {"code": code}}]
    respx.post(GRAPHQL).mock(return_value=answer({"errors": errors, "data": None}))
    assert send(client) == Refused(reason)


@respx.mock
def test_tokens_that_cannot_write(client: Client) -> None:
    only_reads = payload(errors=[{"message": "Le jeton utilisé est configuré seulement en\u00a0lecture"}])
    respx.post(GRAPHQL).mock(side_effect=[only_reads, answer({"errors": [EXPIRED], "data": None}, 401)])
    with pytest.raises(ReadOnlyTokenError, match="the token can only read: nothing can be changed"):
        send(client)
    with pytest.raises(TokenExpiredError):
        send(client)


EXPIRED = {"message": "Token expired", "extensions": {"code": "unauthorized"}}
BLOB = Blob("pièce é.txt", b"onze octets")
DIRECT = {"url": "https://store.exemple.fr/1", "headers": '{"Content-MD5": "x"}', "signedBlobId": "signed"}


@respx.mock
def test_a_file_goes_where_the_platform_says_without_its_token(client: Client) -> None:
    asked = respx.post(GRAPHQL).mock(
        side_effect=[
            httpx.ReadTimeout("late"),
            answer({"data": {"createDirectUpload": {"directUpload": DIRECT}}}),
        ]
    )
    put = respx.put(DIRECT["url"]).mock(side_effect=[httpx.Response(503), httpx.Response(204)])
    assert client.mutations.televerser("RG9zc2llci01Mw==", BLOB) == "signed"
    assert json.loads(asked.calls[1].request.content)["variables"]["input"] == {
        "dossierId": "RG9zc2llci01Mw==",
        "filename": "pièce é.txt",
        "byteSize": 11,
        "checksum": BLOB.checksum,
        "contentType": "text/plain",
    }
    sent = put.calls[1].request
    assert (sent.content, sent.headers["Content-MD5"]) == (b"onze octets", "x")
    assert "Authorization" not in sent.headers
    assert "onze" not in repr(BLOB)


@respx.mock
def test_a_file_that_is_not_taken(client: Client) -> None:
    missing = {"message": "CreateDirectUploadPayload not found", "extensions": {"code": "not_found"}}
    null = {"message": "Cannot return null", "extensions": {"code": "invalid_null"}}
    respx.post(GRAPHQL).mock(
        side_effect=[answer({"errors": [each], "data": None}) for each in (missing, null)]
    )
    with pytest.raises(NotFoundError):
        client.mutations.televerser("RG9zc2llci0x", BLOB)
    with pytest.raises(ReadOnlyTokenError, match="no file can be sent"):
        client.mutations.televerser("RG9zc2llci0x", BLOB)


@pytest.mark.parametrize(
    ("came", "error"),
    [
        (httpx.Response(422), BadRequestError),
        (httpx.Response(500), ServerFaultError),
        (httpx.ConnectError("no"), NetworkError),
    ],
)
@respx.mock
def test_a_store_of_files_that_says_no(came: Any, error: type[Exception]) -> None:
    respx.put(DIRECT["url"]).mock(side_effect=[came])
    with pytest.raises(error, match=r"^upload: "):
        put_blob(Upload.model_validate(DIRECT), BLOB, timeout_seconds=5)


def read_recorded() -> list[Any]:
    names = sorted(RECORDED.glob("dossier*--*.json"))
    return [pytest.param(path, id=path.stem) for path in names if "Annotation" not in path.stem]


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded answers are not beside the project")
@pytest.mark.parametrize("path", read_recorded())
@respx.mock
def test_recorded_answers_are_taken_for_what_they_are(client: Client, path: Path) -> None:
    """What the platform's own database said afterwards decides: it moved, or it did not."""
    pair = json.loads(path.read_text(encoding="utf-8"))
    respx.post(GRAPHQL).mock(return_value=httpx.Response(pair["status"], json=pair["body"]))
    mutations = client.mutations
    data = pair["body"].get("data") or {}
    payload = next(iter(data.values()), None) or {}
    field = next((name for name in ("dossier", "message") if name in payload), "dossier")

    def change() -> Any:
        return mutations._change("dossier_accepter", {}, field, lambda node: node)

    if pair.get("token") == "readonly":
        with pytest.raises(ReadOnlyTokenError):
            change()
        return
    expected = Unknown if pair["status"] == 500 else Done if payload.get(field) else Refused
    assert isinstance(change(), expected)
    if expected is Refused and "database" in pair:
        assert not pair["database"]["updated_at_moved"]


def test_every_method_has_its_document() -> None:
    from ds_bridge.api.queries import load

    asked: list[str] = []

    def send(name: str, variables: Any) -> Any:
        assert load(name).text.startswith("mutation ")
        asked.append(name)
        return {name: {"errors": [{"message": "non"}]}}

    do = Mutations(send, lambda call: call(), 5)
    one = ("d", "i")
    results = [
        do.passer_en_instruction(*one), do.accepter(*one), do.refuser(*one, motivation="m"),
        do.classer_sans_suite(*one, motivation="m"), do.repasser_en_construction(*one),
        do.repasser_en_instruction(*one), do.archiver(*one), do.desarchiver(*one),
        do.envoyer_message(*one, "b"), do.supprimer_message("m", "i"), do.ajouter_label("d", "l"),
        do.retirer_label("d", "l"), do.suivre(*one), do.changer_groupe("d", "g"),
        do.modifier_annotations(*one, {"a": {"text": "x"}}), do.ajouter_ligne(*one, "a"),
    ]  # fmt: skip
    assert results == [Refused("non")] * 16
    assert len(set(asked)) == 15  # a row is added by the document that writes annotations
