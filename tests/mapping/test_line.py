"""Objects over a socket, and an other side that is gone."""

from __future__ import annotations

import pickle
import socket
import threading
from collections.abc import Iterator

import pytest

from ds_bridge.mapping.line import Line
from ds_bridge.store.encoding import EncodedJson


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def test_objects_of_any_size_go_both_ways(ends: tuple[socket.socket, socket.socket]) -> None:
    large = [EncodedJson(b'{"a":1}' * 100_000)] * 3 + [EncodedJson(b"[]")]
    with Line(ends[0]) as here, Line(ends[1]) as there:
        answered = threading.Thread(target=lambda: [there.send(there.receive()[::-1]) for _ in range(3)])
        answered.start()
        for thing in (large, [], ["é", None]):
            here.send(thing)
            assert here.receive() == thing[::-1]
        answered.join()


def test_the_other_side_has_hung_up(ends: tuple[socket.socket, socket.socket]) -> None:
    with Line(ends[0]) as here:
        ends[1].close()
        with pytest.raises(EOFError):
            here.receive()
        with pytest.raises(OSError, match=r"pipe|reset"):
            here.send("x")


def test_it_was_killed_in_the_middle_of_an_object(ends: tuple[socket.socket, socket.socket]) -> None:
    whole = pickle.dumps([b"x" * 1000, {"a": 1}])
    for length in (1, 5, 500, len(whole) - 1):
        one, other = socket.socketpair()
        with Line(one) as here:
            other.sendall(whole[:length])
            other.close()
            with pytest.raises((EOFError, pickle.UnpicklingError)):
                here.receive()


def test_its_end_closes_the_socket_even_with_something_unsent(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    with Line(ends[0]) as here:
        here._outgoing.write(b"x")
        ends[1].close()
    assert ends[0].fileno() == -1
