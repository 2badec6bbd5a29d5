"""A server of pre-rendered pages in its own process: the fastest possible platform, to measure clients.

`answers` makes its answers; here are the socket, the counters and the control. `delay` adds the time that a
server would need for each answer with dossiers. At `/benchmark`, beside the API:

    GET   {"requests", "bytes", "seconds"}: what was answered since the last POST, bodies only, control left
          out; from a question's first byte to the last of its answer
    POST  zeroes them; {"count": 100} makes the démarche one of so many dossiers, none of them changed;
          {"change": 0.01} changes this share of its dossiers. Gives {"count", "changed", "last"}: how many
          dossiers, how many have changed, and the latest modification before they did
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

import httpx
import orjson

from benchmarks.answers import Answers, Question
from benchmarks.volume import FIRST_MOMENT, FIRST_NUMBER, SECONDS_APART
from ds_bridge.api.client import EPOCH
from ds_bridge.api.queries import load
from ds_bridge.sandbox.world import CRA_NUMBER as CRA

__all__ = ["CRA", "FIRST_MOMENT", "FIRST_NUMBER", "SECONDS_APART", "order", "read_counters", "run_platform"]
CONTROL = "/benchmark"


class Platform:
    """The answers, and their counters."""

    def __init__(self, count: int, delay: float) -> None:
        self._answers, self._delay = Answers(count), delay
        self._answers.learn(_ask_a_page())
        self._lock = Lock()
        self._requests, self._bytes, self._seconds = 0, 0, 0.0

    def answer(self, question: Question) -> bytes:
        body, holds_dossiers = self._answers.answer(question)
        if holds_dossiers:
            time.sleep(self._delay)
        return body

    def note(self, length: int, seconds: float) -> None:
        """Count an answer: its bytes and its seconds."""
        with self._lock:
            self._requests += 1
            self._bytes += length
            self._seconds += seconds

    def count(self) -> dict[str, Any]:
        """The counters since the last order."""
        with self._lock:
            return {"requests": self._requests, "bytes": self._bytes, "seconds": self._seconds}

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Execute an order that was posted to the control address."""
        with self._lock:
            self._requests, self._bytes, self._seconds = 0, 0, 0.0
        if "count" in order:
            self._answers.restart(order["count"])
        volume = self._answers.volume
        changed = volume.change(order["change"]) if "change" in order else 0
        return {"count": volume.count, "changed": changed, "last": volume.last.isoformat()}


def _ask_a_page() -> Question:
    """Ask ds-bridge's main query once, so that the first page is as fast as the others."""
    query = load("dossiers_page")
    variables = {"number": CRA, "first": 1, "updatedSince": EPOCH.isoformat()}
    return query.bind(variables).payload


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else the body of a small answer waits 40 ms for the acknowledgement of its head.
    disable_nagle_algorithm = True
    platform: Platform

    def do_GET(self) -> None:
        self._send(orjson.dumps(self.platform.count()))

    def do_POST(self) -> None:
        started = time.perf_counter()
        asked = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == CONTROL:
            self._send(orjson.dumps(self.platform.obey(asked)))
            return
        body = self.platform.answer(asked)
        self._send(body)
        self.platform.note(len(body), time.perf_counter() - started)

    def _send(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silence."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client may close the connection once it has what it wanted: no trace is needed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


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


def order(url: str, **what: float) -> dict[str, Any]:
    """Set the platform's counters to zero, and let it begin again (`count`) or change dossiers (`change`)."""
    return httpx.post(url + CONTROL, json=what).raise_for_status().json()


def read_counters(url: str) -> dict[str, float]:
    """Requests answered, bytes sent and seconds taken since the last order."""
    return httpx.get(url + CONTROL).raise_for_status().json()


def main() -> None:
    """Serve until terminated: dossiers, seconds a page."""
    handler = type("Handler", (_Handler,), {"platform": Platform(int(sys.argv[1]), float(sys.argv[2]))})
    with _Server(("127.0.0.1", 0), handler) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
