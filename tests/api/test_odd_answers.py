"""Answers of a newer platform, over a real socket: the client gives every dossier, without the odd parts."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ds_bridge import Client
from tests.recorded_answers import cra_dossiers, recorded


def make_page() -> dict[str, Any]:
    """The recorded page, as a platform with more demandeurs and states would answer it."""
    page: dict[str, Any] = recorded("read/dossiers_page--cra-all-every_option")["body"]
    nodes = page["data"]["demarche"]["dossiers"]["nodes"]
    nodes[0]["demandeur"] = {"__typename": "Anonymous"}
    nodes[1]["state"] = "suspendu"
    nodes[2]["champs"].insert(0, None)
    nodes[7]["traitements"][0]["dateTraitement"] = "bientôt"
    return page


PAGE = make_page()
NODES = PAGE["data"]["demarche"]["dossiers"]["nodes"]


class Handler(BaseHTTPRequestHandler):
    """Answers two operations."""

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = PAGE if question["operationName"] == "DossiersPage" else {"data": {"dossier": NODES[0]}}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_every_dossier_is_given_and_says_what_was_left_out(url: str) -> None:
    with Client(url=url, token="any") as client:
        dossiers = list(client.dossiers(82349))
        alone = client.dossier(dossiers[0].number)
    assert [each.number for each in dossiers] == [node["number"] for node in cra_dossiers()]
    first, second, third, *_, last = dossiers
    assert (first.demandeur, [each.path for each in first.unread]) == (None, ["demandeur"])
    assert first.unread[0].node == {"__typename": "Anonymous"}
    assert alone == first
    assert (second.state, second.state.is_known) == ("suspendu", False)
    assert len(third.champs) == len(NODES[2]["champs"])
    assert [each.path for each in last.unread] == ["traitements[0]"]
    assert last.traitements is not None
    assert len(last.traitements) == len(NODES[7]["traitements"]) - 1
