"""Settings: everything that a configuration can say, by section, and the values that each setting takes."""

from __future__ import annotations

import datetime as dt
import difflib
import ipaddress
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    field_validator,
)

from ds_bridge.errors import ConfigurationError, TokenMissingError
from ds_bridge.ids import LARGEST_DEMARCHE, MalformedIdError, read_reference

PSEUDONYM_KEY_LENGTH = 16


Option: TypeAlias = Literal[
    "annotations",
    "avis",
    "corrections",
    "files",
    "groupe_instructeur",
    "instructeurs",
    "labels",
    "messages",
    "traitements",
]
"""The parts that can be asked of a dossier beside its champs (`api.options`)."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ApiSettings(_Section):
    """The platform and how we may ask it. The platform itself cuts a `page_size` above 100 down."""

    url: Annotated[str, Field(pattern=r"^https?://[^/\s]+/?$")] = "https://demarche.numerique.gouv.fr"
    token: SecretStr | None = None
    token_file: Path | None = None
    timeout_seconds: PositiveFloat = 60
    page_size: Annotated[int, Field(ge=1, le=100)] = 100
    requests_per_minute: Annotated[int, Field(ge=1, le=10_000)] = 300
    attempts: Annotated[int, Field(ge=1, le=20)] = 6
    allow_insecure: bool = False
    token_expires: dt.date | None = None

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            _ = parts.port
            (parts.hostname or "").encode("idna")
        except ValueError:
            raise ValueError("not an address: scheme, host and perhaps a port, https://host:port") from None
        if parts.username is not None or not parts.hostname:
            raise ValueError("scheme and host only: a user or password does not belong here")
        return url.rstrip("/")

    def read_token(self) -> str:
        """The token: the setting, or else the content of `token_file`.

        Raises TokenMissingError when there is none, ConfigurationError when it cannot be an HTTP header, or
        when it would travel in clear to another machine.
        """
        if not self.is_private and not self.allow_insecure:
            raise ConfigurationError(
                f"the token is not sent to {self.url}: http:// carries it in clear; write https:// in"
                " api.url, or api.allow_insecure = true where nobody can listen"
            )
        token = self.token.get_secret_value() if self.token else self._read_token_file()
        token = token.strip()
        if not token:
            raise TokenMissingError(
                "no API token: set DS_BRIDGE_API__TOKEN, or api.token_file or api.token in the configuration"
            )
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise ConfigurationError(
                "the API token holds a space or a character no token has: was it cut or quoted?"
            )
        return token

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read what goes to `url`: TLS hides it, or it stays on the machine."""
        parts = urlsplit(self.url)
        return parts.scheme == "https" or _is_this_machine(parts.hostname or "")

    def _read_token_file(self) -> str:
        if self.token_file is None:
            return ""
        try:
            return self.token_file.read_text(encoding="utf-8-sig")  # Windows' Notepad writes a mark first
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not text"
            raise ConfigurationError(
                f"api.token_file {str(self.token_file)!r} cannot be read: {reason}"
            ) from error


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class StoreSettings(_Section):
    """Where dossiers are kept: `sqlite:///path` or `postgresql+psycopg://…`."""

    url: Annotated[str, Field(repr=False)] = "sqlite:///ds-bridge.db"

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        """Read a database address in the spelling of other programs as the same server."""
        for other in ("postgres://", "postgresql://"):
            if url.startswith(other):
                url = f"postgresql+psycopg://{url.removeprefix(other)}"
        if not re.match(r"(sqlite:///|postgresql\+psycopg://).", url):
            raise ValueError("write sqlite:///path/to/file.db or postgresql://user:password@host/database")
        return url


