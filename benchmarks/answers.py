"""Answers: makes the answers of the benchmark's platform to any client's query, as fast as possible.

The sandbox's schema executes each document once for every kind of dossier. From then on an answer is the
document executed without its dossiers, with the rendered dossiers put in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeAlias

import orjson
from graphql.execution import execute_sync

from benchmarks.kinds import Template, make_world
from benchmarks.volume import Volume
from ds_bridge.sandbox.connections import ListWriter
from ds_bridge.sandbox.dossier_nodes import NodeWriter
from ds_bridge.sandbox.dossiers import Dossier
from ds_bridge.sandbox.execution import NodeExecutor, resolve_field, resolve_type
from ds_bridge.sandbox.node import Node
from ds_bridge.sandbox.paging import Page
from ds_bridge.sandbox.request import GraphQLRequest
from ds_bridge.sandbox.schema import load_schema, read_document
from ds_bridge.sandbox.world import CRA_NUMBER, World

HOLE = b'"nodes":[null]'
"""Where the dossiers of a page go."""
# Variables that choose the dossiers, not their fields.
PLACES = frozenset(
    {"number", "demarcheNumber", "dossierNumber", "first", "last", "after", "before", "cursor"}
    | {"updatedSince", "createdSince", "order", "state"}
)
Question: TypeAlias = dict[str, Any]


class RefusedError(Exception):
    """The document cannot be executed: the message is GraphQL's."""


@dataclass(frozen=True)
class Learnt:
    """What is known of a document: an answer that never changes, or a template for each kind."""

    body: bytes = b""
    templates: tuple[Template, ...] = ()
    is_list: bool = False


class Answers:
    """Answers about one démarche, the CRA's, of `count` dossiers. Safe to use from several threads."""

    def __init__(self, count: int) -> None:
        self._world, self._kinds = make_world()
        self._learnt: dict[bytes, Learnt] = {}
        self._lock = Lock()
        self.volume = Volume(count, self._state_of)

    def restart(self, count: int) -> None:
        """Begin again with a démarche of `count` dossiers, none of them changed."""
        self.volume = Volume(count, self._state_of)

    def answer(self, question: Question) -> tuple[bytes, bool]:
        """The answer's body, and whether it holds dossiers."""
        try:
            return self._answer(question)
        except RefusedError as error:
            return orjson.dumps({"errors": [{"message": str(error)}], "data": None}), False

    def _answer(self, question: Question) -> tuple[bytes, bool]:
        learnt = self.learn(question)
        if learnt.is_list:
            return self._write_page(question, learnt.templates), True
        if learnt.templates:
            variables = question["variables"]
            number = next(variables[name] for name in ("number", "dossierNumber") if name in variables)
            return self._render(number, learnt.templates), True
        return learnt.body, False

    def learn(self, question: Question) -> Learnt:
        """What is known of the document; found out the first time."""
        variables = question.get("variables") or {}
        shape = {name: value for name, value in variables.items() if name not in PLACES}
        key = orjson.dumps([question["query"], shape], option=orjson.OPT_SORT_KEYS)
        with self._lock:
            if key not in self._learnt:
                self._learnt[key] = self._find_out(question)
            return self._learnt[key]

    def _find_out(self, question: Question) -> Learnt:
        execution = Execution(self._world, question)
        asked: list[str] = []

        def give_every_kind(**_: Any) -> Node:
            asked.append("dossiers")
            return _connect(None, [execution.writer.write_dossier(kind) for kind in self._kinds])

        def give_dossier(kind: Dossier) -> Callable[..., Node]:
            def give(_info: Any, number: int) -> Node:
                del number
                asked.append("dossier")
                return execution.writer.write_dossier(kind)

            return give

        data = execution.run(give_every_kind, give_dossier(self._kinds[0]))
        if "dossiers" in asked:
            nodes = zip(self._kinds, data["demarche"]["dossiers"]["nodes"], strict=True)
            templates = tuple(Template.cut(orjson.dumps(node), kind.number) for kind, node in nodes)
            return Learnt(templates=templates, is_list=True)
        if "dossier" in asked:
            answers = ((kind, execution.run(give_every_kind, give_dossier(kind))) for kind in self._kinds)
            return Learnt(templates=tuple(Template.cut(_write(data), kind.number) for kind, data in answers))
        return Learnt(body=_write(data))

    def _write_page(self, question: Question, templates: tuple[Template, ...]) -> bytes:
        pages: list[Page] = []

        def give_hole(**arguments: Any) -> Node:
            pages.append(self.volume.take(arguments))
            return _connect(pages[0], [None])

        before, _, after = _write(Execution(self._world, question).run(give_hole)).partition(HOLE)
        nodes = b",".join([self._render(number, templates) for _, number in pages[0].keys])
        return b"".join([before, b'"nodes":[', nodes, b"]", after])

    def _render(self, number: int, templates: tuple[Template, ...]) -> bytes:
        moment, version = self.volume.moment(number), self.volume.version(number)
        return templates[number % len(templates)].render(number, moment, version)

    def _state_of(self, number: int) -> str:
        return self._kinds[number % len(self._kinds)].state


class Execution:
    """One document on the sandbox's schema, its dossiers given by the caller."""

    def __init__(self, world: World, question: Question) -> None:
        self._question = question
        self._document = read_document(question["query"])
        self._demarche = world.demarches[CRA_NUMBER]
        request = GraphQLRequest(
            token=world.tokens["full"],
            fragments=self._document.fragments,
            origin="https://platform.example",
        )
        self.writer = NodeWriter(world, request)
        self._lists = ListWriter(world, request, self.writer).write_lists(self._demarche)

    def run(
        self, give_dossiers: Callable[..., Node], give_dossier: Callable[..., Node] | None = None
    ) -> dict[str, Any]:
        """The answer's data. `give_dossiers` takes the connection's arguments. Raises RefusedError."""
        lists = self._lists | {"dossiers": lambda _info, **arguments: give_dossiers(**arguments)}
        demarche = Node(self.writer.write_demarche(self._demarche), **lists)
        root = Node(__typename="Query", demarche=lambda _info, number: demarche, dossier=give_dossier)  # noqa: ARG005
        errors = self._document.errors
        if not errors:
            assert self._document.node is not None
            result = execute_sync(
                load_schema(),
                self._document.node,
                root_value=root,
                variable_values=self._question.get("variables") or {},
                operation_name=self._question.get("operationName"),
                field_resolver=resolve_field,
                type_resolver=resolve_type,
                executor_class=NodeExecutor,
            )
            errors = tuple(result.errors or ())
            if not errors and result.data is not None:
                return result.data
        raise RefusedError("; ".join(error.message for error in errors))


def _connect(page: Page | None, nodes: list[Node | None]) -> Node:
    """A connection; without a page, an empty one that ends here."""
    info = Node(
        __typename="PageInfo",
        startCursor=page and page.start_cursor,
        endCursor=page and page.end_cursor,
        hasNextPage=page is not None and page.has_next,
        hasPreviousPage=page is not None and page.has_previous,
    )
    return Node(pageInfo=info, nodes=nodes)


def _write(data: dict[str, Any]) -> bytes:
    return orjson.dumps({"data": data})
