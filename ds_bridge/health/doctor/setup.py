"""Setup: checks the configuration's files and settings, before any request."""

from __future__ import annotations

import datetime as dt
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import make_url

from ds_bridge.config import ENVIRONMENT_PREFIX, Settings
from ds_bridge.errors import ConfigurationError, TokenMissingError
from ds_bridge.health.doctor.findings import CONFIGURATION, Finding, fail
from ds_bridge.health.token import describe_end
from ds_bridge.mapping import load_model

CHECK = "configuration"


def check_setup(settings: Settings, names: Sequence[str], file: Path | None) -> Iterator[Finding]:
    """Check the file, who can read its secrets, whether there is a token, and the models of these
    démarches."""
    where = f"read from {str(file)!r}" if file else "no file: settings come from the environment alone"
    yield Finding(CHECK, "ok", f"{where}; {len(settings.demarches)} démarches, {settings.api.url}")
    if not names:
        yield Finding(
            CHECK,
            "failure",
            "no démarche",
            "add a [demarches.NAME] table with its number",
            code=CONFIGURATION,
        )
    yield from _check_numbers(settings)
    yield from _check_address(settings)
    yield from check_secrets(settings, file)
    try:
        settings.api.read_token()
    except (ConfigurationError, TokenMissingError) as error:
        yield fail(CHECK, error)
    if end := describe_end(settings.api, dt.datetime.now(dt.UTC).date()):
        yield Finding("token", "warning", end)
    for name in names:
        path = settings.demarche(name).model
        try:
            if path is not None:
                load_model(path)
        except ConfigurationError as error:
            yield fail(CHECK, error, "put the module in the configuration's folder, or install it", name)


def check_secrets(settings: Settings, file: Path | None) -> Iterator[Finding]:
    """Check who may read the files that hold a token, a key or a password."""
    if file is not None and (secrets := _list_secrets(settings)):
        yield from _check_readers(file, f"the configuration, which holds {' and '.join(secrets)}")
    for secret, what in (
        (settings.api.token_file, "api.token_file"),
        (settings.dump.pseudonym_key_file, "dump.pseudonym_key_file"),
    ):
        if secret is not None and secret.is_file():
            yield from _check_readers(secret, what)


def _check_numbers(settings: Settings) -> Iterator[Finding]:
    for number, same in settings.list_twins(settings.demarches).items():
        yield Finding(
            CHECK,
            "failure",
            f"{' and '.join(same)} are one démarche, {number}: each run maps it again for its own name",
            "keep one name, or give the other a store of its own in another configuration",
            code=CONFIGURATION,
        )


def _check_address(settings: Settings) -> Iterator[Finding]:
    if not settings.api.is_private:
        yield Finding(
            CHECK,
            "warning",
            f"{settings.api.url} is not encrypted: the token and the dossiers travel in the clear",
            "write https:// in api.url",
        )


def _list_secrets(settings: Settings) -> list[str]:
    """The secrets that the file holds because the environment does not."""
    found = []
    if settings.api.token is not None and not _is_in_environment("API__TOKEN"):
        found.append("the token")
    if settings.dump.pseudonym_key is not None and not _is_in_environment("DUMP__PSEUDONYM_KEY"):
        found.append("the key of the pseudonyms")
    for address in ("ping_url", "webhook_url"):
        if getattr(settings.notify, address) is not None and not _is_in_environment(
            f"NOTIFY__{address.upper()}"
        ):
            found.append(f"notify.{address}")
    if not _is_in_environment("STORE__URL") and make_url(settings.store.url).password:
        found.append("the store's password")
    return found


def _is_in_environment(setting: str) -> bool:
    names = {name.upper() for name in os.environ}
    return ENVIRONMENT_PREFIX + setting in names


def _check_readers(file: Path, what: str) -> Iterator[Finding]:
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        yield Finding(
            CHECK,
            "warning",
            f"{what}, {str(file)!r}, is open to every user of this machine (mode {mode:04o})",
            f"chmod o-rwx {str(file)!r}; a token that others could read is better replaced",
        )
    else:
        yield Finding(CHECK, "ok", f"{what}, {str(file)!r}, is closed to others (mode {mode:04o})")
