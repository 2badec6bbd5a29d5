"""Stores: keeps a few open stores. Requests borrow them, because a store is for one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ds_bridge.errors import StoreError
from ds_bridge.store import Store

STORES = 4
WAIT_SECONDS = 5.0


class StorePool:
    """At most STORES stores. Each is opened when first needed, and kept as long as it works."""

    def __init__(self, open_store: Callable[[], Store], *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._open = open_store
        self._wait = wait_seconds
        self._places = threading.BoundedSemaphore(STORES)
        self._idle: list[Store] = []

    @contextmanager
    def borrow(self) -> Iterator[Store]:
        """A store for this thread alone. Raises StoreError when no store can be opened or none is free in
        time.

        A store that failed is closed. The next request opens a new one: the database may be back.
        """
        if not self._places.acquire(timeout=self._wait):
            raise StoreError(f"every store was busy for {self._wait:g} s")
        try:
            store = self._take() or self._open()
            try:
                yield store
            except BaseException:
                store.close()
                raise
            self._idle.append(store)
        finally:
            self._places.release()

    def close(self) -> None:
        """Close the stores that are not in use."""
        while store := self._take():
            store.close()

    def _take(self) -> Store | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None
