"""A token goes only where it belongs: over TLS, or to this machine."""

import pytest

from ds_bridge.config import ApiSettings
from ds_bridge.errors import ConfigurationError


@pytest.mark.parametrize(
    "url",
    [
        "http://platform.example",
        "http://192.0.2.7:3000",
        "http://128.0.0.1",
        "http://[::2]",
        "http://localhost.example",
    ],
)
def test_a_token_is_not_sent_in_clear_to_another_machine(url):
    settings = ApiSettings(url=url, token="s3cr3t-token")
    with pytest.raises(ConfigurationError, match="carries it in clear; write https://") as raised:
        settings.read_token()
    assert "s3cr3t" not in str(raised.value)
    allowed = settings.model_copy(update={"allow_insecure": True})
    assert allowed.read_token() == "s3cr3t-token"


@pytest.mark.parametrize(
    "url",
    [
        "https://platform.example",
        "http://127.0.0.1:3000",
        "http://127.8.8.8",
        "http://localhost:3000",
        "http://[::1]:3000",
    ],
)
def test_it_is_sent_over_tls_and_to_this_machine(url):
    assert ApiSettings(url=url, token="s3cr3t-token").read_token() == "s3cr3t-token"
