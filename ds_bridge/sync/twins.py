"""Twins: the clients of walks that go side by side, under one pace. A client is for one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from ds_bridge.api.client import Client
from ds_bridge.sync.context import Run


class Twins:
    """As many clients as walk at a time, handed on from one to the next.

    Left while one is in use, it closes when that one is back: nobody waits for an answer on its way.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._idle: list[Client] = []
        self._lock = threading.Lock()
        self._is_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        with self._lock:
            self._is_over = True
            for client in self._idle:
                client.close()

    @contextmanager
    def lend(self) -> Iterator[Client]:
        """A client that nobody else uses meanwhile."""
        with self._lock:
            client = self._idle.pop() if self._idle else self._run.twin()
        try:
            yield client
        finally:
            with self._lock:
                if self._is_over:
                    client.close()
                else:
                    self._idle.append(client)
