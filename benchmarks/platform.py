"""A server of pre-rendered pages in a process of its own: a platform as fast as can be, to measure clients.

Dossiers are made once by the sandbox (its own data, its own GraphQL), then repeated under other numbers and
dates, so that a démarche of any size costs no memory. `delay` adds the time a server would think, a page.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from ds_bridge.api.client import Client
from ds_bridge.config import ApiSettings
from ds_bridge.sandbox.server import SandboxServer

CRA = 82349
FIRST_NUMBER = 20_000_000
FIRST_MOMENT = dt.datetime(2024, 2, 1, tzinfo=dt.UTC)
SECONDS_APART = 600
KINDS = 300
"""How many different dossiers stand behind all of them."""
FEWEST_CHAMPS, MOST_CHAMPS = 60, 150


@dataclass(frozen=True)
class Template:
    """A rendered dossier, cut where its number, id and dates stand."""

    parts: tuple[bytes, ...]

    def render(self, number: int) -> bytes:
        moment = (FIRST_MOMENT + dt.timedelta(seconds=SECONDS_APART * (number - FIRST_NUMBER))).isoformat()
        fills = {
            b"@NUMBER@": str(number).encode(),
            b"@ID@": f"Dossier-{number}".encode(),
            b"@MOMENT@": moment.encode(),
        }
        return b"".join(fills.get(part, part) for part in self.parts)


def count_champs(node: dict[str, Any]) -> int:
    """Champs of a dossier, those of its rows included."""
    return sum(1 + sum(len(row["champs"]) for row in champ.get("rows", ())) for champ in node["champs"])


def make_templates() -> tuple[list[Template], bytes]:
    """Templates of dossiers of a realistic size, and the rendered form."""
    nodes: list[dict[str, Any]] = []
    with (
        SandboxServer(seed=11, dossiers=4000, requests_per_minute=None) as server,
        Client(ApiSettings(url=server.url, requests_per_minute=10_000), token=server.token) as client,
    ):
        form = orjson.dumps({"data": {"demarche": client.form_document(CRA)}})
        for page in client.walk_dossiers(CRA, since=FIRST_MOMENT - dt.timedelta(days=10_000)):
            nodes += [node for node in page.nodes if FEWEST_CHAMPS <= count_champs(node) <= MOST_CHAMPS]
            if len(nodes) >= KINDS:
                break
    return [_cut(node) for node in nodes[:KINDS]], form


def _cut(node: dict[str, Any]) -> Template:
    marked = node | {"number": "@NUMBER@", "id": "@ID@", "dateDerniereModification": "@MOMENT@"}
    text = orjson.dumps(marked).replace(b'"@NUMBER@"', b"@NUMBER@")
    parts = [text]
    for mark in (b"@NUMBER@", b"@ID@", b"@MOMENT@"):
        parts = [piece for part in parts for piece in _split(part, mark)]
    return Template(tuple(parts))


def _split(part: bytes, mark: bytes) -> list[bytes]:
    if part in (b"@NUMBER@", b"@ID@", b"@MOMENT@"):
        return [part]
    before, found, after = part.partition(mark)
    return [before, found, after] if found else [part]


class Pages:
    """What the server answers: a démarche of `count` dossiers, each modified a while after the last."""

    def __init__(self, count: int, delay: float) -> None:
        self.templates, self.form = make_templates()
        self.count, self.delay = count, delay
        self.changed: tuple[int, ...] = ()

    def answer(self, question: dict[str, Any]) -> bytes:
        operation, variables = question.get("operationName"), question.get("variables") or {}
        if operation == "DemarcheForm":
            return self.form
        if operation in ("DeletedDossiersPage", "PendingDeletedDossiersPage"):
            field = "deletedDossiers" if operation.startswith("Deleted") else "pendingDeletedDossiers"
            return orjson.dumps({"data": {"demarche": {field: {"pageInfo": _END, "nodes": []}}}})
        time.sleep(self.delay)
        return self._page(variables)

    def _page(self, variables: dict[str, Any]) -> bytes:
        if variables.get("last"):
            end = int(variables["before"]) if variables.get("before") else self.count
            start = max(0, end - int(variables["last"]))
        else:
            start = int(variables["after"]) if variables.get("after") else self._first_since(variables)
            end = min(start + int(variables["first"]), self.count)
        nodes = b",".join(self.render(FIRST_NUMBER + index) for index in range(start, end))
        info = {
            "hasNextPage": end < self.count or bool(variables.get("before")),
            "endCursor": str(end) if end > start else None,
            "hasPreviousPage": start > 0,
            "startCursor": str(start) if end > start else None,
        }
        head = b'{"data":{"demarche":{"dossiers":{"pageInfo":' + orjson.dumps(info) + b',"nodes":['
        return head + nodes + b"]}}}}"

    def render(self, number: int) -> bytes:
        return self.templates[number % len(self.templates)].render(number)

    def _first_since(self, variables: dict[str, Any]) -> int:
        since = variables.get("updatedSince")
        if not since:
            return 0
        seconds = (dt.datetime.fromisoformat(since) - FIRST_MOMENT).total_seconds()
        return min(self.count, max(0, -int(-seconds // SECONDS_APART)))


_END = {"hasNextPage": False, "endCursor": None}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pages: Pages

    def do_POST(self) -> None:
        question = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = self.pages.answer(question)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silence."""


@contextmanager
def run_platform(count: int, *, delay: float = 0.0) -> Iterator[str]:
    """The server in a process of its own; gives its address."""
    command = [sys.executable, "-m", "benchmarks.platform", str(count), str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def main() -> None:
    """Serve until terminated: dossiers, seconds a page."""
    handler = type("Handler", (_Handler,), {"pages": Pages(int(sys.argv[1]), float(sys.argv[2]))})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
