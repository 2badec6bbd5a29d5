"""Complexity: counts the cost of a document as the platform does before a run; too costly ones are refused.

Each field costs 1. For an abstract type the most costly concrete type counts, not the sum. A connection costs
(its content, less the fields that describe the page) × page + the fields that describe the page + 1. The page
is `first` as asked, not cut to 100, else `last`, else 100. A plain list counts once. A field that is not
included costs nothing. (graphql-ruby 2.5's query_complexity.rb.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionNode,
    get_named_type,
    is_abstract_type,
    value_from_ast_untyped,
)

PAGE = 100


@dataclass(frozen=True, slots=True)
class Meter:
    """Counts the operations of one document."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    # Each concrete type asks for the fields below an abstract type again. Without this memory, the time for a
    # deep document would multiply with the number of types at each level.
    _known: dict[tuple[str, tuple[int, ...]], int] = field(default_factory=dict, repr=False)

    def measure(self, operation: OperationDefinitionNode) -> int:
        root = self.schema.get_root_type(operation.operation)
        assert root is not None  # noqa: S101 - the document is valid
        return self._measure_in(root, list(operation.selection_set.selections))

    def _measure_in(self, parent: GraphQLObjectType, selections: list[SelectionNode]) -> int:
        """The cost of what is asked of one concrete type."""
        key = (parent.name, tuple(id(one) for one in selections))
        if key not in self._known:
            fields: dict[str, list[FieldNode]] = {}
            self._collect(parent, selections, fields)
            self._known[key] = sum(self._measure_field(parent, nodes) for nodes in fields.values())
        return self._known[key]

    def _collect(
        self, parent: GraphQLObjectType, selections: list[SelectionNode], into: dict[str, list[FieldNode]]
    ) -> None:
        """The fields that apply to `parent`, by response name."""
        for selection in selections:
            if not self._is_included(selection):
                continue
            if isinstance(selection, FieldNode):
                name = selection.alias.value if selection.alias else selection.name.value
                into.setdefault(name, []).append(selection)
                continue
            fragment: Any = selection
            if isinstance(selection, FragmentSpreadNode):
                fragment = self.fragments[selection.name.value]
            condition = fragment.type_condition
            if condition is None or self._applies(condition.name.value, parent):
                self._collect(parent, list(fragment.selection_set.selections), into)

    def _measure_field(self, parent: GraphQLObjectType, nodes: list[FieldNode]) -> int:
        asked = self.schema.get_field(parent, nodes[0].name.value)
        inner = [one for node in nodes if node.selection_set for one in node.selection_set.selections]
        if asked is None or not inner:
            return 1
        named = get_named_type(asked.type)
        below = self._measure_dearest(named, inner)
        if not named.name.endswith("Connection"):
            return 1 + below
        around = self._measure_around(named, inner)
        return (below - around) * self._read_page(nodes[0]) + around + 1

    def _measure_dearest(self, named: GraphQLNamedType, selections: list[SelectionNode]) -> int:
        types = [named]
        if is_abstract_type(named):
            types = list(self.schema.get_possible_types(named))
        return max(self._measure_in(one, selections) for one in types if isinstance(one, GraphQLObjectType))

    def _measure_around(self, named: GraphQLNamedType, selections: list[SelectionNode]) -> int:
        """The cost of what describes the page: `pageInfo` with its fields, `nodes` and `edges` themselves."""
        assert isinstance(named, GraphQLObjectType)  # noqa: S101 - connections are
        fields: dict[str, list[FieldNode]] = {}
        self._collect(named, selections, fields)
        return sum(
            self._measure_field(named, nodes) if nodes[0].name.value == "pageInfo" else 1
            for nodes in fields.values()
        )

    def _read_page(self, node: FieldNode) -> int:
        given = {
            argument.name.value: value_from_ast_untyped(argument.value, dict(self.variables))
            for argument in node.arguments or ()
        }
        sizes = (given.get("first"), given.get("last"))
        return next((size for size in sizes if isinstance(size, int)), PAGE)

    def _applies(self, condition: str, parent: GraphQLObjectType) -> bool:
        named = self.schema.get_type(condition)
        if named is None or named is parent:
            return named is parent
        return is_abstract_type(named) and self.schema.is_sub_type(named, parent)

    def _is_included(self, selection: SelectionNode) -> bool:
        for directive in selection.directives or ():
            (argument,) = directive.arguments or ()
            value = value_from_ast_untyped(argument.value, dict(self.variables))
            if directive.name.value == "include" and value is False:
                return False
            if directive.name.value == "skip" and value is True:
                return False
        return True
