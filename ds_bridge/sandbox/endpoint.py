"""`POST /api/v2/graphql`: takes a request, gives the platform's answer, or what a scripted fault makes of
it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson
from graphql import OperationType
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from ds_bridge.sandbox.access import authenticate, refuse_unknown
from ds_bridge.sandbox.broken import break_answer, break_mutation
from ds_bridge.sandbox.dossiers import Token
from ds_bridge.sandbox.engine import Answer, Engine, crash, error_body
from ds_bridge.sandbox.faults import GRAPHQL_ACTIONS, Fault, Faults
from ds_bridge.sandbox.journal import Entry, Journal
from ds_bridge.sandbox.limits import RateLimit
from ds_bridge.sandbox.node import write_datetime
from ds_bridge.sandbox.request import GraphQLRequest, ListFault, Race
from ds_bridge.sandbox.schema import Document, read_document
from ds_bridge.sandbox.stored import read_stored_query
from ds_bridge.sandbox.world import World

# The longest time that one of two racing mutations waits for the other.
RACE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Question:
    """The question in a request's body."""

    text: str
    operation: str | None
    variables: Mapping[str, Any]

    @property
    def is_mutation(self) -> bool:
        operation = read_document(self.text).operation(self.operation)
        return operation is not None and operation.operation is OperationType.MUTATION

    @property
    def has_cursor(self) -> bool:
        return any(self.variables.get(name) for name in ("after", "before", "cursor"))


class GraphQLEndpoint:
    """Answers GraphQL over HTTP."""

    def __init__(self, world: World, faults: Faults, limit: RateLimit, journal: Journal) -> None:
        self._world = world
        self._faults = faults
        self._limit = limit
        self._journal = journal
        self._engine = Engine(world)
        self._races: dict[Fault, Race] = {}

    async def answer(self, request: Request) -> Response:
        """The response to one request."""
        now = self._world.now().timestamp() + self._faults.skew_seconds
        authorization = request.headers.get("authorization")
        refused = self._limit.refuse(authorization, now)
        if refused is not None:
            return self._note(None, refused, None, 0)
        body = await request.body()
        address = request.client.host if request.client else "127.0.0.1"
        token = authenticate(self._world, authorization, address)
        if isinstance(token, Answer):
            return self._note(None, _write(token), None, 0)
        question = _read_question(_read_body(request, body), has_token=token is not None)
        if isinstance(question, Answer):
            return self._note(None, _write(question), None, 0)
        origin = str(request.base_url).rstrip("/")
        if question.is_mutation:
            return await self._answer_mutation(question, token, origin, now, request.app.state.closing)
        return self._answer_question(question, token, origin, now)

    def _answer_question(self, question: Question, token: Token | None, origin: str, now: float) -> Response:
        document = read_document(question.text)
        fault = self._faults.strike_question(
            question.operation, question.text, has_cursor=question.has_cursor
        )
        state, answer = self._execute(question, document, token, origin, fault)
        if fault is None:
            fault = self._faults.strike_answer(
                question.operation,
                question.text,
                state.numbers,
                full=state.full,
                has_cursor=question.has_cursor,
            )
            if fault is not None and fault.action in GRAPHQL_ACTIONS:
                _, answer = self._execute(question, document, token, origin, fault)
        if fault is not None and fault.action == "server_error":
            answer = crash()
        response = _write(answer)
        if fault is not None and fault.breaks_http:
            response = break_answer(fault, answer.status, bytes(response.body), now)
        return self._note(question, response, fault, len(state.numbers))

    async def _answer_mutation(
        self, question: Question, token: Token | None, origin: str, now: float, closing: asyncio.Event
    ) -> Response:
        """The mutation is done even when the client is gone. Only early faults strike before; others strike
        the answer."""
        document = read_document(question.text)
        fault = self._faults.strike_question(question.operation, question.text, has_cursor=False)
        if fault is not None and fault.action == "late":
            with suppress(TimeoutError):
                await asyncio.wait_for(closing.wait(), fault.seconds)
        if fault is not None and (fault.early or fault.action == "limit"):
            response = _write(crash())
            if fault.action != "server_error":
                response = break_answer(fault, 200, b"{}", now)
            return self._note(question, response, fault, 0)
        state, answer = await run_in_threadpool(
            self._execute, question, document, token, origin, fault, self._find_race(fault)
        )
        if fault is None:
            fault = self._faults.strike_answer(
                question.operation, question.text, state.numbers, full=False, has_cursor=False
            )
        response = _write(break_mutation(fault, answer))
        if fault is not None and fault.breaks_http:
            response = break_answer(fault, answer.status, bytes(response.body), now)
        return self._note(question, response, fault, len(state.numbers))

    def _find_race(self, fault: Fault | None) -> Race | None:
        if fault is None or fault.action != "race":
            return None
        return self._races.setdefault(fault, Race(fault.seconds or RACE_SECONDS))

    def _execute(
        self,
        question: Question,
        document: Document,
        token: Token | None,
        origin: str,
        fault: Fault | None,
        race: Race | None = None,
    ) -> tuple[GraphQLRequest, Answer]:
        struck = None
        if fault is not None and fault.action in GRAPHQL_ACTIONS:
            named = self._faults.list_dossiers(fault.action) if fault.dossier else frozenset()
            struck = ListFault(fault.action, partial=fault.partial, dossiers=named)
        state = GraphQLRequest(
            token=token,
            fragments=document.fragments,
            origin=origin,
            untyped_fragment=document.untyped,
            list_fault=struck,
            race=race,
        )
        return state, self._engine.execute(document, question.variables, question.operation, state)

    def _note(
        self, question: Question | None, response: Response, fault: Fault | None, dossiers: int
    ) -> Response:
        self._journal.add(
            Entry(
                operation=question.operation if question else None,
                variables=dict(question.variables) if question else {},
                status=response.status_code,
                size=len(response.body),
                fault=fault.action if fault else None,
                dossiers=dossiers,
                at=write_datetime(self._world.now()),
            )
        )
        return response


