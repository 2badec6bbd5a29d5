"""The sandbox's schema, and the documents of clients: each is parsed and checked once, then kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLScalarType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    parse,
    validate,
    value_from_ast_untyped,
)
from graphql.language import StringValueNode, ValueNode

from ds_bridge.sandbox.complexity import Meter
from ds_bridge.sandbox.node import PARIS

DEPTH_LIMIT = 15
TOKEN_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it can be executed, or the errors that forbid it.

    `fragments`: the types on which it has fragments; they decide the types of champs. `untyped`: it has an
    inline fragment without a type, on which the platform crashes.
    """

    node: DocumentNode | None
    errors: tuple[GraphQLError, ...]
    fragments: frozenset[str]
    untyped: bool

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The operation to run: the one of this name, or the only one."""
        definitions = self.node.definitions if self.node else ()
        operations = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
        if name is None:
            return operations[0] if len(operations) == 1 else None
        return next((node for node in operations if node.name and node.name.value == name), None)

    def measure(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> int:
        """Its complexity, as the platform counts."""
        defaults = {
            one.variable.name.value: value_from_ast_untyped(one.default_value)
            for one in operation.variable_definitions or ()
            if one.default_value is not None
        }
        return Meter(load_schema(), self._fragments(), {**defaults, **variables}).measure(operation)

    def _fragments(self) -> dict[str, FragmentDefinitionNode]:
        assert self.node is not None  # noqa: S101 - an operation was found in it
        return {
            node.name.value: node
            for node in self.node.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def depth(self, operation: OperationDefinitionNode) -> int:
        """How deep the fields are nested, with fragments unfolded."""
        return _measure(operation.selection_set, self._fragments())


@cache
def load_schema() -> GraphQLSchema:
    """The schema with its scalars."""
    text = resources.files("ds_bridge.sandbox").joinpath("schema.graphql").read_text(encoding="utf-8")
    schema = build_schema(text)
    moment = schema.type_map["ISO8601DateTime"]
    assert isinstance(moment, GraphQLScalarType)  # noqa: S101 - the SDL is ours
    moment.coerce_input_value = _read_moment
    moment.coerce_input_literal = _read_moment_literal
    day = schema.type_map["ISO8601Date"]
    assert isinstance(day, GraphQLScalarType)  # noqa: S101 - the SDL is ours
    day.coerce_input_value = _read_day
    return schema


@lru_cache(maxsize=256)
def read_document(text: str) -> Document:
    """Parse and validate a document."""
    try:
        node = parse(text, max_tokens=TOKEN_LIMIT)
    except GraphQLError as error:
        if "Document contains more than" in error.message:
            error = GraphQLError("This query is too large to execute.")
        return Document(None, (error,), frozenset(), untyped=False)
    errors = tuple(validate(load_schema(), node))
    named = [item for item in _selections(node) if isinstance(item, InlineFragmentNode)]
    conditions = [item.type_condition for item in named]
    conditions += [
        item.type_condition for item in node.definitions if isinstance(item, FragmentDefinitionNode)
    ]
    fragments = frozenset(condition.name.value for condition in conditions if condition is not None)
    return Document(node, errors, fragments, untyped=None in conditions)


def _selections(document: DocumentNode) -> list[Any]:
    found: list[Any] = []
    waiting: list[SelectionSetNode | None] = [
        getattr(item, "selection_set", None) for item in document.definitions
    ]
    while waiting:
        selection_set = waiting.pop()
        for selection in selection_set.selections if selection_set else ():
            found.append(selection)
            waiting.append(getattr(selection, "selection_set", None))
    return found


def _measure(selection_set: SelectionSetNode | None, fragments: dict[str, FragmentDefinitionNode]) -> int:
    deepest = 0
    for selection in selection_set.selections if selection_set else ():
        if isinstance(selection, FieldNode):
            # Introspection is always deep, and is never refused.
            if not selection.name.value.startswith("__"):
                deepest = max(deepest, 1 + _measure(selection.selection_set, fragments))
        elif isinstance(selection, FragmentSpreadNode):
            deepest = max(deepest, _measure(fragments[selection.name.value].selection_set, fragments))
        else:
            deepest = max(deepest, _measure(getattr(selection, "selection_set", None), fragments))
    return deepest


def _read_moment(value: Any) -> dt.datetime:
    """A moment with its offset. A date alone is midnight in Paris."""
    if not isinstance(value, str):
        raise GraphQLError("ISO8601DateTime must be a text")
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        raise GraphQLError("ISO8601DateTime must be an ISO 8601 date and time") from None
    if moment.tzinfo is None and len(value) > len("2024-05-30"):
        raise GraphQLError("ISO8601DateTime must have an offset")
    return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)


def _read_moment_literal(node: ValueNode) -> dt.datetime:
    if not isinstance(node, StringValueNode):
        raise GraphQLError("ISO8601DateTime must be a text")
    return _read_moment(node.value)


def _read_day(value: Any) -> str:
    """A date, or the day of a date and time."""
    if not isinstance(value, str):
        raise GraphQLError("ISO8601Date must be a text")
    try:
        return dt.datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        raise GraphQLError("ISO8601Date must be an ISO 8601 date") from None
