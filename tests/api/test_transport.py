"""Foreign errors of the network, each translated; real sockets where the wire itself is at fault."""

import inspect
import socket
import threading
from contextlib import contextmanager, suppress

import gql
import httpx
import pytest
import respx
from gql.client import SyncClientSession

from ds_bridge.api.queries import load
from ds_bridge.api.transport import PlatformTransport
from ds_bridge.errors import ConfigurationError, DsBridgeError, GarbledAnswerError, NetworkError

URL = "http://platform.example/api/v2/graphql"
REQUEST = load("dossier").bind({"number": 1})


def make_transport(origin="http://platform.example", **options):
    options = {"timeout_seconds": 5} | options
    return PlatformTransport(origin, "s3cr3t", **options)


@contextmanager
def server_that(answer):
    """A socket that reads one request and calls `answer(connection)`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def ask(transport):
    """Through a session of gql, as `Client` does."""
    return SyncClientSession(gql.Client(transport=transport)).execute(REQUEST)


def failure(origin, **options):
    transport = make_transport(origin, **options)
    with pytest.raises(DsBridgeError) as caught:
        ask(transport)
    transport.close()
    assert "s3cr3t" not in f"{caught.value!r} {caught.value}"
    return caught.value


@respx.mock
def test_what_is_sent():
    route = respx.post(URL).respond(json={"data": {"dossier": {"number": 1}}})
    transport = make_transport()
    assert ask(transport) == {"dossier": {"number": 1}}
    request = route.calls.last.request
    assert request.headers["Authorization"] == "Bearer s3cr3t"
    assert request.headers["Content-Type"] == "application/json"
    body = httpx.Response(200, content=request.content).json()
    assert body["operationName"] == "Dossier"
    assert body["variables"] == {"number": 1}
    assert "fragment ChampFields on Champ" in body["query"]
    transport.close()


def foreign_errors():
    """Every concrete error httpx can raise from a request."""
    return [
        kind
        for _, kind in inspect.getmembers(httpx, inspect.isclass)
        if issubclass(kind, httpx.HTTPError | httpx.InvalidURL) and kind is not httpx.HTTPStatusError
    ]


@pytest.mark.parametrize("kind", foreign_errors(), ids=lambda kind: kind.__name__)
def test_no_foreign_error_escapes(kind):
    with respx.mock:
        respx.post(URL).mock(side_effect=kind("details"))
        error = failure("http://platform.example")
    assert isinstance(error, NetworkError | GarbledAnswerError | ConfigurationError)


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = failure(f"http://127.0.0.1:{port}")
    assert isinstance(error, NetworkError)
    assert not error.connected


def test_an_unknown_host():
    error = failure("http://no-such-host.invalid")
    assert isinstance(error, NetworkError)
    assert not error.connected


def test_a_connection_dropped_before_the_answer():
    with server_that(lambda connection: None) as origin:
        error = failure(origin)
    assert isinstance(error, NetworkError)
    assert error.connected


def test_a_connection_dropped_inside_the_body():
    with server_that(
        lambda connection: connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"da')
    ) as origin:
        error = failure(origin)
    assert isinstance(error, NetworkError)
    assert "broke off" in str(error)


def test_no_answer_in_time():
    done = threading.Event()
    with server_that(lambda connection: done.wait(5)) as origin:
        error = failure(origin, timeout_seconds=0.05)
        done.set()
    assert isinstance(error, NetworkError)
    assert "within 0.05 s" in str(error)


def test_an_answer_that_drips_is_bounded_as_a_whole():
    done = threading.Event()

    def drip(connection):
        with suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while not done.wait(0.02):
                connection.sendall(b" ")

    with server_that(drip) as origin:
        error = failure(origin, timeout_seconds=0.3)
        done.set()
    assert isinstance(error, NetworkError)
    assert "no answer within 0.3 s" in str(error)


def test_closed_while_a_thread_waits_for_an_answer():
    """The answer still comes, and then nothing stays open: a socket left behind fails the test by itself."""
    asked, answer = threading.Event(), threading.Event()

    def wait(connection):
        asked.set()
        answer.wait(5)
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"data":{}}')

    with server_that(wait) as origin:
        transport = make_transport(origin)
        results = []
        thread = threading.Thread(target=lambda: results.append(transport.execute(REQUEST).data))
        thread.start()
        assert asked.wait(5)
        transport.close()
        answer.set()
        thread.join(5)
    assert results == [{}]
    with pytest.raises(RuntimeError, match="closed"):
        transport.execute(REQUEST)


def test_broken_compression():
    body = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"
    with server_that(lambda connection: connection.sendall(body)) as origin:
        assert isinstance(failure(origin), GarbledAnswerError)


def test_its_repr_holds_no_token():
    transport = make_transport()
    assert repr(transport) == "<PlatformTransport http://platform.example/api/v2/graphql>"
    transport.close()
