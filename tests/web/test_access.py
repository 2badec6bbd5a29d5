"""Who may ask what, how often, and from which page."""

import json
import re
import subprocess
import sys
import time

import pytest

from ds_bridge.config import Settings, load_settings
from ds_bridge.errors import ConfigurationError
from ds_bridge.web.keys import Keyring, hash_key, make_key
from ds_bridge.web.rates import RateLimiter
from tests.cli.commands import run_command

FORM = "/v1/demarches/cra/form"


@pytest.mark.parametrize(
    ("authorization", "challenge"),
    [
        (None, 'Bearer realm="ds-bridge"'),
        ("Bearer", 'Bearer realm="ds-bridge", error="invalid_token"'),
        ("Bearer dsb_wrong", 'Bearer realm="ds-bridge", error="invalid_token"'),
        ("Basic ZGFzaGJvYXJkOng=", 'Bearer realm="ds-bridge", error="invalid_token"'),
        ("Bearer +/=~", 'Bearer realm="ds-bridge", error="invalid_token"'),
        ("{full}", 'Bearer realm="ds-bridge", error="invalid_token"'),
        ("Bearer {full}x", 'Bearer realm="ds-bridge", error="invalid_token"'),
        ("Bearer {full} {full}", 'Bearer realm="ds-bridge", error="invalid_token"'),
    ],
)
def test_without_a_known_key_nothing_is_read(service, keys, authorization, challenge):
    for method, path in (
        ("GET", FORM),
        ("POST", "/v1/demarches/cra/prefill"),
        ("GET", "/v1/demarches/x/form"),
    ):
        request = service.client.build_request(method, path, content=b"not even JSON")
        del request.headers["authorization"]
        if authorization is not None:
            request.headers["authorization"] = authorization.replace("{full}", keys.full)
        answer = service.client.send(request)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == challenge
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:problem-type:ds-bridge:key-required"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_in_any_case(service, keys, scheme):
    answer = service.client.get(FORM, headers={"Authorization": f"{scheme} {keys.full}"})
    assert answer.status_code == 200


def test_a_key_for_one_demarche_learns_nothing_of_others(service, keys):
    narrow = {"Authorization": f"Bearer {keys.narrow}"}
    assert service.client.get("/v1/demarches/tout/form", headers=narrow).status_code == 200
    for name in ("cra", "inconnue"):
        answer = service.client.get(f"/v1/demarches/{name}/form", headers=narrow)
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:problem-type:ds-bridge:key-not-enough"


@pytest.mark.parametrize("name", ["inconnue", "CRA", "cra%20", "..%2Fcra", "%00", "é" * 300])
def test_an_unknown_demarche(service, name):
    answer = service.client.get(f"/v1/demarches/{name}/form")
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:problem-type:ds-bridge:not-found"


def test_a_key_that_asks_too_often_waits_alone(start, platform, keys):
    service = start(platform.url, web="requests_per_minute = 2")
    assert [service.client.get(FORM).status_code for _ in range(3)] == [200, 200, 429]
    refused = service.client.get(FORM)
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["type"] == "urn:problem-type:ds-bridge:too-many-requests"
    narrow = {"Authorization": f"Bearer {keys.narrow}"}
    assert service.client.get("/v1/demarches/tout/form", headers=narrow).status_code == 200
    assert service.client.get("/healthz").status_code == 200


def test_a_key_has_its_requests_in_any_minute_and_no_more(monkeypatch):
    now = 1_000_000.0
    monkeypatch.setattr(time, "time", lambda: now)
    limiter = RateLimiter(60)
    assert [limiter.take("a") for _ in range(30)] == [0.0] * 30
    now += 20
    assert [limiter.take("a") for _ in range(30)] == [0.0] * 30
    assert limiter.take("a") == pytest.approx(40, abs=1)
    assert limiter.take("b") == 0.0
    now += 39
    assert limiter.take("a") == pytest.approx(1, abs=1)
    now += 2
    assert [limiter.take("a") for _ in range(31)][29:] == [0.0, pytest.approx(19, abs=1)]
    now += 3600
    assert [limiter.take("a") for _ in range(61)][-2:] == [0.0, pytest.approx(60, abs=1)]


