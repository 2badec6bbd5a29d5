"""`GET …/report`: a coordinator's report by key, as page, PDF or JSON; what is wrong is a problem."""

import time

import pytest

from ds_bridge.config import load_settings
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import Store
from tests.cli.commands import run_command


@pytest.fixture(scope="module")
def reporting(tmp_path_factory, keys):
    """A service over a store that a sync filled, and the identifiant of somebody in it."""
    from tests.web.process import Service, write_config

    folder = tmp_path_factory.mktemp("reporting")
    with SandboxServer(seed=1, dossiers=30, requests_per_minute=None) as server:
        config = write_config(folder, server.url, keys, api=f'token = "{server.token}"')
        assert run_command("sync", "cra", config=config).code == 0
    settings = load_settings(config)
    with Store.open(settings.store.url) as store:
        document = next(
            each.document
            for each in store.documents(82349)
            if each.document["identite"]["identifiant"] and each.document["dossier"]["state"] == "accepte"
        )
    service = Service.start(folder, keys)
    yield service, document
    assert service.stop() == 0


def test_a_persons_page_pdf_and_json(reporting):
    service, document = reporting
    identity = document["identite"]
    query = {"for": "personne", "id": identity["identifiant"], "year": document["dossier"]["date_depot"][:4]}
    page = service.client.get("/v1/demarches/cra/report", params=query)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert page.text.startswith("<!doctype html>")
    assert f"(identifiant {identity['identifiant']})" in page.text
    pdf = service.client.get("/v1/demarches/cra/report", params=query | {"format": "pdf"})
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-1.7")
    told = service.client.get("/v1/demarches/cra/report", params=query | {"format": "json"}).json()
    figures = {figure["id"]: figure for figure in told["figures"]}
    assert figures["depots"]["dossiers"] == [document["dossier"]["number"]]
    assert len(figures["liste_evenements"]["table"]["rows"]) <= len(document["evenements"])
    started = time.perf_counter()
    service.client.get("/v1/demarches/cra/report", params=query)
    assert time.perf_counter() - started < 5


def test_the_programmes_for_the_public(reporting):
    service, _ = reporting
    query = {"public": "true", "format": "json", "year": 2024}
    told = service.client.get("/v1/demarches/cra/report", params=query).json()
    assert told["public"] is True
    assert "dossiers" not in told["figures"][0]


@pytest.mark.parametrize(
    ("query", "champ", "message"),
    [
        ({"for": "personne"}, "report", "a report for a personne needs an id"),
        ({"for": "nobody"}, "for", "Input should be"),
        ({"for": "personne", "id": "x"}, "id", "valid integer"),
        ({"year": "12"}, "year", "greater than or equal to 2000"),
        ({"since": "2024-13-01"}, "since", "date"),
        ({"format": "doc"}, "format", "Input should be"),
        ({"since": "2024-02-01", "until": "2024-01-01"}, "report", "ends before it begins"),
        ({"public": "true", "since": "2024-02-01"}, "report", "whole year"),
    ],
)
def test_what_is_refused(reporting, query, champ, message):
    service, _ = reporting
    answer = service.client.get("/v1/demarches/cra/report", params=query)
    assert answer.status_code == 422
    problem = answer.json()["problems"][0]
    assert problem["champ"] == champ
    assert message in problem["message"]


def test_a_demarche_never_synced(reporting):
    service, _ = reporting
    answer = service.client.get("/v1/demarches/tout/report")
    assert answer.status_code == 422
    assert "run ds-bridge sync tout first" in answer.json()["problems"][0]["message"]


def test_without_a_key(reporting):
    service, _ = reporting
    answer = service.client.get("/v1/demarches/cra/report", headers={"Authorization": ""})
    assert answer.status_code == 401
