"""Line: objects to and from another process of ours, over a socket. Pickled: both sides are trusted.

An object is written as it is pickled, and read as it comes: it is never whole in between.
"""

from __future__ import annotations

import pickle
import socket
from contextlib import suppress
from typing import Any, Self


class Line:
    """One end, the socket's owner. `send` from one thread, `receive` from one, which may be another."""

    def __init__(self, end: socket.socket) -> None:
        with end:  # open until both files are closed
            self._incoming, self._outgoing = end.makefile("rb"), end.makefile("wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._incoming.close()
        with suppress(OSError):  # what is still to be written, and nobody reads any more
            self._outgoing.close()

    def send(self, thing: Any) -> None:
        """Wait until it is on its way. Raises OSError when nobody is there."""
        pickle.dump(thing, self._outgoing, pickle.HIGHEST_PROTOCOL)
        self._outgoing.flush()

    def receive(self) -> Any:
        """The next one. Raises EOFError, OSError or UnpicklingError when the other side is gone."""
        return pickle.load(self._incoming)  # noqa: S301 - from a process that we started, or that started us
