"""Keys: tells who may call. The configuration keeps named hashes only; a key is shown once, when it is made.

A key is 32 random bytes: so a plain SHA-256 of it is safe and fast.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from ds_bridge.config import Settings, WebKey
from ds_bridge.errors import ConfigurationError

KEY_PREFIX = "dsb_"
"""By this prefix, programs that look for leaked secrets recognise a key."""

_KEY_BYTES = 32
_HASH_PREFIX = "sha256:"
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Key:
    """A known caller: its name for logs, and the démarches it opens (None: all)."""

    name: str
    demarches: frozenset[str] | None = None

    def opens(self, demarche: str) -> bool:
        """Whether the key may be used for this démarche."""
        return self.demarches is None or demarche in self.demarches


class Keyring:
    """Every known key."""

    def __init__(self, keys: Sequence[tuple[bytes, Key]]) -> None:
        self._keys = tuple(keys)

    @classmethod
    def from_settings(cls, settings: Settings) -> Keyring:
        """The keys of `[web] keys`.

        Raises ConfigurationError when there is none, when two share a name or a hash, and for a démarche
        that the configuration does not know.
        """
        if not settings.web.keys:
            raise ConfigurationError(
                "no key may call the service: run `ds-bridge serve --new-key NAME` and put the line that it "
                "prints into the configuration, under [web]"
            )
        for number, each in enumerate(settings.web.keys):
            _refuse_twin(each, settings.web.keys[:number])
            for demarche in each.demarches or ():
                settings.demarche(demarche)
        return cls([(_read_hash(each), Key(each.name, _read_scope(each))) for each in settings.web.keys])

    def find(self, authorization: str) -> Key | None:
        """The key in an `Authorization` header; None when it is not a known key.

        Every known hash is compared, each in constant time: so the duration tells nothing about keys.
        """
        scheme, _, token = authorization.strip().partition(" ")
        if scheme.lower() != "bearer":
            return None
        digest = hashlib.sha256(token.strip().encode("utf-8", "surrogateescape")).digest()
        found: Key | None = None
        for known, key in self._keys:
            if hmac.compare_digest(known, digest):
                found = key
        return found


def make_key(name: str) -> tuple[str, str]:
    """A new key, and its line for the configuration. Raises ConfigurationError for a bad name."""
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"{name!r} cannot name a key: letters, digits, _ . and -, 64 characters at most"
        )
    key = KEY_PREFIX + secrets.token_urlsafe(_KEY_BYTES)
    return key, f"{{name = {json.dumps(name)}, hash = {json.dumps(hash_key(key))}}}"


def hash_key(key: str) -> str:
    """The hash as it stands in the configuration."""
    return _HASH_PREFIX + hashlib.sha256(key.encode()).hexdigest()


def _read_hash(key: WebKey) -> bytes:
    return bytes.fromhex(key.hash.removeprefix(_HASH_PREFIX))


def _read_scope(key: WebKey) -> frozenset[str] | None:
    return None if key.demarches is None else frozenset(key.demarches)


def _refuse_twin(key: WebKey, others: Sequence[WebKey]) -> None:
    for other in others:
        if key.name == other.name:
            raise ConfigurationError(f"web.keys: two keys are named {key.name!r}")
        if key.hash == other.hash:
            raise ConfigurationError(f"web.keys: {other.name!r} and {key.name!r} are the same key")
