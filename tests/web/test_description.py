"""The OpenAPI document, its page, and a program that holds the service to it."""

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ds_bridge.config import Settings
from ds_bridge.errors import ConfigurationError
from ds_bridge.web.app import create_app
from ds_bridge.web.problems import KINDS, MEDIA_TYPE
from tests.web.conftest import fill_store

ANY = {"401", "403", "404", "429", "500", "503"}
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CONFIG = """\
headers = {{ Authorization = "Bearer {key}" }}
[parameters]
"path.name" = "cra"
[checks.not_a_server_error]
expected-statuses = ["2xx", "4xx", "503"]  # more drafts than the platform takes in 15 s
"""


@pytest.fixture(scope="module")
def document(service):
    return service.client.get("/openapi.json").json()


def walk_operations(document):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield f"{method.upper()} {path}", operation


def test_every_answer_is_declared(document):
    declared = {name: set(operation["responses"]) for name, operation in walk_operations(document)}
    demarche = "/v1/demarches/{name}"
    assert declared == {
        f"POST {demarche}/prefill": {"200", "400", "408", "409", "413", "415", "422", "502", "504"} | ANY,
        f"GET {demarche}/form": {"200", "304", "409"} | ANY,
        "GET /v1/demarches": {"200", "304", "401", "429", "500"},
        f"GET {demarche}/dossiers": {"200", "304", "422"} | ANY,
        f"GET {demarche}/dossiers/{{number}}": {"200", "304", "410", "422"} | ANY,
        f"GET {demarche}/people/{{identifiant}}": {"200", "304", "422"} | ANY,
        "GET /": {"200", "304", "500"},
        f"GET {demarche}/report": {"200", "422"} | ANY,
        "GET /healthz": {"200", "500"},
        "GET /readyz": {"200", "500", "503"},
        "GET /metrics": {"200", "500"},
    }


def test_problems_have_a_shape_an_example_and_a_remedy(document):
    for name, operation in walk_operations(document):
        for status, answer in operation["responses"].items():
            if status in ("200", "304"):
                continue
            content = answer["content"][MEDIA_TYPE]
            assert content["schema"] == {"$ref": "#/components/schemas/ProblemDocument"}, name
            assert content["example"]["status"] == int(status)
            assert KINDS[int(status)].remedy in answer["description"]
    problem = document["components"]["schemas"]["ProblemDocument"]
    assert set(problem["required"]) == {"type", "title", "status", "detail"}


def test_what_needs_a_key_says_so(document):
    for name, operation in walk_operations(document):
        assert operation.get("security") == ([{"key": []}] if " /v1/" in name else None), name
        assert operation["summary"]
        assert len(operation["description"]) > 40
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def test_its_example_is_taken(document, service):
    body = document["components"]["schemas"]["PrefillBody"]["examples"][0]
    answer = service.client.post("/v1/demarches/cra/prefill", json=body)
    assert answer.status_code == 200
    assert answer.json()["method"] == "link"


def test_kinds_of_problem_are_told_apart():
    assert len({kind.name for kind in KINDS.values()}) == len(KINDS)


class _Links(HTMLParser):
    """What a page loads."""

    def __init__(self):
        super().__init__()
        self.loads = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.loads += [given[name] for name in ("src", "href") if name in given]


def test_the_page_and_all_that_it_loads_come_from_the_service(service):
    answer = service.client.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    page = _Links()
    page.feed(answer.text)
    assert "openapi.json" in page.loads
    assert "docs/swagger-ui-bundle.js" in page.loads
    for address in page.loads:
        loaded = service.client.get(f"/{address}")
        assert loaded.status_code == 200
        assert loaded.headers["content-type"].partition(";")[0] in {
            "text/javascript", "text/css", "image/png", "application/json",
        }  # fmt: skip
    assert "Swagger UI" in service.client.get("/docs/swagger-ui-bundle.js").text[:10_000_000]
    assert service.client.get("/docs/__init__.py").status_code == 404


def test_security_headers_on_every_kind_of_answer(service):
    for path in ("/healthz", "/nowhere", "/v1/demarches/cra/form", "/docs", "/openapi.json", "/metrics"):
        headers = service.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        expected = {"/docs": "no-cache", "/v1/demarches/cra/form": "private, max-age=60"}
        assert headers["cache-control"] == expected.get(path, "no-store")
        assert "server" not in headers


def test_an_application_without_keys_is_not_made():
    with pytest.raises(ConfigurationError, match="no démarche"):
        create_app(Settings())


@pytest.mark.skipif(not SCHEMATHESIS.exists(), reason="schemathesis is not installed")
def test_the_service_keeps_to_its_description(request, start, platform, tmp_path):
    examples = 100 if request.config.getoption("--long") else 10
    service = start(platform.url, web="requests_per_minute = 1000000")
    fill_store(service.folder)
    folder = tmp_path / "schemathesis"
    folder.mkdir()
    (folder / "schemathesis.toml").write_text(CONFIG.format(key=service.keys.full), encoding="utf-8")
    command = [
        str(SCHEMATHESIS), "run", f"{service.url}/openapi.json",
        "--max-examples", str(examples), "--generation-database", "none", "--no-color", "--warnings", "off",
        # Whether a value can be sent depends on the démarche's form, which no description knows.
        "--exclude-checks", "positive_data_acceptance",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert "11 selected / 11 total" in done.stdout
    assert [event for event in service.events("request failed") if "trace" in event] == []
