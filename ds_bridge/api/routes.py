"""Routes: which dossiers of a démarche a walk goes through, and from which end.

`bind` takes a cursor and gives the variables of the next request. `turn` takes a connection and gives it in
the direction of the walk.

A backward walk is a forward walk in a mirror: each connection is turned around here, so that all the guards
of `pages` hold without a change. Its cursor is the start of a page, and the next page is older.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ds_bridge.api.base import Raw


@dataclass(frozen=True, slots=True)
class Route:
    """All dossiers by modification, the oldest first. To narrow or turn it: `backward`, `state`, `groupe`.

    `groupe` is the number of a groupe instructeur: its list can only be walked forward and in all states.
    """

    backward: bool = False
    state: str | None = None
    groupe: int | None = None

    def bind(self, size: int, cursor: str | None) -> Raw:
        """The variables that ask for the next `size` behind `cursor`, in the direction of the walk."""
        place = {"last": size, "before": cursor} if self.backward else {"first": size, "after": cursor}
        return place if self.state is None else place | {"state": self.state}

    def turn(self, connection: Any) -> Any:
        """The connection in the direction of the walk. Anything else is left as it is: `pages` refuses it."""
        if not self.backward or not isinstance(connection, dict):
            return connection
        info, nodes = connection.get("pageInfo"), connection.get("nodes")
        if not isinstance(info, dict) or not isinstance(nodes, list):
            return connection
        turned = {"hasNextPage": info.get("hasPreviousPage"), "endCursor": info.get("startCursor")}
        return {"pageInfo": turned, "nodes": nodes[::-1]}


EVERY_DOSSIER = Route()
