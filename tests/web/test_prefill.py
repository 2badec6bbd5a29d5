"""`POST …/prefill` over HTTP: what was sent is what the platform reads."""

from urllib.parse import urlsplit

import pytest

from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.rack import parse_nested_query
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import Store
from ds_bridge.web.prefill import SHORT_BODY_BYTES
from tests.web.process import CRA_PATH

NAMES = [
    "NOËL",
    "d'Évry & Cie",
    'O"Brien "le grand"',
    "L’Haÿ-les-Roses, Val-de-Marne",
    "a=b&c[]=d#e%20+f",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 et e\u0301 et é",
    "עברית العربية",
    "  deux  espaces  ",
    "<script>alert(1)</script>",
    "'; DROP TABLE dossiers; --",
    "\\u00e9 \\n",
]


def prefill(service, name="cra", **body):
    return service.client.post(f"/v1/demarches/{name}/prefill", json=body)


def test_a_link_and_nothing_else(service, platform):
    answer = prefill(service, identity={"nom": "NOËL", "identifiant": 4211}, champs={"structure_nom": ""})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    url = (
        f"{platform.url}/commencer/{CRA_PATH}?identite_nom=NO%C3%8BL"
        "&champ_Q2hhbXAtMzU2NjQ5MQ=NO%C3%8BL&champ_Q2hhbXAtMzU2NjUyMw=4211"
    )
    assert answer.json() == {
        "url": url,
        "method": "link",
        "length": len(url),
        "omitted": ["structure_nom"],
        "warnings": [],
    }


@pytest.mark.parametrize("name", NAMES)
def test_names_arrive_unchanged(service, name):
    answer = prefill(service, identity={"nom": name, "structure_nom": name})
    assert answer.status_code == 200
    read = parse_nested_query(urlsplit(answer.json()["url"]).query)
    assert read["identite_nom"] == name
    assert read["champ_Q2hhbXAtMzU2NjQ5MQ"] == name
    assert read["champ_Q2hhbXAtMzU2NjUyMQ"] == name


def test_every_shape_of_value(service, platform):
    champs = {}
    for each in service.client.get("/v1/demarches/tout/form").json()["champs"]:
        champs.setdefault(each["kind"], each)
    block = champs["repetition"]
    inner = next(each for each in block["champs"] if each["kind"] == "text")
    multiple = champs["multiple_drop_down_list"]
    sent = {
        champs["text"]["id"]: "un texte",
        champs["integer_number"]["id"]: 12,
        champs["decimal_number"]["id"]: 1.10,
        champs["yes_no"]["id"]: True,
        champs["date"]["id"]: "2024-05-30",
        multiple["id"]: multiple["options"][:2],
        block["id"]: [{inner["id"]: "un"}, {}, {inner["id"]: "deux"}],
    }
    answer = prefill(service, "tout", champs=sent)
    assert answer.status_code == 200, answer.text
    read = parse_nested_query(urlsplit(answer.json()["url"]).query)
    expected = {
        champs["text"]["id"]: "un texte",
        champs["integer_number"]["id"]: "12",
        champs["decimal_number"]["id"]: "1.1",
        champs["yes_no"]["id"]: "true",
        champs["date"]["id"]: "2024-05-30",
        multiple["id"]: multiple["options"][:2],
    }
    assert {key: read[f"champ_{key}"] for key in expected} == expected
    key = f"champ_{inner['id']}"
    assert [row.get(key) for row in read[f"champ_{block['id']}"]] == ["un", "", "deux"]


def test_every_problem_at_once_and_no_value(service):
    answer = prefill(
        service,
        identity={"nom": "undefined", "email": "pas-une-adresse"},
        champs={"Q2hhbXAtMzU2NjUyMg": "un-secret", "inconnu": "un-secret"},
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "urn:problem-type:ds-bridge:invalid-values"
    assert problem["status"] == 422
    assert [(each["champ"], each["code"]) for each in problem["problems"]] == [
        ("identity.nom", "bad_identity"),
        ("identity.email", "bad_identity"),
        ("Q2hhbXAtMzU2NjUyMg", "bad_number"),
        ("inconnu", "unknown_champ"),
    ]
    assert "un-secret" not in answer.text
    assert "pas-une-adresse" not in answer.text


def test_a_shape_that_is_none_is_named(service):
    answer = prefill(service, identity={"nom": 3, "âge": 4}, champs={"a": [[1]], "b": {"c": {"d": 1}}})
    assert answer.status_code == 422
    assert {(each["champ"], each["code"]) for each in answer.json()["problems"]} == {
        ("identity.nom", "string_type"),
        ("identity.âge", "extra_forbidden"),
        ("a", "wrong_shape"),
        ("b", "wrong_shape"),
    }
    assert {"identity.email", "identity.identifiant"} < set(answer.json()["known"])
    answer = service.client.post("/v1/demarches/cra/prefill", json={"identite": {}})
    assert (answer.status_code, answer.json()["known"]) == (422, ["champs", "identity", "method"])


def test_a_draft_is_made_and_kept(service, platform):
    answer = prefill(service, identity={"nom": "NOËL", "identifiant": 4212}, method="draft")
    assert answer.status_code == 200
    made = answer.json()
    assert (made["method"], made["length"]) == ("draft", len(made["url"]))
    draft = next(each for each in platform.world.drafts.values() if each.token in made["url"])
    assert draft.identity.nom == "NOËL"
    with Store.open(f"sqlite:///{service.folder / 'store.db'}") as store:
        kept = [each for each in store.drafts(82349) if each.identifiant == 4212]
    assert [(each.token, each.state) for each in kept] == [(draft.token, "prefilled")]
    again = prefill(service, identity={"identifiant": 4212}, method="draft").json()
    assert any("another draft already" in warning for warning in again["warnings"])


@pytest.mark.parametrize("characters", [400, SHORT_BODY_BYTES])
def test_auto_takes_a_draft_when_the_link_would_be_too_long(service, characters):
    long = {"structure_nom": "é" * characters}
    made = prefill(service, champs=long).json()
    assert made["method"] == "draft"
    assert any("characters long" in warning for warning in made["warnings"])
    refused = prefill(service, champs=long, method="link")
    assert refused.status_code == 422
    (problem,) = refused.json()["problems"]
    assert (problem["champ"], problem["code"]) == ("method", "draft_needed")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("terminee", "is closed"),
        ("reservee", "not public"),
        ("deplacee", "redirects"),
        ("sans-adresse", "no path"),
    ],
)
def test_what_cannot_be_prefilled_is_said_before_a_link_is_given(service, name, words):
    answer = prefill(service, name, champs={})
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:problem-type:ds-bridge:not-prefillable"
    assert words in answer.json()["detail"]


def test_nobody_knows_whether_the_draft_was_made(start):
    with SandboxServer(dossiers=0, requests_per_minute=None) as server:
        service = start(server.url)
        server.faults.add(Fault(action="drop", operation="CreateDraft", times=1))
        answer = prefill(service, method="draft", identity={"nom": "NOËL"})
        assert answer.status_code == 504
        assert answer.json()["type"] == "urn:problem-type:ds-bridge:draft-outcome-unknown"
        assert len(server.world.drafts) == 1


def test_links_go_on_while_the_platform_is_away(start, nobody):
    service = start(nobody, api="attempts = 1")
    answer = prefill(service, identity={"nom": "NOËL"})
    assert answer.status_code == 200
    assert answer.json()["method"] == "link"
    assert any("nothing was checked" in warning for warning in answer.json()["warnings"])
    refused = prefill(service, method="draft")
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) >= 1
    assert service.client.get("/v1/demarches/cra/form").status_code == 503
