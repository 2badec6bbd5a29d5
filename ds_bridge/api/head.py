"""Head: the few values that every dossier must have, whatever else is wrong. A node in, a record out."""

from __future__ import annotations

import datetime as dt
from typing import Self

from pydantic import ValidationError

from ds_bridge.api.base import Raw, Record
from ds_bridge.errors import BadDataError


class Head(Record):
    """A dossier without these values cannot be kept. `state` may be one that this version does not know."""

    number: int
    state: str
    archived: bool = False
    date_depot: dt.datetime
    date_derniere_modification: dt.datetime

    @classmethod
    def of(cls, node: Raw) -> Self:
        """The head of a node. Raises BadDataError when the node has none."""
        try:
            return cls.model_validate(node)
        except ValidationError:
            raise BadDataError("a dossier came without a readable number, state or dates") from None
