"""The PostgreSQL side of the store. Takes a URL, gives an engine with bounded waits. Hides the password."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError

from ds_bridge.errors import ConfigurationError, MissingExtraError
from ds_bridge.store.encoding import decode_json, encode_json

PREFIX = "postgresql+psycopg://"
# When a server does not answer any more (cable, firewall), the wait ends after about half a minute.
_PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "application_name": "ds-bridge",
}


def read_url(url: str) -> URL:
    """The parsed URL. Raises ConfigurationError, without the URL's text, when the URL cannot be right."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None or "@" in (parsed.host or "") or not parsed.database:
        raise ConfigurationError(
            "store.url: this is not postgresql+psycopg://user:password@host:port/database (percent-encode"
            " any @ : / ? # % in the user's name and password)"
        )
    return parsed


def describe(url: URL) -> str:
    """The server and the database, without user or password: what messages call the store."""
    host = url.host or url.query.get("host") or "local socket"
    port = f":{url.port}" if url.port else ""
    return f"store PostgreSQL {host}{port}/{url.database}"


def describe_dump(url: URL, file: Path) -> str:
    """The command line that backs this database up to a private file. Without the password."""
    parts = {"host": url.host, "port": url.port, "username": url.username, "dbname": url.database}
    options = " ".join(f"--{key}={shlex.quote(str(value))}" for key, value in parts.items() if value)
    return f"(umask 077 && pg_dump --format=custom --file={shlex.quote(str(file))} {options})"


def create_postgresql_engine(url: URL, *, read_only: bool = False) -> Engine:
    """An engine on the server, with transactions that may not write when `read_only`. Opens nothing yet.

    Raises MissingExtraError when psycopg is not installed.
    """
    try:
        import psycopg
    except ImportError as error:
        raise MissingExtraError("store.url: PostgreSQL", "postgres") from error
    del psycopg
    defaults: dict[str, Any] = {key: value for key, value in _PATIENCE.items() if key not in url.query}
    return create_engine(
        url,
        connect_args=defaults,
        execution_options={"postgresql_readonly": True} if read_only else {},
        pool_pre_ping=True,
        hide_parameters=True,
        json_serializer=lambda value: encode_json(value).decode(),
        json_deserializer=decode_json,
    )
