"""`Node`: what resolvers give. A dict of one object's fields, JSON-ready, with `__typename`.

A value may be a function of (info, **arguments): it is called only when the field is asked for.
Dates are written here once, in the platform's way.
"""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


class Node(dict[str, Any]):
    """The fields of one object. The executor reads leaves directly from it."""

    __slots__ = ()


class LazyNode(Node):
    """A node whose leaves may also be functions: the executor does not use its short cut."""

    __slots__ = ()


def write_datetime(moment: dt.datetime) -> str:
    """`2024-05-30T10:15:00+02:00`: whole seconds, with the offset of Paris. Parts of a second are dropped."""
    return moment.astimezone(PARIS).isoformat(timespec="seconds")


def write_optional(moment: dt.datetime | None) -> str | None:
    return None if moment is None else write_datetime(moment)


def typed_id(kind: str, key: object) -> str:
    """A global id: base64 of `<kind>-<key>`."""
    return base64.b64encode(f"{kind}-{key}".encode()).decode("ascii")


def split_typed_id(text: str) -> tuple[str, str]:
    """`RG9zc2llci0xMg` → `("Dossier", "12")`; two empty texts for any other text. Padding is optional."""
    bare = text.rstrip("=")
    try:
        decoded = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode("utf-8")
    except ValueError:
        return "", ""
    kind, _, key = decoded.partition("-")
    return kind, key


def read_typed_id(text: str) -> str | None:
    """The key inside a global id; None for any other text."""
    return split_typed_id(text)[1] or None