def test_pages_of_the_list_may_call_and_no_other(start, platform, keys):
    service = start(platform.url, web='allow_origins = ["https://tableau.example"]')
    ours, other = {"Origin": "https://tableau.example"}, {"Origin": "https://ailleurs.example"}
    wanted = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    path = "/v1/demarches/cra/prefill"
    asked = service.client.options(path, headers=ours | wanted)
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == "https://tableau.example"
    assert "access-control-allow-credentials" not in asked.headers
    refused = service.client.options(path, headers=other | wanted)
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers
    for body, status in ((b"{}", 200), (b"{", 400)):
        headers = {"Content-Type": "application/json"}
        answer = service.client.post(path, content=body, headers=headers | ours)
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == "https://tableau.example"
        answer = service.client.post(path, content=body, headers=headers | other)
        assert "access-control-allow-origin" not in answer.headers


def test_no_page_may_call_when_none_is_named(service):
    answer = service.client.get(FORM, headers={"Origin": "https://tableau.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_a_new_key_opens_what_its_line_says(tmp_path):
    made = run_command("serve", "--new-key", "tableau")
    assert made.code == 0
    key, line = (text for text in made.out.splitlines() if not text.startswith("#"))
    assert re.fullmatch(r"dsb_[\w-]{43}", key)
    assert key not in line
    file = tmp_path / "ds-bridge.toml"
    file.write_text(f"[web]\nkeys = [{line}]\n[demarches.cra]\nnumber = 1\n", encoding="utf-8")
    settings = load_settings(file)
    keyring = Keyring.from_settings(settings)
    assert keyring.find(f"Bearer {key}").name == "tableau"
    assert keyring.find(f"Bearer {key[:-1]}") is None
    assert run_command("serve", "--new-key", "tableau").out != made.out
    assert settings.web.keys[0].hash not in repr(settings)


def test_names_that_are_none(tmp_path):
    refused = run_command("serve", "--new-key", 'a"b')
    assert (refused.code, refused.out) == (2, "")


def test_what_serve_refuses_to_start_with(tmp_path):
    def refuse(keys, more=""):
        file = tmp_path / "ds-bridge.toml"
        file.write_text(f"[web]\n{keys}\n{more}\n[demarches.cra]\nnumber = 1\n", encoding="utf-8")
        result = run_command("serve", "--config", str(file), "--port", "0")
        assert result.code == 2
        return result.err

    known = f'hash = "{hash_key("a")}"'
    assert "serve --new-key NAME" in refuse("")
    twice = f'keys = [{{name = "a", {known}}}, {{name = "b", {known}}}]'
    assert "'a' and 'b' are the same key" in refuse(twice)
    named = f'keys = [{{name = "a", {known}}}, {{name = "a", hash = "{hash_key("b")}"}}]'
    assert "two keys are named 'a'" in refuse(named)
    lost = f'keys = [{{name = "a", {known}, demarches = ["crb"]}}]'
    assert "no démarche named 'crb'" in refuse(lost)
    plain = refuse('keys = [{name = "a", hash = "dsb_a-key-in-clear"}]')
    assert "web.keys.0.hash" in plain
    assert "dsb_a-key-in-clear" not in plain
    assert "web.allow_origins" in refuse(f'keys = [{{name = "a", {known}}}]', 'allow_origins = ["*"]')


def test_nothing_to_serve_and_an_address_that_is_taken(tmp_path, service):
    _, line = make_key("a")
    file = tmp_path / "ds-bridge.toml"
    file.write_text(f"[web]\nkeys = [{line}]\n", encoding="utf-8")
    assert "no démarche" in run_command("serve", config=file).err
    file.write_text(f"[web]\nkeys = [{line}]\n[demarches.cra]\nnumber = 1\n", encoding="utf-8")
    taken = run_command("serve", "--port", str(service.address[1]), config=file)
    assert taken.code == 2
    assert "cannot listen on 127.0.0.1" in taken.err


def test_keys_may_come_from_the_environment(monkeypatch):
    key, _ = make_key("a")
    monkeypatch.setenv("DS_BRIDGE_WEB__KEYS", json.dumps([{"name": "a", "hash": hash_key(key)}]))
    monkeypatch.setenv("DS_BRIDGE_DEMARCHES__CRA__NUMBER", "1")
    assert Keyring.from_settings(load_settings()).find(f"Bearer {key}").name == "a"


def test_no_keys_at_all():
    with pytest.raises(ConfigurationError, match="no key may call"):
        Keyring.from_settings(Settings())


def test_serve_loads_nothing_heavy_to_say_what_it_takes():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ds_bridge", "serve", "--help"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert "--new-key" in done.stdout
    assert "fastapi" not in done.stderr
