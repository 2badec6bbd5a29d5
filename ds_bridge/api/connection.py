"""Connection: one list of a démarche, asked for page by page. Takes a size and a cursor, gives the list as it
came, turned the way the walk goes.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from ds_bridge.api.answers import read_object
from ds_bridge.api.base import Raw, as_it_came
from ds_bridge.api.foresight import Foresight, Question
from ds_bridge.api.pages import read_page
from ds_bridge.api.queries import BoundQuery, load
from ds_bridge.api.routes import EVERY_DOSSIER, Route
from ds_bridge.api.transport import Reply
from ds_bridge.errors import DsBridgeError, RetriableError


class Put(Protocol):
    """Puts a request to the platform and gives its data; each try has its reply from `obtain`."""

    def __call__(
        self,
        request: BoundQuery,
        *,
        obtain: Callable[[BoundQuery], Reply] | None = None,
        attempts: int | None = None,
        hopeless: tuple[type[RetriableError], ...] = (),
    ) -> Raw: ...


@dataclass(frozen=True, slots=True)
class Connection:
    """The list `field` of a démarche, or of a groupe instructeur where the route is of one. An `Ask`.

    With `foresight`, pages of `foreseen` dossiers are asked for while the one before is still coming.
    """

    put: Put
    query: str
    field: str
    demarche: int
    variables: Raw
    route: Route = EVERY_DOSSIER
    foresight: Foresight | None = None
    foreseen: int = 0

    def __call__(
        self,
        first: int,
        after: str | None,
        *,
        attempts: int | None = None,
        hopeless: tuple[type[RetriableError], ...] = (),
    ) -> Any:
        question, foresight = self._question(first, after), self.foresight
        obtain = None if foresight is None else lambda _: foresight.ask(question)
        answer = self.put(question.request, obtain=obtain, attempts=attempts, hopeless=hopeless)
        parent = "demarche" if self.route.groupe is None else "groupeInstructeur"
        return self.route.turn(read_object(answer, parent).get(self.field))

    def _question(self, first: int, after: str | None) -> Question:
        name, number = self.query, self.demarche
        if self.route.groupe is not None:
            name, number = f"groupe_{name}", self.route.groupe
        variables = {"number": number, **self.route.bind(first, after), **self.variables}

        def foresee(info: Any) -> Question | None:
            # Another size than the walk's own: a page failed, and which comes next is not known yet.
            if first != self.foreseen:
                return None
            with suppress(DsBridgeError):  # told by who reads the whole page
                page = read_page(self.route.turn({"pageInfo": info, "nodes": []}), after, as_it_came)
                return self._question(first, page.cursor) if page.has_next else None
            return None

        return Question(load(name).bind(variables), foresee)
