"""The service: its index, what changed, where a person stands; ETags, and lists of known names."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ds_bridge.config import load_settings
from ds_bridge.store import Store
from tests.store.samples import at, make_deletion, make_draft, make_entry
from tests.web.conftest import fill_store

CHANGES = "/v1/demarches/cra/dossiers"
CRA = 82349


def follow(client: Any, after: str | None = None, **more: Any) -> tuple[list[dict[str, Any]], str]:
    """All that there is now, page by page, and where to go on."""
    found: list[dict[str, Any]] = []
    while True:
        params = more | ({"after": after} if after else {})
        answer = client.get(CHANGES, params=params)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["dossiers"]
        after = page["next"]
        if not page["more"]:
            return found, after


def test_what_is_here_needs_no_key(service):
    answer = service.client.get("/", headers={"Authorization": ""})
    assert answer.status_code == 200
    assert answer.json() == {
        "service": "ds-bridge",
        "version": answer.json()["version"],
        "docs": "/docs",
        "openapi": "/openapi.json",
        "demarches": "/v1/demarches",
        "health": "/healthz",
        "ready": "/readyz",
        "metrics": "/metrics",
    }
    for path in answer.json().values():
        if path.startswith("/") and not path.startswith("/v1"):
            assert service.client.get(path).status_code == 200


def test_the_demarches_that_the_key_opens(service):
    demarches = service.client.get("/v1/demarches").json()["demarches"]
    assert [each["name"] for each in demarches] == list(
        load_settings(service.folder / "ds-bridge.toml").demarches
    )
    assert demarches[0] == {"name": "cra", "number": CRA, "links": True, "dossiers": True, "as_of": None}
    assert demarches[-1]["links"] is False
    narrow = {"Authorization": f"Bearer {service.keys.narrow}"}
    found = service.client.get("/v1/demarches", headers=narrow).json()["demarches"]
    assert [each["name"] for each in found] == ["tout"]
    assert service.client.get("/v1/demarches", headers={"Authorization": ""}).status_code == 401


def test_dossiers_and_tombstones_in_their_order(service):
    found, after = follow(service.client)
    assert [(each["number"], each["deleted"] and each["deleted"]["kind"]) for each in found] == [
        (7, None), (9, "deleted"), (8, "deleted"),
    ]  # fmt: skip
    assert found[0]["dossier"]["identite"]["nom"] == "NOËL \U0001f389"
    assert found[0]["modified_at"] == "2024-05-30T12:00:00+00:00"
    assert found[1]["deleted"] == {
        "kind": "deleted",
        "reason": "user_request",
        "at": "2024-05-30T14:00:00+00:00",
    }
    assert (found[1]["dossier"], found[2]["dossier"]) == (None, None), "what was deleted is not given"
    one_by_one, same = follow(service.client, limit=1)
    assert (one_by_one, same) == (found, after)
    assert follow(service.client, after) == ([], after)


def test_since_a_moment(service):
    found, _ = follow(service.client, modified_since="2024-05-30T15:30:00+02:00")
    assert [each["number"] for each in found] == [9]
    later, after = follow(service.client, modified_since="2025-01-01T00:00:00Z")
    assert (later, follow(service.client, after)) == ([], ([], after))


@pytest.mark.parametrize(
    ("params", "champ", "code"),
    [
        ({"after": "x"}, "after", "bad_cursor"),
        ({"after": "0123456789abcdef-1"}, "after", "unknown_cursor"),
        ({"limit": "0"}, "limit", "greater_than_equal"),
        ({"limit": "501"}, "limit", "less_than_equal"),
        ({"modified_since": "hier"}, "modified_since", "value_error"),
        ({"modified_since": "2024-05-30T10:00:00"}, "modified_since", "timezone_aware"),
    ],
)
def test_what_cannot_be_asked(service, params, champ, code):
    answer = service.client.get(CHANGES, params=params)
    assert answer.status_code == 422
    assert [(each["champ"], each["code"]) for each in answer.json()["problems"]] == [(champ, code)]


def test_a_cursor_ahead_of_its_store(service):
    _, after = follow(service.client)
    feed, _, place = after.partition("-")
    answer = service.client.get(CHANGES, params={"after": f"{feed}-{int(place) + 1}"})
    assert answer.json()["problems"][0]["code"] == "unknown_cursor"


def test_a_demarche_that_no_sync_has_seen(service):
    answer = service.client.get("/v1/demarches/tout/dossiers").json()
    assert answer == {"dossiers": [], "next": None, "more": False}


def test_nothing_is_lost_while_a_sync_writes(start, platform):
    """One program writes 60 pages, with tombstones and late dossiers; a dashboard elsewhere follows."""
    service = start(platform.url, web="requests_per_minute = 1000000")
    fill_store(service.folder)
    url = load_settings(service.folder / "ds-bridge.toml").store.url
    ended = threading.Event()

    def write() -> None:
        with Store.open(url) as store:
            for turn in range(60):
                numbers = [100 + turn, 100 + turn // 2, 500 - turn]
                # Later pages bring earlier dates too: a dossier set aside, another groupe's walk.
                entries = [
                    make_entry(each, modified_at=at(each % 7 - turn % 5), value=str(turn)) for each in numbers
                ]
                store.save_page(CRA, entries, None)
                if turn % 6 == 0:
                    store.save_deletions(CRA, "pending", [make_deletion(100 + turn, at(-turn))], None)
        ended.set()

    writer = threading.Thread(target=write)
    writer.start()
    held: dict[int, Any] = {}
    after = None
    while True:
        last = ended.is_set()
        found, after = follow(service.client, after, limit=7)
        for each in found:
            held[each["number"]] = (each["deleted"] and each["deleted"]["kind"]) or each["dossier"]
        if last:
            break
    writer.join()
    with Store.open(url) as store:
        truth = {each.number: each.document for each in store.dossiers(CRA)}
        truth |= {each.number: each.kind for each in store.deletions(CRA)}
    assert held == truth
    assert len(truth) > 100


def test_what_was_got_already_is_not_sent_again(service):
    demarche = "/v1/demarches/cra"
    paths = ["/", "/v1/demarches", CHANGES, f"{CHANGES}/7", f"{demarche}/form", f"{demarche}/people/1"]
    for path in paths:
        first = service.client.get(path)
        tag = first.headers["etag"]
        assert first.headers["cache-control"] in ("private, no-cache", "private, max-age=60")
        again = service.client.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"] == first.headers["cache-control"]
        assert service.client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
        assert service.client.get(path, headers={"If-None-Match": "*"}).status_code == 304


def test_where_a_person_is(start, platform):
    service = start(platform.url)
    fill_store(service.folder)
    url = load_settings(service.folder / "ds-bridge.toml").store.url
    with Store.open(url) as store:
        store.save_drafts(CRA, [make_draft(8000, identifiant=4211, state="claimed")])
    answer = service.client.get("/v1/demarches/cra/people/4211")
    assert answer.status_code == 200
    assert (answer.json()["next"], answer.json()["drafts"][0]["number"]) == ("opened, not deposited", 8000)
    assert "secret-8000" not in answer.text
    nobody = service.client.get("/v1/demarches/cra/people/1").json()
    assert (nobody["next"], nobody["dossiers"]) == ("nothing yet", [])
    for bad in ("0", "-1", "x", "9" * 19):
        refused = service.client.get(f"/v1/demarches/cra/people/{bad}")
        assert [each["champ"] for each in refused.json()["problems"]] == ["identifiant"]
    assert service.client.get("/v1/demarches/ailleurs/people/1").status_code == 404
    service.stop()
    routes = [event["route"] for event in service.events("request")]
    assert "/v1/demarches/{name}/people/{identifiant}" in routes
    assert not any("4211" in line for line in service.lines)


def test_a_service_that_gives_no_dossiers(start, platform):
    service = start(platform.url, web="dossiers = false")
    for path in (CHANGES, "/v1/demarches/cra/people/1"):
        assert service.client.get(path).status_code == 404
    assert service.client.get("/v1/demarches").json()["demarches"][0]["dossiers"] is False


def test_names_that_are_known_where_one_is_not(service):
    answer = service.client.post("/v1/demarches/cra/prefill", json={"champs": {"nmo": "NOËL"}})
    assert answer.status_code == 422
    assert {"nom", "email", "temps_total", "evenements", "evenements.nom"} <= set(answer.json()["known"])
    bad_value = service.client.post("/v1/demarches/cra/prefill", json={"champs": {"temps_total": "x"}})
    assert (bad_value.status_code, "known" in bad_value.json()) == (422, False)


def test_an_attribute_that_no_champ_takes(service):
    answer = service.client.post("/v1/demarches/tout/prefill", json={"identity": {"identifiant": 4211}})
    assert answer.status_code == 422
    (problem,) = answer.json()["problems"]
    assert (problem["champ"], problem["code"]) == ("identifiant", "unknown_champ")
    assert "set demarches.tout.champs.identifiant" in problem["message"]


def test_the_model_finds_the_address_that_nothing_configures(service):
    body = {"identity": {"nom": "NOËL", "email": "zoe@example.org"}}
    url = service.client.post("/v1/demarches/cra/prefill", json=body).json()["url"]
    assert "champ_Q2hhbXAtMzU2NjUyNA=zoe%40example.org" in url