class SyncSettings(_Section):
    """Where a run starts again, how often it sweeps, and how much a sweep may mark as vanished.

    The overlap for dossiers: a transaction that commits late appears behind a cursor already passed. The
    overlap for deletions: the platform may date one back to the day its usager hid the dossier. A sweep
    compares every number, date and revision; with `sweep_days` 0 it never comes by itself.
    """

    overlap_minutes: Annotated[int, Field(ge=0, le=1440)] = 10
    deletion_overlap_days: Annotated[int, Field(ge=0, le=365)] = 7
    vanish_limit_percent: Annotated[int, Field(ge=0, le=100)] = 20
    sweep_days: Annotated[int, Field(ge=0, le=365)] = 7


class PrefillSettings(_Section):
    """How links are built. Set `indexed_rows` off for an instance older than July 2026."""

    indexed_rows: bool = True
    form_cache_minutes: Annotated[int, Field(ge=0, le=43_200)] = 60


class WebKey(_Section):
    """Who may call the service: a name for the logs, the hash of a key, and its démarches (None: all)."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    hash: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$", repr=False)]
    demarches: tuple[str, ...] | None = None


class WebSettings(_Section):
    """The service. `allow_origins`: pages that may call it (CORS). `dossiers`: give stored ones."""

    keys: tuple[WebKey, ...] = ()
    allow_origins: tuple[Annotated[str, Field(pattern=r"^https?://[^/\s*]+$")], ...] = ()
    dossiers: bool = True
    requests_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 600
    max_body_bytes: Annotated[int, Field(ge=1024, le=16_777_216)] = 262_144
    max_connections: Annotated[int, Field(ge=8, le=100_000)] = 500
    head_seconds: Annotated[int, Field(ge=1, le=600)] = 10
    stop_seconds: Annotated[int, Field(ge=1, le=600)] = 20


class DumpSettings(_Section):
    """How a dump hides people: the pseudonyms' key, and champs kept or left out whatever their kind."""

    pseudonym_key: Annotated[SecretStr, Field(min_length=PSEUDONYM_KEY_LENGTH)] | None = None
    pseudonym_key_file: Path | None = None
    keep_champs: tuple[str | int, ...] = ()
    drop_champs: tuple[str | int, ...] = ()

    @field_validator("keep_champs", "drop_champs")
    @classmethod
    def _check_references(cls, champs: tuple[str | int, ...]) -> tuple[str | int, ...]:
        for reference in champs:
            try:
                known = read_reference(str(reference))
            except MalformedIdError as error:
                raise ValueError(str(error)) from error
            if isinstance(known, str):
                raise ValueError(f"{reference!r} is no champ id or stable number")  # noqa: TRY004 - pydantic's
        return champs

    def read_pseudonym_key(self) -> bytes:
        """The key: the setting, or else the content of `pseudonym_key_file`. Raises ConfigurationError."""
        if self.pseudonym_key:
            return self.pseudonym_key.get_secret_value().encode()
        if self.pseudonym_key_file is None:
            raise ConfigurationError(
                "no key for pseudonyms: set DS_BRIDGE_DUMP__PSEUDONYM_KEY, or dump.pseudonym_key_file in the"
                " configuration (openssl rand -hex 32 makes one; another key gives other pseudonyms)"
            )
        where = f"dump.pseudonym_key_file {str(self.pseudonym_key_file)!r}"
        try:
            key = self.pseudonym_key_file.read_bytes().strip()
        except OSError as error:
            raise ConfigurationError(f"{where} cannot be read: {error.strerror}") from error
        if len(key) < PSEUDONYM_KEY_LENGTH:
            raise ConfigurationError(f"{where}: a key has at least {PSEUDONYM_KEY_LENGTH} characters")
        return key


class FilesSettings(_Section):
    """What may be downloaded: hosts beside the instance's own, and limits of size."""

    hosts: tuple[Annotated[str, Field(pattern=r"^[a-z0-9.-]+(:\d{1,5})?$")], ...] = ()
    max_file_mib: PositiveInt = 250
    max_run_mib: PositiveInt = 20_000


class ActionSettings(_Section):
    """`wait_seconds`: a request without an answer has ended on the platform by then: read its effect."""

    wait_seconds: Annotated[float, Field(ge=0, le=3600)] = 45


