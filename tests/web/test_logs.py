"""What the service says about itself: one line a request, counts and times, and nothing of a person."""

import re

SECRETS = ["Zzzname", "zzzmail@example.org", "Zzzquery", "Zzzheader", "Zzzpath", "Zzzkey", "Zzzchamp"]


def test_one_line_a_request_and_nothing_of_a_person(start, platform):
    service = start(platform.url)
    path = "/v1/demarches/cra/prefill"
    body = {"identity": {"nom": SECRETS[0], "email": SECRETS[1]}, "champs": {SECRETS[6]: SECRETS[0]}}
    headers = {"X-Anything": SECRETS[3], "User-Agent": SECRETS[3], "Referer": SECRETS[3]}
    assert service.client.post(path, json=body, params={"q": SECRETS[2]}, headers=headers).status_code == 422
    body = {"identity": {"nom": SECRETS[0]}, "method": "draft"}
    assert service.client.post(path, json=body).status_code == 200
    assert service.client.get(f"/{SECRETS[4]}?x={SECRETS[2]}").status_code == 404
    wrong = {"Authorization": f"Bearer {SECRETS[5]}"}
    assert service.client.get(f"/v1/demarches/{SECRETS[4]}/form", headers=wrong).status_code == 401
    assert service.client.request(SECRETS[4].upper(), path).status_code == 405
    assert service.client.get("/healthz").status_code == 200
    metrics = service.client.get("/metrics").text
    service.stop()

    lines = [
        {key: event[key] for key in ("method", "route", "status", "key")}
        for event in service.events("request")
    ]
    template = "/v1/demarches/{name}/prefill"
    assert lines == [
        {"method": "POST", "route": template, "status": 422, "key": "dashboard"},
        {"method": "POST", "route": template, "status": 200, "key": "dashboard"},
        {"method": "GET", "route": "unmatched", "status": 404, "key": None},
        {"method": "GET", "route": "/v1/demarches/{name}/form", "status": 401, "key": None},
        {"method": "other", "route": "unmatched", "status": 405, "key": None},
    ]
    known = {"timestamp", "level", "event", "method", "route", "status", "key", "milliseconds"}
    assert all(set(event) == known for event in service.events("request"))
    assert all(0 < event["milliseconds"] < 20_000 for event in service.events("request"))
    said = "".join(service.lines) + metrics
    assert [secret for secret in SECRETS if secret.lower() in said.lower()] == []
    assert service.keys.full not in said
    assert "127.0.0.1" not in re.sub(r"http://127\.0\.0\.1:\d+", "", said)


def test_what_prometheus_reads(start, platform):
    service = start(platform.url)
    for body in ({}, {}, {"method": "draft"}, {"champs": {"x": 1}}):
        service.client.post("/v1/demarches/cra/prefill", json=body)
    text = service.client.get("/metrics").text
    template = "/v1/demarches/{name}/prefill"
    assert f'ds_bridge_web_requests_total{{method="POST",route="{template}",status="200"}} 3.0' in text
    assert f'ds_bridge_web_requests_total{{method="POST",route="{template}",status="422"}} 1.0' in text
    assert 'ds_bridge_web_prefills_total{demarche="cra",method="link"} 2.0' in text
    assert 'ds_bridge_web_prefills_total{demarche="cra",method="draft"} 1.0' in text
    assert f'ds_bridge_web_request_seconds_count{{route="{template}"}} 4.0' in text
    assert f'ds_bridge_web_request_seconds_bucket{{le="+Inf",route="{template}"}} 4.0' in text
