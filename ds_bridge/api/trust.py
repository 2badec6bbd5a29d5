"""Trust: the certificates by which a client knows the platform. An address in, a TLS context out."""

from __future__ import annotations

import ssl

import httpx

from ds_bridge.errors import ConfigurationError


def choose_trust(origin: str) -> ssl.SSLContext:
    """The certificates to trust at `origin`; none without TLS, as for a sandbox. See `read_trust`."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if origin.startswith("http://") else read_trust()


def read_trust() -> ssl.SSLContext:
    """The certificates of certifi, or those that the environment names. Takes forty milliseconds.

    Raises ConfigurationError when the environment names a file that cannot be read.
    """
    try:
        return httpx.create_ssl_context()
    except OSError as error:  # ssl.SSLError is one
        raise ConfigurationError(
            f"SSL_CERT_FILE, or SSL_CERT_DIR: no certificates can be read: {error.strerror or error}"
        ) from None
