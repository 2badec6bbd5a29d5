"""The GraphQL engine: takes the document and variables of one request, gives the platform's answer.

It does not know HTTP: an `Answer` says which status it needs.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType
from graphql.execution import execute_sync

from ds_bridge.sandbox.connections import ListWriter
from ds_bridge.sandbox.demarche import Demarche
from ds_bridge.sandbox.descriptor_lists import list_descriptors
from ds_bridge.sandbox.dossier_nodes import NodeWriter
from ds_bridge.sandbox.execution import NodeExecutor, resolve_field, resolve_type
from ds_bridge.sandbox.groupe_nodes import find_groupes, write_groupe
from ds_bridge.sandbox.mutations import write_mutations
from ds_bridge.sandbox.node import Node, read_typed_id
from ds_bridge.sandbox.request import GraphQLRequest, PlatformCrash, refuse
from ds_bridge.sandbox.schema import DEPTH_LIMIT, Document, load_schema, read_document
from ds_bridge.sandbox.validation import find_extensions
from ds_bridge.sandbox.world import World

COSTS_KEPT = 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """A GraphQL answer and its HTTP status."""

    status: int
    body: dict[str, Any]


def error_body(message: str, code: str, **extensions: str) -> dict[str, Any]:
    """A refusal in the platform's words, outside of GraphQL."""
    return {"errors": [{"message": message, "extensions": {"code": code, **extensions}}], "data": None}


def crash() -> Answer:
    """A server fault, with the id for which the platform's support asks."""
    body = error_body("Internal Server Error", "internal_server_error", exception_id=str(uuid.uuid4()))
    return Answer(500, body)


