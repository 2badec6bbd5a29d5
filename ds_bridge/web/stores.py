"""Stores: a few open stores that requests borrow, since one serves one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ds_bridge.errors import StoreError
from ds_bridge.store import Store

STORES = 4
WAIT_SECONDS = 5.0


class StorePool:
    """At most STORES open at once; opened when first needed, kept while they work."""

    def __init__(self, open_store: Callable[[], Store], *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._open = open_store
        self._wait = wait_seconds
        self._places = threading.BoundedSemaphore(STORES)
        self._idle: list[Store] = []

    @contextmanager
    def borrow(self) -> Iterator[Store]:
        """A store for this thread alone. Raises StoreError when none opens or none is free in time.

        One that failed is closed: the next request opens another, to a database that came back perhaps.
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
        """Close those that are not in use."""
        while store := self._take():
            store.close()

    def _take(self) -> Store | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None
