"""Pseudonyms: a word in place of the person who filed a dossier, always the same for the same person.

    p-k3v7qhd2m5xwnatb        "p-" and 80 bits of HMAC-SHA256, in base 32

The word is made with the configuration's key from the person's number in the pilotage, if the model declares
it; else from the e-mail address that was typed; else from the address of the account that filed. The démarche
plays no part: with one key, dumps of all démarches and of all days can be joined.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from typing import Any

PATTERN = "^p-[a-z2-7]{16}$"
_BYTES = 10
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class Pseudonyms:
    """Makes pseudonyms with one key, which it never shows."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "<Pseudonyms>"

    def make(self, identifier: Any, *emails: Any) -> str | None:
        """The pseudonym of the first usable value of these; None when no value is usable."""
        number = normalise_identifier(identifier)
        if number is not None:
            return self._hash(f"id:{number}")
        known = (normalise_email(email) for email in emails)
        email = next((email for email in known if email is not None), None)
        return None if email is None else self._hash(f"email:{email}")

    def _hash(self, identity: str) -> str:
        digest = hmac.new(self._key, identity.encode("utf-8", "replace"), hashlib.sha256).digest()
        return "p-" + base64.b32encode(digest[:_BYTES]).decode().lower()


def normalise_identifier(value: Any) -> str | None:
    """A number as digits without leading zeros; other text without case. None when it names nobody."""
    if isinstance(value, bool) or value is None:
        return None
    text = unicodedata.normalize("NFKC", str(value)).strip().casefold()
    if re.fullmatch(r"-?[0-9]+", text):
        return str(int(text)) if int(text) > 0 else None
    return text or None


def normalise_email(value: Any) -> str | None:
    """The address without case or spaces around it; None for a text that is no address."""
    if not isinstance(value, str):
        return None
    text = unicodedata.normalize("NFKC", value).strip().casefold()
    return text if _EMAIL.fullmatch(text) else None
