"""Connection: one list of a démarche, asked for page by page. Takes a size and a cursor, gives the list in
the direction of the walk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from gql import GraphQLRequest

from ds_bridge.api.answers import read_object
from ds_bridge.api.base import Raw
from ds_bridge.api.pages import Hole
from ds_bridge.api.queries import load
from ds_bridge.api.routes import EVERY_DOSSIER, Route
from ds_bridge.errors import BadDataError, RetriableError


class Put(Protocol):
    """Sends a request to the platform, again when that may help, and gives its data."""

    def __call__(
        self,
        request: GraphQLRequest,
        *,
        attempts: int | None = None,
        hopeless: tuple[type[RetriableError], ...] = (),
    ) -> Raw: ...


@dataclass(frozen=True, slots=True)
class Connection:
    """The list `field` of a démarche, or of a groupe instructeur when the route names one. An `Ask`.

    Nodes that the platform says it cannot give come as `Hole`s among the others.
    """

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
        try:
            answer = self.put(load(name).bind(variables), attempts=attempts, hopeless=hopeless)
        except BadDataError as error:
            return self.route.turn(_keep_the_rest(error, parent, self.field))
        return self.route.turn(read_object(answer, parent).get(self.field))


def _keep_the_rest(error: BadDataError, parent: str, field: str) -> Any:
    """The connection with a `Hole` for each node that is null. Raises the error when it concerns more than
    some of the nodes."""
    reasons: dict[int, str] = {}
    for path, message in error.paths:
        match path:
            case (first, second, "nodes", int(place), *rest) if (first, second) == (parent, field):
                where = ".".join(str(step) for step in rest if isinstance(step, str))
                reasons.setdefault(place, f"BadDataError: {message} ({where or 'the dossier'})")
            case _:
                raise error
    try:
        connection = dict((error.data or {})[parent][field])
        nodes = list(connection["nodes"])
        for place, reason in reasons.items():
            nodes[place] = Hole(reason)
    except (KeyError, TypeError, IndexError):
        raise error from None
    return {**connection, "nodes": nodes}