def _write(answer: Answer) -> Response:
    return Response(orjson.dumps(answer.body), answer.status, media_type="application/json; charset=utf-8")


def _read_body(request: Request, body: bytes) -> Any:
    """The content of a body: JSON, or the parameters of a form. For broken JSON, the platform's refusal."""
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode("utf-8", "replace")))
    try:
        return orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as error:
        return Answer(400, error_body(str(error), "bad_request"))


def _read_question(asked: Any, *, has_token: bool) -> Question | Answer:
    """The question in the body, or the platform's refusal."""
    if isinstance(asked, Answer):
        return asked
    if not isinstance(asked, dict):
        return Answer(400, error_body("Unexpected body", "bad_request"))
    stored = asked.get("queryId")
    if not has_token and not stored:
        return refuse_unknown()
    variables = _read_variables(asked.get("variables"))
    if isinstance(variables, Answer):
        return variables
    text = read_stored_query(stored) if stored else asked.get("query") or ""
    if text is None:
        return Answer(400, error_body(f"No query with id {stored!r}", "bad_request"))
    return Question(str(text), asked.get("operationName") or _only_operation(str(text)), variables)


def _read_variables(variables: Any) -> dict[str, Any] | Answer:
    """Variables may be JSON text inside the JSON; broken text is a 400."""
    if isinstance(variables, str):
        try:
            variables = json.loads(variables.strip() or "{}")
        except json.JSONDecodeError as error:
            return Answer(400, error_body(str(error), "graphql_parse_failed"))
    if not variables and variables not in (0, False):
        return {}
    if not isinstance(variables, dict):
        return Answer(400, error_body(f"Unexpected parameter: {variables}", "bad_request"))
    return variables


def _only_operation(text: str) -> str | None:
    """The name of a document's only operation, for requests that do not name one."""
    operation = read_document(text).operation(None)
    return operation.name.value if operation and operation.name else None
