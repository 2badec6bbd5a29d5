"""Typed ids and numbers, in one place: `Champ-3566491` or `Champ-3566491|<row>` ⇄ base64.

The platform encodes ids as graphql-ruby does: base64 of `<type>-<id>`. The id of a champ has its stable
number there, and `|<row id>` behind it inside a repeatable block. A pasted id may lack its padding.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

LARGEST_DEMARCHE = 2**31 - 1
"""The largest number of a démarche: GraphQL's Int holds no larger one."""

_CHAMP = re.compile(r"^Champ-(?P<stable>\d+)(?:\|(?P<row>.+))?$")


class MalformedIdError(ValueError):
    """Text that is not a typed champ id."""


@dataclass(frozen=True, slots=True)
class ChampId:
    """A champ's stable number, and the row it stands in when it belongs to a block."""

    stable: int
    row: str | None = None

    @classmethod
    def parse(cls, text: str) -> ChampId:
        """Read a typed id (`Q2hhbXAtMzU2NjQ5MQ`, padded or not) or a plain stable number (`3566491`).

        Raises MalformedIdError when the text is neither.
        """
        if text.isascii() and text.isdigit():
            return cls(int(text))
        try:
            padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
            decoded = base64.b64decode(padded, validate=True).decode("utf-8")
        except (binascii.Error, ValueError) as error:
            raise MalformedIdError(f"{text!r} is not a champ id (base64 of Champ-<number>)") from error
        match = _CHAMP.match(decoded)
        if match is None:
            raise MalformedIdError(f"{text!r} is not a champ id (base64 of Champ-<number>)")
        return cls(int(match["stable"]), match["row"])

    def encode(self) -> str:
        """The typed id as the platform writes it in GraphQL, padding included."""
        plain = f"Champ-{self.stable}" + (f"|{self.row}" if self.row else "")
        return base64.b64encode(plain.encode()).decode("ascii")

    def encode_for_link(self) -> str:
        """The typed id without `=` padding: the form the platform's own prefill links use."""
        return self.encode().rstrip("=")


def encode_typed_id(kind: str, number: int) -> str:
    """`("Dossier", 12)` → `RG9zc2llci0xMg==`."""
    return base64.b64encode(f"{kind}-{number}".encode()).decode("ascii")


def read_typed_number(kind: str, text: str) -> int:
    """`("Traitement", "VHJhaXRlbWVudC0xMg==")` → 12. Raises MalformedIdError for an id of another kind."""
    match = _NUMBERED.match(_decode_loosely(text.rstrip("=")))
    if match is None or match["kind"] != kind:
        raise MalformedIdError(f"{text!r} is not the id of a {kind}")
    return int(match["number"])


_NUMBERED = re.compile(r"^(?P<kind>[A-Z][A-Za-z]+)-(?P<number>\d+)$")
_TYPED = re.compile(r"^(?P<kind>[A-Z][A-Za-z]+)-\d+(?:\|.+)?$")


def read_reference(text: str) -> ChampId | str:
    """Read the text that names a champ: a typed id, a stable number, or else a label, which is kept as it is.

    Raises MalformedIdError for a text that looks like an id and is no champ's: cut, mistyped, another type.
    """
    try:
        return ChampId.parse(text)
    except MalformedIdError:
        if text.startswith("Q2hhbXA") or _TYPED.match(_decode_loosely(text)):
            raise
        return text


def read_demarche(text: str) -> int | None:
    """The number of a démarche; None for a text that is none.

    >>> read_demarche("82349"), read_demarche("0"), read_demarche("cra")
    (82349, None, None)
    """
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
    return number if 0 < number <= LARGEST_DEMARCHE else None


def _decode_loosely(text: str) -> str:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
