"""Instance: takes the instance's own schema, tells whether our queries are valid on it.

An instance may be older or newer than the platform for which these queries were written. It is better to
learn that from a validator than from the first run.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from typing import Any, cast

from gql.utilities import build_client_schema
from graphql import (
    GraphQLError,
    GraphQLSchema,
    IntrospectionQuery,
    NoDeprecatedCustomRule,
    assert_valid_schema,
    validate,
)

from ds_bridge.api.queries import load
from ds_bridge.health.doctor.findings import PLATFORM, Finding

CHECK = "queries"
FOR_ACT = frozenset({"demarche_desk", "situation", "situations_page"})
"""Operations that only `act` needs, beside the mutations: `sync` does not need them."""


def check_queries(introspection: dict[str, Any]) -> Iterator[Finding]:
    """Validate every operation of `queries/` against the instance's schema."""
    try:
        schema = build_client_schema(cast(IntrospectionQuery, introspection))
        assert_valid_schema(schema)
    except (TypeError, KeyError, GraphQLError) as error:
        yield Finding(CHECK, "failure", f"the instance's schema cannot be read: {error}", code=PLATFORM)
        return
    names = list_queries()
    changes = [name for name in names if name in FOR_ACT or load(name).text.startswith("mutation ")]
    refused = _collect(schema, [name for name in names if name not in changes], None)
    for message, where in refused.items():
        yield Finding(
            CHECK,
            "failure",
            f"{message} (in {', '.join(where)})",
            "this instance is older or newer than what ds-bridge asks: upgrade ds-bridge, or report it",
            code=PLATFORM,
            details={"queries": where},
        )
    lacking = _collect(schema, changes, None)
    for message, where in lacking.items():
        yield Finding(
            CHECK,
            "warning",
            f"{message} (in {', '.join(where)})",
            "this instance lacks it: act refuses what needs it, all else works",
            details={"queries": where},
        )
    for message, where in _collect(schema, names, NoDeprecatedCustomRule).items():
        yield Finding(
            CHECK,
            "warning",
            f"{message} (in {', '.join(where)})",
            "nothing yet: the platform may take it away; a newer ds-bridge will ask otherwise",
            details={"queries": where},
        )
    if not refused and not lacking:
        yield Finding(CHECK, "ok", f"all {len(names)} queries are valid on this instance's schema")


def list_queries() -> list[str]:
    """Names of the operations of `queries/`, fragments left out."""
    names = (file.name for file in resources.files("ds_bridge.queries").iterdir())
    return sorted(
        name.removesuffix(".graphql")
        for name in names
        if name.endswith(".graphql") and not name.startswith("fragment_")
    )


def _collect(schema: GraphQLSchema, names: list[str], rule: Any) -> dict[str, list[str]]:
    """For each message, the queries that it is about."""
    found: dict[str, list[str]] = {}
    for name in names:
        errors = validate(
            schema, load(name).request.document, None if rule is None else [rule], max_errors=100
        )
        for message in dict.fromkeys(error.message for error in errors):
            found.setdefault(message, []).append(name)
    return found
