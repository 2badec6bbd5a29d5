"""Whatever a server answers, the client gives a value or an error of ours: no trace, no hang, no memory."""

import base64
import gzip
import hashlib
import socket
import threading
import time

import orjson
import pytest
from hypothesis import strategies as st

from ds_bridge import Client
from ds_bridge.api.pace import Pace
from ds_bridge.api.public import PublicClient
from ds_bridge.config import ApiSettings
from ds_bridge.errors import DsBridgeError
from ds_bridge.files.disk import Place
from ds_bridge.files.download import Downloader
from ds_bridge.files.hosts import Hosts
from ds_bridge.files.problems import FileProblemError
from ds_bridge.files.wanted import WantedFile

SECONDS = 100  # with a time-out of half a second and a few tries: what comes later hangs

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.just("\x1b[2J\n\u202e")
keys = (
    st.sampled_from(
        [
            "data",
            "errors",
            "demarche",
            "dossiers",
            "nodes",
            "pageInfo",
            "endCursor",
            "hasNextPage",
            "number",
            "id",
            "extensions",
            "code",
            "message",
            "path",
            "revision",
            "champDescriptors",
            "__typename",
            "champs",
            "title",
        ]
    )
    | texts
)
scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=25,
)


def write(value):
    try:
        return orjson.dumps(value)
    except TypeError:
        return b"{"


bodies = (
    values.map(write)
    | st.fixed_dictionaries({"data": st.dictionaries(keys, values, max_size=4)}).map(write)
    | st.fixed_dictionaries({"errors": st.lists(values, max_size=3), "data": values}).map(write)
    | st.binary(max_size=300)
    | st.integers(1, 2000).map(lambda depth: b"[" * depth + b"]" * depth)
    | st.just(gzip.compress(bytes(40 << 20)))
)
lines = st.tuples(
    st.sampled_from(
        [
            "Content-Encoding",
            "Content-Type",
            "Date",
            "RateLimit-Reset",
            "Retry-After",
            "Location",
            "Content-Range",
            "Transfer-Encoding",
            "Set-Cookie",
            "X",
        ]
    ),
    st.sampled_from(
        [
            "gzip",
            "gzip, gzip",
            "deflate",
            "br",
            "identity",
            "chunked",
            "application/json",
            "9" * 400,
            "0",
            "-1",
            f"Mon, 01 Jan {10**20} 00:00:00 GMT",
            "http://127.0.0.1:9/",
            "bytes 0-1/*",
            "é\x1b[2J",
        ]
    )
    | texts,
)
answers = st.builds(
    lambda status, headers, body, packed, length: (
        status,
        headers,
        gzip.compress(body) if packed else body,
        length,
    ),
    st.sampled_from(
        [200, 200, 200, 201, 204, 206, 301, 302, 304, 400, 401, 403, 404, 416, 422, 429, 500, 503, 599]
    )
    | st.integers(100, 999),
    st.lists(lines, max_size=4),
    bodies,
    st.booleans(),
    st.sampled_from(["right", "right", "short", "long", "none", "twice"]),
)


def on_the_wire(answer):
    status, headers, body, length = answer
    sizes = {"right": [len(body)], "short": [max(len(body) - 1, 0)], "long": [len(body) + 5], "none": []}
    sizes["twice"] = [len(body), len(body) + 1]
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers)]
    lines += [f"Content-Length: {size}" for size in sizes[length]]
    return "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n" + body


class Mouth:
    """A server that answers each request with the bytes of `says`, and closes."""

    def __init__(self):
        self.says = b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.settimeout(5)
                    connection.recv(1 << 20)
                    connection.sendall(self.says)
                except OSError:
                    continue


@pytest.fixture(scope="module")
def mouth():
    mouth = Mouth()
    yield mouth
    mouth.listener.close()


@pytest.fixture
def hear(mouth, fuzz):
    """Has each call answered in each way, and sees that it ends in time with a value or one of our errors."""

    def hear(*calls):
        def check(answer):
            mouth.says = on_the_wire(answer)
            for call in calls:
                began = time.monotonic()
                said = ""
                try:
                    call()
                except DsBridgeError as error:
                    said = str(error)
                assert said.isprintable()
                assert time.monotonic() - began < SECONDS

        fuzz(answers, check)

    return hear


def settings_for(mouth):
    return ApiSettings(url=mouth.url, token="s3cr3t-token", timeout_seconds=0.5, attempts=1, page_size=1)


def no_wait(seconds):
    del seconds


def open_pace():
    """A pace whose clock moves when somebody waits: with a real one a 429 would be waited for in earnest."""
    passed = [0.0]

    def sleep(seconds):
        passed[0] += seconds

    return Pace(100_000, clock=lambda: passed[0], sleep=sleep)


def test_the_client(mouth, hear):
    with Client(settings_for(mouth), pace=open_pace(), sleep=no_wait) as client:
        hear(
            lambda: client.form(7),
            lambda: client.raw_dossier(7),
            lambda: client.groupes(7),
            lambda: list(client.dossiers(7)),
            lambda: list(client.deleted_dossiers(7)),
        )


def test_the_public_client(mouth, hear):
    with PublicClient(settings_for(mouth), pace=open_pace(), sleep=no_wait) as client:
        hear(
            lambda: client.form("path", number=7),
            lambda: client.follow(7, ["token"]),
            lambda: client.create_draft(7, {}),
        )


def test_downloads(mouth, hear, tmp_path):
    content = b"abc"
    checksum = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
    wanted = WantedFile(
        1, "champ", "1", "", 0, "a.txt", "text/plain", size=3, checksum=checksum, url=f"{mouth.url}/a"
    )
    pace = open_pace()
    downloader = Downloader(Hosts(mouth.url, ()), pace=pace, attempts=1, timeout_seconds=0.5, sleep=no_wait)
    place = Place(tmp_path, "1", "a.txt")

    def fetch():
        try:
            downloader.fetch(wanted, place)
        except FileProblemError:
            return
        assert place.path.read_bytes() == content
        place.path.unlink()

    hear(fetch)
    downloader.close()
