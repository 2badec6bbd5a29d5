"""Errors that should never happen, in this process: the answer has no trace, the log no data."""

import asyncio
import json
import logging

import httpx
import pytest
from fastapi import Request

from ds_bridge.config import Settings
from ds_bridge.errors import ConfigurationError, GarbledAnswerError, StoreVersionError
from ds_bridge.web import bodies
from ds_bridge.web.app import create_app
from ds_bridge.web.bodies import read_json
from ds_bridge.web.keys import hash_key
from ds_bridge.web.problems import ProblemError


@pytest.fixture
def app(tmp_path):
    web = {"keys": [{"name": "a", "hash": hash_key("key")}]}
    store = {"url": f"sqlite:///{tmp_path / 'store.db'}"}
    app = create_app(Settings(web=web, store=store, demarches={"cra": {"number": 1, "path": "a"}}))
    yield app
    app.state.service.close()


def ask(app, path="/v1/demarches/cra/form"):
    async def send():
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.get(path, headers={"Authorization": "Bearer key"})

    return asyncio.run(send())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError("Zoé NOËL"), 500),
        (RecursionError("Zoé NOËL"), 500),
        (ConfigurationError("the path is another démarche's"), 500),
        (GarbledAnswerError("the answer is no JSON"), 503),
        (StoreVersionError("its tables are those of an older ds-bridge"), 503),
    ],
)
def test_a_fault_gives_a_reference_and_no_trace(app, monkeypatch, caplog, error, status):
    def fail(name):
        raise error

    monkeypatch.setattr(app.state.service.forms, "get", fail)
    with caplog.at_level(logging.INFO, "ds_bridge"):
        answer = ask(app)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert str(error) not in answer.text
    assert "Traceback" not in answer.text
    assert ".py" not in answer.text
    assert "Zoé" not in caplog.text
    (event,) = (record.msg for record in caplog.records if record.msg["event"] == "request failed")
    assert event["error"] == type(error).__name__
    if status == 500:
        assert event["reference"] == answer.json()["reference"]
        assert any("test_faults.py" in frame for frame in event["trace"])
    if not isinstance(error, ValueError | RecursionError):
        assert event["reason"] == str(error)


def test_a_model_that_cannot_be_loaded_is_not_ready(tmp_path):
    web = {"keys": [{"name": "a", "hash": hash_key("key")}], "dossiers": False}
    demarches = {"cra": {"number": 1, "model": "nowhere:Model"}}
    app = create_app(Settings(web=web, demarches=demarches))
    answer = ask(app, "/readyz")
    assert answer.status_code == 503
    assert "configuration: a model cannot be loaded" in answer.json()["detail"]
    app.state.service.close()


def receive_nothing():
    return asyncio.get_running_loop().create_future()


async def leave():
    return {"type": "http.disconnect"}


@pytest.mark.parametrize(("receive", "status"), [(receive_nothing, 408), (leave, 400)])
def test_a_body_that_does_not_come(monkeypatch, receive, status):
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.01)
    scope = {"type": "http", "headers": [(b"content-type", b"application/json")]}

    async def read():
        await read_json(Request(scope, receive), 100)

    with pytest.raises(ProblemError) as caught:
        asyncio.run(read())
    assert caught.value.status_code == status


def test_the_description_is_json_without_a_server(app):
    assert json.loads(ask(app, "/openapi.json").text)["openapi"].startswith("3.1")
