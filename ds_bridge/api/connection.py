"""Connection: one list of a démarche, asked for page by page. Takes a size and a cursor, gives the list as it
came, turned the way the walk goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from gql import GraphQLRequest

from ds_bridge.api.answers import read_object
from ds_bridge.api.base import Raw
from ds_bridge.api.queries import load
from ds_bridge.api.routes import EVERY_DOSSIER, Route
from ds_bridge.errors import RetriableError


class Put(Protocol):
    """Puts a request to the platform, again where that is worth it, and gives its data."""

    def __call__(
        self,
        request: GraphQLRequest,
        *,
        attempts: int | None = None,
        hopeless: tuple[type[RetriableError], ...] = (),
    ) -> Raw: ...


@dataclass(frozen=True, slots=True)
class Connection:
    """The list `field` of a démarche, or of a groupe instructeur where the route is of one. An `Ask`."""

    put: Put
    query: str
    field: str
    demarche: int
    variables: Raw
    route: Route = EVERY_DOSSIER

    def __call__(
        self,
        first: int,
        after: str | None,
        *,
        attempts: int | None = None,
        hopeless: tuple[type[RetriableError], ...] = (),
    ) -> Any:
        name, number, parent = self.query, self.demarche, "demarche"
        if self.route.groupe is not None:
            name, number, parent = f"groupe_{name}", self.route.groupe, "groupeInstructeur"
        variables = {"number": number, **self.route.bind(first, after), **self.variables}
        answer = self.put(load(name).bind(variables), attempts=attempts, hopeless=hopeless)
        return self.route.turn(read_object(answer, parent).get(self.field))
