"""Execution: runs GraphQL on nodes, with graphql-core's executor and a short cut for plain fields.

A page of a hundred dossiers has some fifty thousand leaves, which are in their nodes already, JSON-ready. The
short cut reads them without a path and an info object for each. Everything else, and every null that is not
allowed, goes the ordinary way.
"""

from __future__ import annotations

from typing import Any

from graphql import (
    GraphQLObjectType,
    GraphQLResolveInfo,
    is_leaf_type,
    is_non_null_type,
)
from graphql.execution import Executor
from graphql.pyutils import Path, Undefined

from ds_bridge.sandbox.node import Node

# By response name: the field name of a leaf, and whether it may be null; None for other fields.
_Plan = list[tuple[str, str, bool, Any]]


class NodeExecutor(Executor[Any]):
    """The executor of the sandbox."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._plans: dict[tuple[str, int], tuple[_Plan, Any]] = {}

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: dict[str, Any],
        position_context: Any,
    ) -> Any:
        """The fields of one object: leaves directly from its node, the others the ordinary way."""
        if type(source_value) is not Node:
            return super().execute_fields(
                parent_type, source_value, path, grouped_field_set, position_context
            )
        results: dict[str, Any] = {}
        for response_name, field_name, nullable, details in self._plan(parent_type, grouped_field_set):
            if details is None:
                value = source_value.get(field_name)
                if value is not None or nullable:
                    results[response_name] = value
                    continue
                details = grouped_field_set[response_name]
            result = self.execute_field(
                parent_type,
                source_value,
                details,
                Path(path, response_name, parent_type.name),
                position_context,
            )
            if result is not Undefined:
                results[response_name] = result
        return results

    def _plan(self, parent_type: GraphQLObjectType, grouped_field_set: dict[str, Any]) -> _Plan:
        key = (parent_type.name, id(grouped_field_set))
        known = self._plans.get(key)
        if known is not None:
            return known[0]
        plan: _Plan = []
        for response_name, details in grouped_field_set.items():
            field_name = details[0].node.name.value
            field = self.schema.get_field(parent_type, field_name)
            if field_name == "__typename":
                plan.append((response_name, field_name, False, None))
            elif field is not None and not field.args and _is_leaf(field.type):
                plan.append((response_name, field_name, not is_non_null_type(field.type), None))
            else:
                plan.append((response_name, field_name, True, details))
        # Keep the field set too: an object's id is unique only while the object lives.
        self._plans[key] = (plan, grouped_field_set)
        return plan


def _is_leaf(field_type: Any) -> bool:
    while hasattr(field_type, "of_type"):
        field_type = field_type.of_type
    return is_leaf_type(field_type)


def resolve_field(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    """A field of a node: its value, or the result of its function."""
    value = source.get(info.field_name)
    return value(info, **arguments) if callable(value) else value


def resolve_type(value: Any, info: GraphQLResolveInfo[Any], abstract_type: Any) -> str:
    """Nodes say what they are."""
    del info, abstract_type
    return str(value["__typename"])
