"""Routes: which dossiers of a démarche a walk goes through, and from which end.

Takes a place, gives the variables that ask for what comes next; takes a connection, gives it as the walk
meets it.

A walk backward is a walk forward seen in a mirror: what it gets is turned around here, so that all the guards
of `pages` hold for it as they stand. Its cursor is the start of a page, and what comes next is older.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ds_bridge.api.base import Raw


@dataclass(frozen=True, slots=True)
class Route:
    """All dossiers by modification, the oldest first, unless told: `backward`, of one `state` or `groupe`.

    A groupe instructeur is its number. It is walked forward and in all states only.
    """

    backward: bool = False
    state: str | None = None
    groupe: int | None = None

    def bind(self, size: int, cursor: str | None) -> Raw:
        """The variables that ask for the next `size` behind `cursor`, in the direction of the walk."""
        place = {"last": size, "before": cursor} if self.backward else {"first": size, "after": cursor}
        return place if self.state is None else place | {"state": self.state}

    def turn(self, connection: Any) -> Any:
        """The connection as the walk meets it. What is no connection stays as it is: `pages` refuses it."""
        if not self.backward or not isinstance(connection, dict):
            return connection
        info, nodes = connection.get("pageInfo"), connection.get("nodes")
        if not isinstance(info, dict) or not isinstance(nodes, list):
            return connection
        turned = {"hasNextPage": info.get("hasPreviousPage"), "endCursor": info.get("startCursor")}
        return {"pageInfo": turned, "nodes": nodes[::-1]}


EVERY_DOSSIER = Route()
