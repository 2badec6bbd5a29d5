"""Trust: which certificates a client accepts, and the error for a variable that names a missing file."""

from __future__ import annotations

import ssl
from pathlib import Path

import certifi
import pytest

from ds_bridge.api.public import PublicClient
from ds_bridge.api.transport import PlatformTransport
from ds_bridge.api.trust import choose_trust, read_trust
from ds_bridge.config import ApiSettings
from ds_bridge.errors import ConfigurationError
from ds_bridge.sandbox.server import SandboxServer

PLATFORM = "https://demarche.numerique.gouv.fr"
CRA = 82349
PATH = "a1dac784-b6a0-4733-82c9-2c5c660797cf"


@pytest.fixture(autouse=True)
def no_names(monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)


def test_the_platform_is_known_by_the_certificates_of_certifi():
    trust = choose_trust(PLATFORM)
    assert trust.verify_mode == ssl.CERT_REQUIRED
    assert trust.check_hostname
    known = ssl.create_default_context(cafile=certifi.where())
    assert trust.get_ca_certs() == known.get_ca_certs() != []


def test_without_tls_nobody_is_trusted():
    trust = choose_trust("http://127.0.0.1:8000")
    assert trust.verify_mode == ssl.CERT_REQUIRED
    assert trust.get_ca_certs() == []


def test_the_environment_names_whom_to_trust(monkeypatch, tmp_path):
    first, end, _ = Path(certifi.where()).read_text(encoding="utf-8").partition("-----END CERTIFICATE-----\n")
    (tmp_path / "one.pem").write_text(first + end)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "one.pem"))
    assert len(choose_trust(PLATFORM).get_ca_certs()) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "No such file"), (b"junk", "NO_CERTIFICATE"), (b"\xff\x00", "NO_CERTIFICATE")],
)
def test_a_file_that_cannot_be_used_is_the_configuration_s_fault(monkeypatch, tmp_path, content, said):
    if content is not None:
        (tmp_path / "named.pem").write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "named.pem"))
    settings = ApiSettings(url=PLATFORM)
    makers = (
        read_trust,
        lambda: PublicClient(settings),
        lambda: PlatformTransport(PLATFORM, "token", timeout_seconds=1),
    )
    for make in makers:
        with pytest.raises(ConfigurationError, match=f"SSL_CERT_FILE.*{said}"):
            make()


def test_an_address_without_tls_has_no_use_for_the_environment(monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    with SandboxServer(dossiers=1) as server, PublicClient(ApiSettings(url=server.url)) as client:
        assert client.form(PATH).number == CRA
