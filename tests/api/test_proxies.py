"""Proxies of the environment: an error names the variable that is wrong, or that hides the address."""

from __future__ import annotations

import pytest

from ds_bridge.api.http_client import open_http
from ds_bridge.api.proxies import name_proxy
from ds_bridge.api.public import PublicClient
from ds_bridge.config import ApiSettings
from ds_bridge.errors import ConfigurationError, NetworkError
from ds_bridge.health.doctor.reach import reach

NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("NO_PROXY", "fe11::/16", "NO_PROXY: not a list of hosts"),
        ("NO_PROXY", "[::1]", "NO_PROXY: not a list of hosts"),
        ("no_proxy", "localhost:abc", "no_proxy: not a list of hosts"),
        ("ALL_PROXY", "socks5://127.0.0.1:1", "ALL_PROXY: a SOCKS proxy needs the package socksio"),
        ("ALL_PROXY", "ftp://127.0.0.1", "ALL_PROXY: not the address of a proxy"),
        ("HTTP_PROXY", "http://127.0.0.1:notaport", "HTTP_PROXY: not the address of a proxy"),
    ],
)
def test_what_cannot_be_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        open_http("https://demarche.example", timeout_seconds=1)
    assert str(caught.value).startswith(words)
    assert caught.value.exit_code == 2


def test_one_that_does_not_answer_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://user:secret@127.0.0.1:9")
    api = ApiSettings(url="http://demarche.example", attempts=1, timeout_seconds=2)
    with PublicClient(api) as client, pytest.raises(NetworkError) as caught:
        client.form("a-form")
    assert "no answer from http://demarche.example through the proxy of HTTP_PROXY" in str(caught.value)
    assert "secret" not in str(caught.value)
    finding = reach(api).findings[0]
    assert "through the proxy of HTTP_PROXY" in finding.found


def test_where_none_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    assert name_proxy("https://demarche.example") == ""
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert name_proxy("https://demarche.example") == " through the proxy of ALL_PROXY"
    monkeypatch.setenv("NO_PROXY", "demarche.example")
    assert name_proxy("https://demarche.example") == ""
