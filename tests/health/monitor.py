"""A monitor on loopback, in the manner of healthchecks.io: it writes down what it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx


@dataclass
class Monitor:
    """`told`: path, kind of content and body of each request. `status` is what it answers, None: nothing."""

    url: str = ""
    status: int | None = 200
    told: list[tuple[str, str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def paths(self) -> list[str]:
        return [path for path, _, _ in self.told]


@contextmanager
def open_monitor() -> Iterator[Monitor]:
    monitor = Monitor()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            monitor.told.append((self.path, self.headers["Content-Type"], body))
            if monitor.status is None:
                monitor.over.wait(60)
                return
            self.send_response(monitor.status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"OK")

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        monitor.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield monitor
        finally:
            monitor.over.set()
            server.shutdown()
            thread.join()


def find_closed() -> str:
    """An address where nobody listens."""
    with open_monitor() as monitor:
        return str(httpx.URL(monitor.url))
