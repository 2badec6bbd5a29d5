"""HEAD: what GET answers, without its body."""

from __future__ import annotations

import pytest

from tests.web.process import Service


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json", "/docs", "/v1/demarches/cra/form", "/nowhere"])
def test_head_answers_as_get_does(service: Service, path: str) -> None:
    asked, told = service.client.get(path), service.client.head(path)
    assert told.status_code == asked.status_code
    assert told.content == b""
    for name in ("content-type", "content-length", "content-security-policy"):
        assert told.headers.get(name) == asked.headers.get(name)