class NotifySettings(_Section):
    """Who is told how a run ended. The addresses are secrets: whoever has one can send messages as us."""

    ping_url: SecretStr | None = None
    webhook_url: SecretStr | None = None

    @field_validator("ping_url", "webhook_url")
    @classmethod
    def _check_address(cls, url: SecretStr | None) -> SecretStr | None:
        try:
            parts = urlsplit("https://none" if url is None else url.get_secret_value())
            _ = parts.port
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
            raise ValueError("not an address: https://host/path, as the monitor's page shows it")
        return url


class DemarcheSettings(_Section):
    """One démarche. `path` is the current one in `/commencer/<path>`; `model` is `module:Class`.

    `person`, when no model says it: the champ that holds the person's number in the pilotage. It is a name of
    `champs` or of the model, a typed id, a stable number, or an exact label.
    `instructeur`: dossiers are changed in this person's name; an e-mail, an id or a number.

    `with` (here `include`, since `with` is Python's) lists what sync asks for beside champs: `api.options`.
    """

    number: Annotated[int, Field(gt=0, le=LARGEST_DEMARCHE)]
    path: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")] | None = None
    model: Annotated[str, Field(pattern=r"^[\w.]+:\w+$")] | None = None
    champs: dict[str, str] = {}
    person: str | None = None
    include: tuple[Option, ...] = Field(default=(), alias="with")
    instructeur: Annotated[str, Field(min_length=1)] | None = None

    @field_validator("instructeur", mode="before")
    @classmethod
    def _read_instructeur(cls, instructeur: object) -> object:
        """A number is an id of the platform too: TOML writes it without quotes."""
        whole = isinstance(instructeur, int) and not isinstance(instructeur, bool)
        return str(instructeur) if whole else instructeur

    @field_validator("champs")
    @classmethod
    def _check_references(cls, champs: dict[str, str]) -> dict[str, str]:
        for name, reference in champs.items():
            try:
                read_reference(reference)
            except MalformedIdError as error:
                raise ValueError(f"{name}: {error}") from error
        return champs

    @field_validator("person")
    @classmethod
    def _check_person(cls, person: str | None) -> str | None:
        if person is not None:
            try:
                read_reference(person)
            except MalformedIdError as error:
                raise ValueError(str(error)) from error
        return person


class Settings(_Section):
    """All settings of ds-bridge. Frozen; prints without the token.

    A program that makes one uses only its own values. `load_settings` reads the file and the environment.
    """

    api: ApiSettings = ApiSettings()
    store: StoreSettings = StoreSettings()
    sync: SyncSettings = SyncSettings()
    prefill: PrefillSettings = PrefillSettings()
    dump: DumpSettings = DumpSettings()
    files: FilesSettings = FilesSettings()
    web: WebSettings = WebSettings()
    actions: ActionSettings = ActionSettings()
    notify: NotifySettings = NotifySettings()
    demarches: dict[str, DemarcheSettings] = {}

    def demarche(self, name: str) -> DemarcheSettings:
        """The démarche of this name. Raises ConfigurationError naming the nearest known one."""
        try:
            return self.demarches[name]
        except KeyError:
            known = ", ".join(sorted(self.demarches)) or "none"
            near = suggest(name, self.demarches)
            raise ConfigurationError(
                f"no démarche named {name!r} in the configuration{near} (known: {known})"
            ) from None

    def list_twins(self, names: Iterable[str]) -> dict[int, list[str]]:
        """Which of these names are of one démarche, by its number.

        Dossiers are stored once, so each name's run would map them again its own way.
        """
        found: dict[int, list[str]] = {}
        for name in names:
            found.setdefault(self.demarche(name).number, []).append(name)
        return {number: same for number, same in sorted(found.items()) if len(same) > 1}


def suggest(word: str, known: Any) -> str:
    """`; did you mean 'X'?` for the known word nearest to `word`; empty when none is near."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
