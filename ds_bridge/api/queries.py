"""The GraphQL documents of `queries/`: a name in, one complete operation out (fragments included)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from gql import GraphQLRequest

_SPREAD = re.compile(r"\.\.\.\s*(?!on\b)(\w+)")
_FRAGMENT = re.compile(r"^fragment (\w+) on \w+ \{.*?^\}", re.MULTILINE | re.DOTALL)
_OPERATION = re.compile(r"^(?:query|mutation) (\w+).*?^\}", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Query:
    """One operation with the fragments it needs. `request` is its document, parsed once."""

    operation: str
    text: str
    request: GraphQLRequest = field(repr=False)

    @property
    def hash(self) -> str:
        """Another hash means another document, byte for byte."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    def bind(self, variables: dict[str, Any]) -> GraphQLRequest:
        """The request with its variables, ready for a session."""
        return _Bound(self.request, variables)


class _Bound(GraphQLRequest):
    """A request made of one that is kept: gql would print its document again for every page."""

    def __init__(self, made: GraphQLRequest, variables: dict[str, Any]) -> None:
        super().__init__(made, variable_values=variables)
        self._made = made

    @property
    def payload(self) -> dict[str, Any]:
        return _print(self._made) | ({"variables": self.variable_values} if self.variable_values else {})


@cache
def _print(made: GraphQLRequest) -> dict[str, Any]:
    return made.payload


@cache
def load(name: str) -> Query:
    """The query of `queries/<name>.graphql`. A missing file or fragment is a KeyError: a fault of ours."""
    files = {
        file.name.removesuffix(".graphql"): file.read_text(encoding="utf-8")
        for file in resources.files("ds_bridge.queries").iterdir()
        if file.name.endswith(".graphql")
    }
    fragments = {match[1]: match[0] for text in files.values() for match in _FRAGMENT.finditer(text)}
    operation = _OPERATION.search(files[name])
    if operation is None:
        raise KeyError(name)
    parts, seen = [operation[0]], set[str]()
    for part in parts:  # the list grows in the loop: a fragment may use other fragments
        for spread in _SPREAD.findall(part):
            if spread not in seen:
                seen.add(spread)
                parts.append(fragments[spread])
    text = "\n\n".join(parts) + "\n"
    return Query(operation[1], text, GraphQLRequest(text, operation_name=operation[1]))
