"""Kinds of champ: for each, how a value is read into what the platform accepts.

Takes a value and the form's `Field`, gives text or a list of texts.
"""

from __future__ import annotations

from collections.abc import Sequence

from ds_bridge.form import Field
from ds_bridge.prefill.refusals import RefusedValueError
from ds_bridge.prefill.values import ChampValue, write_scalar


def read_kind(field: Field, value: ChampValue, notes: list[str]) -> str | list[str] | None:
    """The value as a champ of this kind takes it. Raises RefusedValueError."""
    del field
    return write_unknown(value, notes)


def write_unknown(value: ChampValue, notes: list[str]) -> str | list[str] | None:
    """The value for a champ whose kind is not known: text, or a list of texts."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return write_scalar(value, notes)
    texts = [text for item in value if (text := write_scalar(item, notes)) is not None]
    if any(isinstance(item, Sequence) and not isinstance(item, str) for item in value):
        raise RefusedValueError("wrong_type", "a list inside a list cannot be prefilled")
    return texts or None
