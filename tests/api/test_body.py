"""Bodies are read within limits: those that unfold, drip, or are compressed twice or in another way."""

import gzip
import socket
import threading
import time
import tracemalloc
import zlib

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_bridge.api.answers import read_answer
from ds_bridge.api.body import decode, read_body, walk_body
from ds_bridge.api.deadline import within
from ds_bridge.api.http_client import open_http
from ds_bridge.api.public import PublicClient
from ds_bridge.config import ApiSettings
from ds_bridge.errors import GarbledAnswerError, NetworkError

LIMIT = 1 << 20
TWICE = gzip.compress(gzip.compress(b"x"))
PATIENCE = 20


def answer(body, encoding=None, pieces=1):
    headers = {} if encoding is None else {"Content-Encoding": encoding}
    size = max(-(-len(body) // pieces), 1)
    parts = (body[start : start + size] for start in range(0, len(body), size))
    return httpx.Response(200, headers=headers, content=parts)


@given(
    body=st.binary(max_size=5000),
    pieces=st.integers(1, 7),
    encoding=st.sampled_from([None, "gzip", "identity"]),
)
def test_what_was_sent_is_what_is_read(body, pieces, encoding):
    sent = gzip.compress(body) if encoding == "gzip" else body
    assert bytes(read_body(answer(sent, encoding, pieces), "x", limit=LIMIT)) == body


def test_members_may_follow_each_other():
    sent = gzip.compress(b"a") + gzip.compress(b"b")
    assert bytes(read_body(answer(sent, "gzip"), "x", limit=99)) == b"ab"


def test_an_empty_body_is_empty_whatever_it_says():
    assert bytes(read_body(answer(b"", "gzip"), "x", limit=9)) == b""


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (TWICE, "gzip, gzip", "compressed by something else than gzip"),
        (zlib.compress(b"x"), "deflate", "compressed by something else than gzip"),
        (b"x", "br", "compressed by something else than gzip"),
        (b"x", "zstd", "compressed by something else than gzip"),
        (b"x" * 2 * LIMIT, None, f"passes {LIMIT} bytes"),
        (gzip.compress(bytes(4 * LIMIT)), "gzip", f"passes {LIMIT} bytes"),
        (gzip.compress(b"x" * 1000)[:-9], "gzip", "compression is cut"),
        (b"no gzip", "gzip", "compression is broken"),
        (gzip.compress(b"x") + b"no gzip", "gzip", "compression is broken"),
    ],
    ids=range(9),  # gzip writes the time of day: every process would name them otherwise
)
def test_what_is_refused(body, encoding, reason):
    with pytest.raises(GarbledAnswerError, match=f"form: the answer.*{reason}"):
        read_body(answer(body, encoding), "form", limit=LIMIT)


def test_what_is_asked_for_plain_is_plain():
    assert b"".join(walk_body(answer(b"abc", "identity"), "x", limit=9, plain=True)) == b"abc"
    with pytest.raises(GarbledAnswerError, match="something else than nothing"):
        list(walk_body(answer(gzip.compress(b"abc"), "gzip"), "x", limit=9, plain=True))


def test_a_bomb_costs_a_piece_of_memory():
    sent = gzip.compress(bytes(1 << 26))
    tracemalloc.start()
    try:
        pieces = (len(piece) for piece in walk_body(answer(sent, "gzip"), "x", limit=1 << 25))
        with pytest.raises(GarbledAnswerError):
            max(pieces)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20


class Server:
    """Answers each connection with bytes as they stand, then drips for as long as it is heard."""

    def __init__(self, sent, drip=b""):
        self.sent, self.drip = sent, drip
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self):
        while not self.over.is_set():
            connection, _ = self.listener.accept()
            with connection:
                connection.recv(65536)
                try:
                    connection.sendall(self.sent)
                    while self.drip and not self.over.wait(0.05):
                        connection.sendall(self.drip)
                except OSError:
                    continue

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.over.set()
        socket.create_connection(self.listener.getsockname()).close()
        self.thread.join()
        self.listener.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-Long: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
    ],
    ids=["status", "head", "body"],
)
def test_an_answer_that_drips_ends_in_time(sent):
    with Server(sent, drip=b"H") as server:
        settings = ApiSettings(url=server.url, timeout_seconds=0.5, attempts=1)
        began = time.monotonic()
        with PublicClient(settings) as client, pytest.raises(NetworkError, match=r"within 0\.5 s"):
            client.follow(7, ["token"])
        assert time.monotonic() - began < PATIENCE


def test_a_form_that_unfolds_without_end_is_one_error():
    bomb = gzip.compress(bytes(40 << 20))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    with (
        Server(head + bomb) as server,
        PublicClient(ApiSettings(url=server.url, attempts=1)) as client,
        pytest.raises(GarbledAnswerError, match="passes 33554432 bytes"),
    ):
        client.form("path")


def test_deadlines_know_the_names_inside_httpx(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with open_http("https://x.example", timeout_seconds=5) as client:
        transports = [client._transport, *filter(None, client._mounts.values())]
        backends = [transport._pool._network_backend for transport in transports]
    assert len(backends) > 1
    assert {type(backend).__module__ for backend in backends} == {"ds_bridge.api.deadline"}


def test_no_time_left_is_a_timeout_before_anything_is_sent():
    sent = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    with Server(sent) as server, open_http(server.url, timeout_seconds=5) as client:
        with within(0), pytest.raises(httpx.ConnectTimeout):
            client.get(server.url)
        with within(5), within(PATIENCE):
            assert client.get(server.url).content == b"{}"


@pytest.mark.parametrize(
    "deep",
    [b"[" * 500 + b"]" * 500, b'{"a":' * 500 + b"1" + b"}" * 500, b"[" * 90_000],
    ids=["lists", "objects", "open"],
)
def test_what_is_nested_without_end_is_no_json(deep):
    with pytest.raises(ValueError, match=r"nested too deep|depth|recursion|end of data"):
        decode(deep)
    assert decode(b'{"a": [1, null]}') == {"a": [1, None]}
    body = b'{"data": {"demarche": ' + deep + b"}}"
    with pytest.raises(GarbledAnswerError):
        read_answer(200, {}, body, "DossiersPage")


def test_a_number_that_no_machine_holds_is_no_json():
    with pytest.raises(GarbledAnswerError):
        read_answer(200, {}, b'{"data": {"demarche": {"number": 1e999999}}}', "DossiersPage")
