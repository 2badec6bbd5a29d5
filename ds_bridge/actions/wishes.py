"""Wishes: one action on one dossier, as somebody wants it. The outbox keeps the same in another shape."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from ds_bridge.store import StoredAction


@dataclass(frozen=True, slots=True, repr=False)
class Wish:
    """What one row asks for. `arguments` are JSON: the filled columns. `piece` is path, filename and
    checksum.

    The key names the action for ever: the same key is never done twice.
    """

    key: str
    dossier: int
    action: str
    arguments: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"<Wish {self.action} {self.dossier}>"

    @property
    def fingerprint(self) -> str:
        """A digest of what is wanted. A file counts by its content, not by its path."""
        return fingerprint(self.dossier, self.action, self.arguments)

    def get(self, name: str) -> Any:
        """An argument, None when the row left it out."""
        return self.arguments.get(name)

    def to_stored(self, now: datetime) -> StoredAction:
        """The action for the outbox, in state `planned`."""
        return StoredAction(
            self.key, self.dossier, self.action, self.fingerprint, dict(self.arguments), created_at=now
        )

    @classmethod
    def of(cls, stored: StoredAction) -> Wish:
        """Made from an action of the outbox."""
        return cls(stored.key, stored.dossier, stored.action, stored.content or {})


def fingerprint(dossier: int, action: str, arguments: Mapping[str, Any]) -> str:
    """The digest of a wish. The order of its columns does not matter."""
    plain = dict(arguments)
    if isinstance(piece := plain.get("piece"), dict):
        plain["piece"] = {name: piece[name] for name in ("filename", "checksum")}
    content = orjson.dumps([dossier, action, plain], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()


def make_key(dossier: int, action: str, arguments: Mapping[str, Any]) -> str:
    """The key of a row without a key. It is made from the content, so that the same row is the same
    action."""
    return f"row-{fingerprint(dossier, action, arguments)[:32]}"
