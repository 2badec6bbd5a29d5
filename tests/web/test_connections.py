"""Connections are bounded: who says nothing, or speaks slowly, keeps nobody else out."""

import resource
import time
from contextlib import ExitStack

import httpx
import pytest

from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.web.connections import Hall, count_places
from tests.web.raw import connect, read_answer, write_head
from tests.web.test_stop import wait_until

FULL = "every connection is taken: the most silent caller makes room for the next"


def is_closed(connection, seconds=5):
    """Whether the other side ends the connection within so long."""
    connection.settimeout(seconds)
    try:
        return connection.recv(1000) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


@pytest.fixture
def many_sockets():
    """This process may open enough of them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4000 if hard == resource.RLIM_INFINITY else min(4000, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_sockets")
def test_a_thousand_silent_and_two_hundred_slow_callers_keep_nobody_out(start, platform):
    service = start(platform.url, web="max_connections = 80")
    resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE, (200, 200))
    with ExitStack() as stack:
        for _ in range(1000):
            stack.enter_context(connect(service))
        slow = [stack.enter_context(connect(service)) for _ in range(200)]
        for connection in slow:
            try:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
            except OSError:
                continue  # it made room already
        for _ in range(5):
            began = time.monotonic()
            with httpx.Client(base_url=service.url, timeout=5) as other:
                assert other.get("/healthz").status_code == 200
            assert time.monotonic() - began < 1.0 * PATIENCE
    assert len(service.events(FULL)) == 1
    assert len("".join(service.lines)) < 20_000


PATIENCE = 5  # a machine that does other things meanwhile: what is promised is a second


def test_a_head_that_does_not_come_ends_its_connection(start, platform):
    service = start(platform.url, web="head_seconds = 1")
    with connect(service) as silent, connect(service) as slow:
        slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        assert is_closed(silent)
        assert is_closed(slow)


def test_a_body_that_does_not_come_ends_its_connection(start, platform):
    service = start(platform.url, web="head_seconds = 1")
    with connect(service) as caller:
        caller.sendall(write_head(service, "Content-Length: 20") + b"{")
        assert not is_closed(caller, 1.5)  # a body has three times as long
        assert is_closed(caller)


def test_two_requests_behind_each_other_are_both_answered(start, platform):
    service = start(platform.url, web="head_seconds = 1")
    with connect(service) as caller:
        request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        caller.sendall(request + request)
        received = b""
        while received.count(b"HTTP/1.1 200") < 2 or not received.endswith(b"}"):
            received += caller.recv(4096)
        assert is_closed(caller)


def test_who_is_being_answered_stays_when_all_places_are_taken(start):
    with SandboxServer(dossiers=0, requests_per_minute=None) as server:
        server.faults.add(Fault(action="delay", operation="CreateDraft", seconds=1.5))
        service = start(server.url, web="max_connections = 8")
        with ExitStack() as stack:
            busy = stack.enter_context(connect(service))
            body = b'{"method": "draft"}'
            busy.sendall(write_head(service, f"Content-Length: {len(body)}") + body)
            wait_until(lambda: server.world.drafts)
            for _ in range(20):
                stack.enter_context(connect(service))
            status, _, answer = read_answer(busy)
            assert (status, answer["method"]) == (200, "draft")


class Somebody:
    """A caller, as far as a hall looks at one."""

    def __init__(self, hall):
        self.hall, self.has_left = hall, False

    def leave(self):
        self.hall.forget(self)
        self.has_left = True


def test_the_most_silent_caller_makes_room():
    moments = iter(range(0, 1000, 40))
    hall = Hall(2, 10, clock=lambda: next(moments))
    first, second, third, fourth, fifth = (Somebody(hall) for _ in range(5))
    hall.enter(first)
    hall.enter(second)
    hall.answer(first)
    hall.enter(third)
    assert [first.has_left, second.has_left, third.has_left] == [False, True, False]
    hall.listen_to(first)  # its answer is given: the third has been silent for longer
    hall.enter(fourth)
    assert [first.has_left, third.has_left] == [False, True]
    hall.answer(first)
    hall.answer(fourth)
    hall.enter(fifth)  # both others are being answered
    assert fifth.has_left is True
    assert [first.has_left, fourth.has_left] == [False, False]


@pytest.mark.parametrize(
    ("wanted", "descriptors", "places"),
    [(500, 1024, 500), (500, 200, 88), (500, 50, 8), (500, resource.RLIM_INFINITY, 500)],
)
def test_places_fit_what_the_process_may_open(wanted, descriptors, places):
    assert count_places(wanted, descriptors) == places
