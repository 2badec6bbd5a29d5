"""HTTP client: what a server sees of one, and how long it waits."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

import ds_bridge
from ds_bridge.api.http_client import open_http


@pytest.fixture
def server():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.seen.append(dict(self.headers))
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            """Nothing: pytest shows what a test prints."""

    with HTTPServer(("127.0.0.1", 0), Handler) as running:
        running.seen = []
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_it_says_who_asks_and_follows_no_redirect(server):
    origin = f"http://127.0.0.1:{server.server_port}"
    with open_http(origin, timeout_seconds=5, headers={"Accept-Encoding": "identity"}) as http:
        assert http.get(origin).status_code == 302
    (headers,) = server.seen
    assert headers["User-Agent"] == f"ds-bridge/{ds_bridge.__version__}"
    assert headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(("seconds", "connect"), [(60, 10), (3, 3)])
def test_a_connection_is_waited_for_ten_seconds_at_most(seconds, connect):
    with open_http("http://platform.test", timeout_seconds=seconds) as http:
        assert (http.timeout.read, http.timeout.connect) == (seconds, connect)
