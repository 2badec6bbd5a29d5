"""`GET …/dossiers/{number}` and `…/form`: what the store and the platform know."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from ds_bridge.sandbox.server import SandboxServer
from tests.web.conftest import fill_store


def test_a_dossier_as_it_is_mapped(service):
    answer = service.client.get("/v1/demarches/cra/dossiers/7")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.json() == {"dossier": {"number": 7}, "identite": {"nom": "NOËL \U0001f389", "prenom": None}}


@pytest.mark.parametrize("number", [8, 9])
def test_one_that_was_deleted(service, number):
    answer = service.client.get(f"/v1/demarches/cra/dossiers/{number}")
    assert answer.status_code == 410
    assert answer.json()["type"] == "urn:problem-type:ds-bridge:gone"
    assert answer.json()["detail"] == "Deleted on 2024-05-30."


@pytest.mark.parametrize(("name", "number"), [("cra", 10), ("tout", 7), ("cra", 2**63 - 1)])
def test_one_that_is_not_there(service, name, number):
    answer = service.client.get(f"/v1/demarches/{name}/dossiers/{number}")
    assert answer.status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "x", "7.5", "9" * 30, "9" * 5000, "%F0%9F%8E%89", "7%00"])
def test_numbers_that_are_none(service, number):
    answer = service.client.get(f"/v1/demarches/cra/dossiers/{number}")
    assert answer.status_code == 422
    assert [each["champ"] for each in answer.json()["problems"]] == ["number"]


def test_a_store_that_comes_later_and_dossiers_that_are_kept_back(start, platform):
    service = start(platform.url)
    for path in ("/v1/demarches/cra/dossiers/7", "/readyz"):
        answer = service.client.get(path)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
    assert "store: it cannot be read" in answer.json()["detail"]
    assert service.client.post("/v1/demarches/cra/prefill", json={}).status_code == 200
    assert not (service.folder / "store.db").exists()
    fill_store(service.folder)
    assert service.client.get("/readyz").json()["checks"] == {"configuration": "ok", "store": "ok"}
    assert service.client.get("/v1/demarches/cra/dossiers/7").status_code == 200
    service.stop()
    assert service.events("not ready")
    kept_back = start(platform.url, web="dossiers = false")
    assert kept_back.client.get("/v1/demarches/cra/dossiers/7").status_code == 404
    assert kept_back.client.get("/readyz").json()["checks"]["store"] == "not used"


def test_a_store_that_breaks_and_is_mended(start, platform):
    service = start(platform.url)
    fill_store(service.folder)
    assert service.client.get("/v1/demarches/cra/dossiers/7").status_code == 200
    with sqlite3.connect(service.folder / "store.db") as database:
        database.execute("ALTER TABLE dossiers RENAME TO elsewhere")
    answer = service.client.get("/v1/demarches/cra/dossiers/7")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "The store cannot be read."
    with sqlite3.connect(service.folder / "store.db") as database:
        database.execute("ALTER TABLE elsewhere RENAME TO dossiers")
    assert service.client.get("/v1/demarches/cra/dossiers/7").status_code == 200


def test_many_at_once(service):
    paths = ["cra/dossiers/7", "cra/dossiers/8", "cra/form", "tout/form"] * 25
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda path: service.client.get(f"/v1/demarches/{path}"), paths))
    assert [answer.status_code for answer in answers] == [200, 410, 200, 200] * 25
    assert {answer.json()["dossier"]["number"] for answer in answers[::4]} == {7}


def test_the_form_with_the_names_of_the_configuration(service):
    form = service.client.get("/v1/demarches/cra/form").json()
    assert (form["number"], form["source"]) == (82349, "platform")
    named = {each["names"][0]: each for each in form["champs"] if each["names"]}
    assert {"nom", "prenom", "identifiant", "structure_nom"} <= set(named)
    assert (named["nom"]["id"], named["nom"]["kind"]) == ("Q2hhbXAtMzU2NjQ5MQ", "text")
    by_kind = {each["kind"]: each["prefillable"] for each in form["champs"]}
    assert by_kind["header_section"] is False
    assert by_kind["integer_number"] is True
    block = next(each for each in form["champs"] if each["kind"] == "repetition")
    assert "date" in [each["kind"] for each in block["champs"]]


def test_without_the_platform_the_form_of_the_last_sync(start, command_sync, nobody):
    with SandboxServer(dossiers=2, requests_per_minute=None) as server:
        service = start(server.url, api=f'attempts = 1\ntoken = "{server.token}"')
        command_sync(service.folder)
        assert service.client.get("/v1/demarches/reservee/form").json()["source"] == "store"
        service.stop()
    for file in (service.folder / "cache").rglob("*.json"):
        file.unlink()
    service = start(nobody, api="attempts = 1")
    form = service.client.get("/v1/demarches/tout/form").json()
    assert (form["number"], form["source"]) == (99001, "store")
    body = {"champs": {"inconnu": 1}}
    refused = service.client.post("/v1/demarches/tout/prefill", json=body)
    assert refused.status_code == 422
    warnings = service.client.post("/v1/demarches/tout/prefill", json={}).json()["warnings"]
    assert any("that the last sync kept" in warning for warning in warnings)
