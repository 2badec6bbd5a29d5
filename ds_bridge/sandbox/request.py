"""One GraphQL request as the resolvers see it: who asks, with which fragments, and what was asked for.

It also carries what a scripted fault does to the lists of this request, and notes which dossiers it showed,
so that a fault can wait for a page that holds one.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError

from ds_bridge.sandbox.demarche import Demarche
from ds_bridge.sandbox.dossiers import Token


class PlatformCrash(Exception):  # noqa: N818 - what happens, as the platform's own users name it
    """The platform stumbles over this query: the whole answer is a 500."""


@dataclass(slots=True)
class ListFault:
    """What happens to the lists of a request, or to the dossier it asks for by number.

    `code`: `timeout` (with `partial`, what the query asks before the nodes is answered), `invalid_null` (the
    nodes of `dossiers`, or the first one, lack what they must have), `stale_cursor` (the page after it is
    empty), `refused_cursor` (it is an error).
    """

    code: str
    partial: bool = True
    dossiers: frozenset[int] = frozenset()

    def break_node(self, node: dict[str, Any]) -> None:
        """Take out of a node what may not be null."""
        node.update(dict.fromkeys(("id", "number", "state", "dateDerniereModification", "champs")))


class Race:
    """Two mutations in flight at the same time: each waits for the other between its look and its write.

    Who waits longer than `seconds` goes on alone.
    """

    def __init__(self, seconds: float) -> None:
        self._barrier = threading.Barrier(2, timeout=seconds)

    def meet(self) -> None:
        with suppress(threading.BrokenBarrierError):
            self._barrier.wait()


@dataclass(slots=True)
class GraphQLRequest:
    """State of one execution. `numbers`: the dossiers shown; `full`: with their champs."""

    token: Token | None
    fragments: frozenset[str]
    origin: str
    untyped_fragment: bool = False
    list_fault: ListFault | None = None
    numbers: list[int] = field(default_factory=list)
    full: bool = False
    timed_out: bool = False
    race: Race | None = None

    def check_scope(self, demarche: Demarche, typename: str, *, public: bool = False) -> None:
        """Raise `unauthorized` when the token does not cover the démarche."""
        if not self.sees(demarche, public=public):
            raise refuse(f"An object of type {typename} was hidden due to permissions", "unauthorized")

    def sees(self, demarche: Demarche, *, public: bool = False) -> bool:
        """Whether the token covers the démarche; with `public`, also what everybody may see of it."""
        if public and demarche.form.is_public:
            return True
        token = self.token
        return token is not None and (token.demarches is None or demarche.form.number in token.demarches)


def refuse(message: str, code: str | None) -> GraphQLError:
    """An error with the code clients look for in `extensions`."""
    extensions: dict[str, Any] | None = None if code is None else {"code": code}
    return GraphQLError(message, extensions=extensions)