class Engine:
    """Executes documents on a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        # Keep the document with its cost: an object's id is unique only while the object lives.
        self._costs: dict[tuple[Any, ...], tuple[Document, int]] = {}

    def execute(
        self,
        document: Document,
        variables: Mapping[str, Any],
        operation_name: str | None,
        request: GraphQLRequest,
    ) -> Answer:
        """Run one operation. Errors of GraphQL are answers with status 200."""
        if document.errors:
            return Answer(200, {"errors": [_write_refusal(error) for error in document.errors]})
        operation = document.operation(operation_name or None)
        if operation is None:
            message = (
                f'No operation named "{operation_name}"'
                if operation_name
                else "An operation name is required"
            )
            return Answer(200, {"errors": [{"message": message}]})
        depth = document.depth(operation)
        if depth > DEPTH_LIMIT:
            message = f"Query has depth of {depth}, which exceeds max depth of {DEPTH_LIMIT}"
            return Answer(200, {"errors": [{"message": message}]})
        dear = self._refuse_dear(document, operation, variables)
        if dear is not None:
            return dear
        if operation.operation is OperationType.MUTATION:  # each takes the lock only to write, as there
            return self._run(document, operation, variables, request)
        with self._world.lock:
            return self._run(document, operation, variables, request)

    def _refuse_dear(
        self, document: Document, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> Answer | None:
        """The refusal of a document that costs too much: a message without a code, and no data."""
        most = self._world.max_complexity
        if most is None:
            return None
        # The cost of a document depends on its page sizes and on what it includes.
        scalars = {name: value for name, value in variables.items() if isinstance(value, int)}
        key = (id(document), id(operation), *sorted(scalars.items()))
        if key not in self._costs:
            if len(self._costs) >= COSTS_KEPT:
                self._costs.clear()
            self._costs[key] = (document, document.measure(operation, scalars))
        cost = self._costs[key][1]
        if cost <= most:
            return None
        message = f"Query has complexity of {cost}, which exceeds max complexity of {most}"
        return Answer(200, {"errors": [{"message": message}]})

    def _run(
        self,
        document: Document,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
        request: GraphQLRequest,
    ) -> Answer:
        assert document.node is not None  # noqa: S101 - its operation was found
        result: ExecutionResult = execute_sync(
            load_schema(),
            document.node,
            root_value=self._write_root(operation, request),
            variable_values=dict(variables),
            operation_name=operation.name.value if operation.name else None,
            field_resolver=resolve_field,
            type_resolver=resolve_type,
            executor_class=NodeExecutor,
        )
        errors = result.errors or []
        if any(isinstance(error.original_error, PlatformCrash) for error in errors):
            return crash()
        body: dict[str, Any] = {}
        if errors:
            body["errors"] = [_write_error(error) for error in errors]
        if result.data is not None or any(error.path for error in errors):
            body["data"] = result.data
        return Answer(200, body)

    def _write_root(self, operation: OperationDefinitionNode, request: GraphQLRequest) -> Node:
        nodes = NodeWriter(self._world, request)
        if operation.operation is OperationType.MUTATION:
            return write_mutations(self._world, request, nodes)
        lists = ListWriter(self._world, request, nodes)

        def find_demarche(number: int, typename: str) -> Demarche:
            demarche = self._world.demarche(number)
            if demarche is None:
                raise refuse(f"{typename} not found", "not_found")
            return demarche

        def give_demarche(_info: Any, number: int) -> Node:
            demarche = find_demarche(number, "Demarche")
            request.check_scope(demarche, "Demarche")
            return Node(nodes.write_demarche(demarche), **lists.write_lists(demarche))

        def give_descriptor(_info: Any, demarche: dict[str, Any]) -> Node:
            number = demarche.get("number")
            if number is None:
                key = read_typed_id(demarche.get("id") or "") or ""
                number = int(key) if key.isdigit() else 0
            found = find_demarche(number, "DemarcheDescriptor")
            request.check_scope(found, "DemarcheDescriptor", public=True)
            return nodes.write_descriptor(found, found.form.active)

        def give_descriptors(_info: Any, **arguments: Any) -> Node:
            found = [
                demarche for demarche in self._world.demarches.values() if request.sees(demarche, public=True)
            ]
            return list_descriptors(found, arguments, nodes)

        def give_dossier(_info: Any, number: int) -> Node:
            dossier = self._world.dossier(number)
            if dossier is None or not dossier.is_given:
                raise refuse("Dossier not found", "not_found")
            request.check_scope(self._world.demarches[dossier.demarche], "Dossier")
            request.numbers.append(number)
            return self._strike(nodes.write_dossier(dossier), request)

        def give_group(_info: Any, number: int) -> Node:
            for demarche in self._world.demarches.values():
                groupe = next((one for one in find_groupes(demarche) if one.number == number), None)
                if groupe is not None:
                    request.check_scope(demarche, "GroupeInstructeurWithDossiers")
                    node = Node(write_groupe(self._world, groupe), __typename="GroupeInstructeurWithDossiers")
                    return Node(node, **lists.write_lists(demarche, groupe.key))
            raise refuse("GroupeInstructeurWithDossiers not found", "not_found")

        return Node(
            __typename="Query",
            demarche=give_demarche,
            demarcheDescriptor=give_descriptor,
            demarcheDescriptors=give_descriptors,
            dossier=give_dossier,
            groupeInstructeur=give_group,
        )

    def _strike(self, node: Node, request: GraphQLRequest) -> Node:
        """What a scripted fault does to a dossier asked for by number."""
        fault = request.list_fault
        if fault is not None and fault.code == "timeout":
            raise refuse("Timeout on Query.dossier", "timeout")
        if fault is not None and fault.code == "invalid_null":
            fault.break_node(node)
        return node


def _write_error(error: GraphQLError) -> dict[str, Any]:
    """An error as the platform writes it: a null in a required field has the code `invalid_null`."""
    written: dict[str, Any] = {"message": error.message}
    if error.locations:
        written["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path:
        written["path"] = error.path
    if error.extensions:
        written["extensions"] = error.extensions
    elif error.message.startswith("Cannot return null for non-nullable field"):
        written["extensions"] = {"code": "invalid_null"}
    return written


def _write_refusal(error: GraphQLError) -> dict[str, Any]:
    """An error of a document that does not run."""
    extensions = find_extensions(error)
    return _write_error(error) | ({"extensions": extensions} if extensions else {})


__all__ = ["Answer", "Engine", "crash", "error_body", "read_document"]
