"""One GraphQL request as the resolvers see it: the token, the fragments, and what it asks for.

It also holds what a scripted fault does to its lists, and notes the dossiers that it showed: so a fault can
strike pages with a certain dossier.
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
    """The platform crashes on this query: the whole answer is a 500."""


@dataclass(slots=True)
class ListFault:
    """What a fault does to the lists of a request, or to the dossier that it asks for by number.

    `code`: `timeout` (with `partial`, the fields before the nodes are answered), `invalid_null` (the nodes of
    `dossiers`, or the first node, lack a required field), `stale_cursor` (the page after it is empty),
    `refused_cursor` (it is an error).
    """

    code: str
    partial: bool = True
    dossiers: frozenset[int] = frozenset()

    def break_node(self, node: dict[str, Any]) -> None:
        """Remove the required fields from a node."""
        node.update(dict.fromkeys(("id", "number", "state", "dateDerniereModification", "champs")))


class Race:
    """Two mutations at the same time: each waits for the other between its check and its write.

    A mutation that waits longer than `seconds` goes on alone.
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
    """An error with its code in `extensions`, where clients look for it."""
    extensions: dict[str, Any] | None = None if code is None else {"code": code}
    return GraphQLError(message, extensions=extensions)
