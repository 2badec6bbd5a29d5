"""Who a link is for: `Identity`, the person as the pilotage knows them. First step of the write side.

An empty value is left out. A value that is certainly wrong is refused: the error names the attribute only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, PrivateAttr, model_validator

from ds_bridge.errors import PrefillError
from ds_bridge.prefill.invisible import take_out
from ds_bridge.prefill.refusals import RefusedValueError
from ds_bridge.prefill.values import clean_text

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_GENRES = ("M.", "Mme")


class Identity(BaseModel):
    """A person and the structure that employs them. Every attribute is optional; blank means None.

    `identifiant` and `structure_identifiant` are the pilotage's own numbers, positive, given as int or
    digits. Building one raises PrefillError, never pydantic's ValidationError. Prints without its content.

    >>> Identity(nom="NOËL", prenom=" ", identifiant=4211).prenom is None
    True
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    nom: str | None = None
    prenom: str | None = None
    genre: Literal["M.", "Mme"] | None = None
    email: str | None = None
    identifiant: int | None = None
    structure_nom: str | None = None
    structure_identifiant: int | None = None

    _notes: tuple[str, ...] = PrivateAttr(())

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the caller: the characters that were removed from the values."""
        return self._notes

    @model_validator(mode="wrap")
    @classmethod
    def _clean(cls, given: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(given, Mapping):
            return handler(given)
        unknown = [str(name) for name in given if name not in _READERS]
        if unknown:
            known = ", ".join(_READERS)
            raise PrefillError(f"an identity has no attribute {', '.join(unknown)} (known: {known})")
        notes: list[str] = []
        identity = handler(
            {name: _READERS[name](_make_visible(value, name, notes), name) for name, value in given.items()}
        )
        if notes:
            identity._notes = tuple(notes)
        return identity

    def __repr__(self) -> str:
        return "<Identity>"

    __str__ = __repr__


def _make_visible(value: object, name: str, notes: list[str]) -> object:
    if not isinstance(value, str):
        return value
    text, note = take_out(value)
    if note:
        notes.append(f"{name}: {note}")
    return text


def _read_genre(value: object, name: str) -> str | None:
    text = _read_stripped(value, name)
    if text is not None and text not in _GENRES:
        raise PrefillError(f"{name}: the platform takes {' or '.join(_GENRES)}, nothing else")
    return text


def _read_email(value: object, name: str) -> str | None:
    text = _read_stripped(value, name)
    if text is not None and not _EMAIL.fullmatch(text):
        raise PrefillError(f"{name}: not an e-mail address")
    return text


def _read_number(value: object, name: str) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    else:
        text = _read_stripped(value, name)
        if text is None:
            return None
        # 18 digits: what the platform's own 64-bit integers hold, and int() stays quick
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise PrefillError(f"{name}: not a positive whole number written in digits")
        number = int(text)
    if not 0 < number < 2**63:
        raise PrefillError(f"{name}: not a positive whole number, or too large")
    return number


def _read_stripped(value: object, name: str) -> str | None:
    text = _read_text(value, name)
    return None if text is None else text.strip()


def _read_text(value: object, name: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise PrefillError(f"{name}: a {type(value).__name__} cannot be prefilled here; give text")
    try:
        return clean_text(str(value))
    except RefusedValueError as refusal:
        raise PrefillError(f"{name}: {refusal}") from None


_READERS = {
    "nom": _read_text,
    "prenom": _read_text,
    "genre": _read_genre,
    "email": _read_email,
    "identifiant": _read_number,
    "structure_nom": _read_text,
    "structure_identifiant": _read_number,
}
