"""Stored queries: only these are answered without a token. The text of `ds-query-v2` is the sandbox's own."""

from __future__ import annotations

from functools import cache
from importlib import resources

from graphql import get_introspection_query


@cache
def read_stored_query(query_id: str) -> str | None:
    """The document of this id; None when there is none (then the platform crashes)."""
    if query_id == "introspection":
        return get_introspection_query()
    if query_id == "ds-query-v2":
        folder = resources.files("ds_bridge.sandbox")
        return folder.joinpath("stored_query.graphql").read_text(encoding="utf-8")
    return None
