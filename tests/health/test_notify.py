"""Notify: what a monitor hears, and that its being down, slow or broken changes nothing but a line."""

from __future__ import annotations

import json
import sys

import pytest
from pydantic import SecretStr, ValidationError

from ds_bridge.config import NotifySettings
from ds_bridge.health import notify
from ds_bridge.health.doctor.notices import TRIAL, check_notices
from ds_bridge.health.notify import Ending, Notifier
from tests.health.monitor import Monitor, find_closed, open_monitor

END = Ending("sync", 4, ["cra: FAILED", "structures: complete, é"], [{"name": "cra", "outcome": "failed"}])


@pytest.fixture
def monitor():
    with open_monitor() as monitor:
        yield monitor


def tell(monitor_url: str, **settings: str) -> tuple[list[str], list[float]]:
    """What is said on stderr, and how long was waited, of a start and an end."""
    said: list[str] = []
    waits: list[float] = []
    told = settings or {
        "ping_url": f"{monitor_url}/ping/s3cret",
        "webhook_url": f"{monitor_url}/hook/s3cret?a=b",
    }
    notifier = Notifier(NotifySettings.model_validate(told), said.append, sleep=waits.append)
    notifier.tell_start()
    notifier.tell_end(END)
    return said, waits


def test_what_a_monitor_is_told(monitor: Monitor) -> None:
    assert tell(monitor.url) == ([], [])
    assert monitor.told[0] == ("/ping/s3cret/start", "text/plain; charset=utf-8", "")
    assert monitor.told[1] == (
        "/ping/s3cret/4", "text/plain; charset=utf-8", "cra: FAILED\nstructures: complete, é",
    )  # fmt: skip
    path, kind, body = monitor.told[2]
    assert (path, kind) == ("/hook/s3cret?a=b", "application/json")
    assert json.loads(body) == {
        "command": "sync",
        "exit_code": 4,
        "lines": ["cra: FAILED", "structures: complete, é"],
        "summaries": [{"name": "cra", "outcome": "failed"}],
    }


def test_an_address_with_a_question_keeps_it(monitor: Monitor) -> None:
    tell(monitor.url, ping_url=f"{monitor.url}/ping/s/?create=1")
    assert monitor.paths == ["/ping/s/start?create=1", "/ping/s/4?create=1"]


def test_nobody_to_tell_loads_no_client() -> None:
    said: list[str] = []
    before = "httpx" in sys.modules
    Notifier(NotifySettings(), said.append).tell_end(END)
    assert (said, "httpx" in sys.modules) == ([], before)


@pytest.mark.parametrize(("status", "tries"), [(500, 3), (503, 3), (429, 3), (404, 1), (301, 1)])
def test_one_that_refuses_is_told_in_a_line(monitor: Monitor, status: int, tries: int) -> None:
    monitor.status = status
    said, waits = tell(monitor.url)
    many = " (tried 3 times)" if tries == 3 else ""
    assert said == [
        f"notify.ping_url: 127.0.0.1 answers {status}{many}: nobody was told there",
        f"notify.ping_url: 127.0.0.1 answers {status}{many}: nobody was told there",
        f"notify.webhook_url: 127.0.0.1 answers {status}{many}: nobody was told there",
    ]
    assert len(monitor.told) == 3 * tries
    assert waits == ([1.0, 2.0] * 3 if tries == 3 else [])


def test_one_that_is_down(monitor: Monitor) -> None:
    said, _ = tell(find_closed())
    assert (
        said[0]
        == "notify.ping_url: 127.0.0.1 does not answer (ConnectError) (tried 3 times): nobody was told there"
    )
    assert len(said) == 3


def test_one_that_is_slow(monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "TIMEOUT_SECONDS", 0.05)
    monitor.status = None
    said, _ = tell(monitor.url, webhook_url=f"{monitor.url}/s3cret")
    assert said == [
        "notify.webhook_url: 127.0.0.1 does not answer (ReadTimeout) (tried 3 times): nobody was told there"
    ]


def test_certificates_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    said, _ = tell("", webhook_url="https://monitor.example/s3cret")
    assert len(said) == 1
    assert said[0].startswith("notify.webhook_url: SSL_CERT_FILE")


@pytest.mark.parametrize(
    "address",
    ["", "hc-ping.com/s3cret", "ftp://x/s3cret", "https://", "https://x:nan/s3cret", "https://x/#s3cret"],
)
def test_what_is_no_address_is_refused_without_saying_it(address: str) -> None:
    with pytest.raises(ValidationError) as caught:
        NotifySettings.model_validate({"ping_url": address})
    message = str(caught.value)
    assert "not an address: https://host/path, as the monitor's page shows it" in message
    assert "s3cret" not in message


def test_an_address_is_never_shown() -> None:
    settings = NotifySettings(ping_url=SecretStr("https://x/s3cret"))
    assert "s3cret" not in repr(settings)


def test_the_doctor_tries_both_and_changes_no_check(monitor: Monitor) -> None:
    settings = NotifySettings.model_validate(
        {"ping_url": f"{monitor.url}/ping", "webhook_url": f"{monitor.url}/hook"}
    )
    assert [(each.verdict, each.found) for each in check_notices(settings)] == [
        ("ok", "notify.ping_url accepts notices"),
        ("ok", "notify.webhook_url accepts notices"),
    ]
    assert monitor.told[0][0::2] == ("/ping/log", TRIAL)
    assert json.loads(monitor.told[1][2])["lines"] == [TRIAL]
    monitor.status = 404
    assert [(each.verdict, each.found) for each in check_notices(settings)] == [
        ("warning", "notify.ping_url: 127.0.0.1 answers 404"),
        ("warning", "notify.webhook_url: 127.0.0.1 answers 404"),
    ]
    assert list(check_notices(NotifySettings())) == []
