"""The sandbox without its socket: it answers in this process, on a clock without waits.

Everything that takes effect is written down with whose it was (`Effect.key`), which is what the oracle of the
random actions reads. Answers are lost as a network loses them: before the effect, after it, or the effect
comes once the client has gone.
"""

from __future__ import annotations

import datetime as dt
import heapq
import random
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from gql import GraphQLRequest
from gql.transport import Transport
from graphql import ExecutionResult

from ds_bridge.api.answers import read_answer
from ds_bridge.api.client import Client
from ds_bridge.api.pace import Pace
from ds_bridge.api.uploads import Blob, Upload
from ds_bridge.config import ApiSettings
from ds_bridge.errors import NetworkError
from ds_bridge.ids import read_typed_number
from ds_bridge.sandbox import request as sandbox_request
from ds_bridge.sandbox.broken import break_answer, break_mutation
from ds_bridge.sandbox.engine import Answer, Engine, crash, read_document
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.world import World

TIMEOUT_SECONDS = 10.0
LATEST_EFFECT = 29.0
"""Seconds after its request that an effect may still come: the platform's own limit is 30."""

_LOST = (
    Fault(action="drop"), Fault(action="drop_inside"), Fault(action="server_error"), Fault(action="timeout"),
    Fault(action="status", status=502), Fault(action="truncated"), Fault(action="html"),
)  # fmt: skip
_LIMIT = Fault(action="limit", reset_seconds=2)


@dataclass(frozen=True, slots=True)
class Effect:
    """A mutation that changed something. `key`: of the action, or the name of who else did it."""

    key: str
    operation: str
    number: int
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One request, for whom it is made."""

    key: str
    operation: str
    text: str
    variables: dict[str, Any]

    @property
    def is_mutation(self) -> bool:
        return self.text.startswith("mutation") and self.operation != "CreateDirectUpload"


class Platform:
    """A world, its engine and its clock. `key`: whose requests come now."""

    def __init__(self, seed: int) -> None:
        self.moment = dt.datetime(2026, 11, 30, 9, tzinfo=dt.UTC)
        self.world = World(seed, clock=lambda: self.moment)
        self.effects: list[Effect] = []
        self.key = ""
        self.requests = self.lost = 0
        self._engine = Engine(self.world)
        self._late: list[tuple[dt.datetime, int, Call]] = []

    def now(self) -> dt.datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        """Let time pass: what was late happens in its turn."""
        end = self.moment + dt.timedelta(seconds=seconds)
        while self._late and self._late[0][0] <= end:
            self.moment, _, call = heapq.heappop(self._late)
            self.perform(call)
        self.moment = end

    def perform_later(self, call: Call, seconds: float) -> None:
        due = self.moment + dt.timedelta(seconds=seconds)
        heapq.heappush(self._late, (due, self.requests, call))

    def perform(self, call: Call) -> Answer:
        """Do what is asked, and write down what took effect."""
        state = sandbox_request.GraphQLRequest(
            token=self.world.tokens["full"], fragments=frozenset(), origin="https://platform.invalid"
        )
        answer = self._engine.execute(read_document(call.text), call.variables, call.operation, state)
        if call.is_mutation and not answer.body.get("errors"):
            (payload,) = answer.body["data"].values()
            if not payload["errors"]:
                given = call.variables["input"]
                number = read_typed_number("Dossier", given["dossierId"])
                self.effects.append(Effect(call.key, call.operation, number, given))
        return answer

    def put(self, upload: Upload, blob: Blob, *, timeout_seconds: float) -> None:
        """In the place of the PUT of a file."""
        del timeout_seconds
        number, expires, signature = urlsplit(upload.url).path.split("/")[-3:]
        status = self.world.uploads.put(number, expires, signature, blob.content, self.moment)
        assert status == 204

    def client(self, chance: random.Random | None = None, key: str | None = None) -> Client:
        """A client of it; with `chance`, one whose answers are lost. `key`: whose, for good."""
        settings = ApiSettings(url="http://127.0.0.1:9", token="x", attempts=2)
        pace = Pace(10**6, clock=lambda: self.moment.timestamp(), sleep=self.sleep)
        client = Client(settings, sleep=self.sleep, pace=pace)
        client._session.client.transport = Wire(self, chance, key)
        return client


class Wire(Transport):
    """From gql's request to the platform's answer, or to what is left of it."""

    def __init__(self, platform: Platform, chance: random.Random | None, key: str | None) -> None:
        self._platform, self._chance, self._key = platform, chance, key

    def execute(self, request: GraphQLRequest, *args: Any, **kwargs: Any) -> ExecutionResult:
        platform, operation = self._platform, str(request.operation_name)
        platform.requests += 1
        platform.sleep(0.1)
        variables = dict(request.variable_values or {})
        call = Call(self._key or platform.key, operation, _print(operation, request), variables)
        fault, early = self._draw(call)
        if fault is _LIMIT or early:
            return self._read(call, fault, crash())
        return self._read(call, fault, platform.perform(call))

    def _draw(self, call: Call) -> tuple[Fault | None, bool]:
        """What becomes of the request, and whether before anything is done. Raises NetworkError."""
        chance = self._chance
        if chance is None:
            return None, False
        fault, early = self._draw_fault(call, chance)
        self._platform.lost += fault is not None
        return fault, early

    def _draw_fault(self, call: Call, chance: random.Random) -> tuple[Fault | None, bool]:
        if not call.is_mutation:
            return (Fault(action="server_error"), True) if chance.random() < 0.01 else (None, False)
        drawn = chance.random()
        if drawn < 0.2:
            fault = chance.choice(_LOST)
            return fault, fault.action != "timeout" and chance.random() < 0.5
        if drawn < 0.23:
            self._platform.lost += 1
            self._platform.perform_later(call, chance.uniform(1, LATEST_EFFECT))
            self._platform.sleep(TIMEOUT_SECONDS)
            raise NetworkError(f"{call.operation}: no answer")
        if drawn < 0.24:
            raise NetworkError(f"{call.operation}: nobody there", connected=False)
        return (_LIMIT, True) if drawn < 0.25 else (None, False)

    def _read(self, call: Call, fault: Fault | None, answer: Answer) -> ExecutionResult:
        """The answer as the client takes it, or the error it is for the client."""
        answer = break_mutation(fault, answer)
        status, headers, body = answer.status, httpx.Headers(), orjson.dumps(answer.body)
        if fault is not None and fault.action in ("drop", "drop_inside"):
            raise NetworkError(f"{call.operation}: the exchange broke off")
        if fault is not None and fault.breaks_http:
            response = break_answer(fault, status, body, self._platform.moment.timestamp())
            status, body = response.status_code, bytes(response.body)
            headers = httpx.Headers(response.headers)
            headers["Date"] = format_datetime(self._platform.moment, usegmt=True)
        return ExecutionResult(data=read_answer(status, headers, body, call.operation))


_texts: dict[str, str] = {}


def _print(operation: str, request: GraphQLRequest) -> str:
    """The document's text. Printing it anew each time would take longer than all the rest."""
    if operation not in _texts:
        _texts[operation] = request.payload["query"]
    return _texts[operation]
