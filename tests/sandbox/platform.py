"""Asking the sandbox over a real socket, for its tests."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import httpx

from ds_bridge.sandbox.server import SandboxServer

CRA = 82349
KINDS = 99001
EPOCH = "2020-01-01T00:00:00Z"

LIST = """
query List($number: Int!, $first: Int, $last: Int, $after: String, $before: String, $order: Order,
    $createdSince: ISO8601DateTime, $updatedSince: ISO8601DateTime, $state: DossierState, $archived: Boolean,
    $revision: ID, $minRevision: ID, $maxRevision: ID) {
  demarche(number: $number) {
    dossiers(first: $first, last: $last, after: $after, before: $before, order: $order,
        createdSince: $createdSince, updatedSince: $updatedSince, state: $state, archived: $archived,
        revision: $revision, minRevision: $minRevision, maxRevision: $maxRevision) {
      pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
      nodes { number state archived dateDepot dateDerniereModification demarche { revision { id } } }
    }
  }
}
"""


@cache
def read_query(name: str) -> str:
    """A document of `queries/` together with every fragment."""
    folder = resources.files("ds_bridge.queries")
    texts = [folder.joinpath(f"{name}.graphql").read_text(encoding="utf-8")]
    wanted, known = texts[0], set()
    fragments = {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.startswith("fragment_")
    }
    while True:
        more = [key for key, text in fragments.items() if key not in known and _is_used(text, wanted)]
        if not more:
            return "\n".join(texts)
        for key in more:
            known.add(key)
            texts.append(fragments[key])
            wanted += fragments[key]


def _is_used(text: str, wanted: str) -> bool:
    names = [line.split()[1] for line in text.splitlines() if line.startswith("fragment ")]
    return any(f"...{name}" in wanted for name in names)


def post(server: SandboxServer, body: Any, token: str | None = "full", **options: Any) -> httpx.Response:
    """POST a body; `token` is a token's name, or None for no header."""
    options.setdefault("timeout", 60)
    headers = {} if token is None else {"Authorization": f"Bearer {server.world.token(token)}"}
    return httpx.post(f"{server.url}/api/v2/graphql", json=body, headers=headers, **options)


def ask(server: SandboxServer, query: str, token: str | None = "full", **variables: Any) -> dict[str, Any]:
    """The whole answer to a query."""
    answer: dict[str, Any] = post(server, {"query": query, "variables": variables}, token).json()
    return answer


def data(server: SandboxServer, query: str, **variables: Any) -> dict[str, Any]:
    """The data of an answer without errors."""
    answer = ask(server, query, **variables)
    assert "errors" not in answer, answer["errors"]
    found: dict[str, Any] = answer["data"]
    return found


def list_dossiers(server: SandboxServer, number: int = CRA, **arguments: Any) -> dict[str, Any]:
    """The connection of a démarche's dossiers."""
    found: dict[str, Any] = data(server, LIST, number=number, **arguments)["demarche"]["dossiers"]
    return found


def numbers(connection: dict[str, Any]) -> list[int]:
    return [node["number"] for node in connection["nodes"]]


def code(answer: dict[str, Any]) -> str | None:
    """The code of the first error."""
    found: str | None = answer["errors"][0].get("extensions", {}).get("code")
    return found
