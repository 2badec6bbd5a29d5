"""Ledger: keeps in the store the drafts that `prefill` makes.

`prefill` and the store do not know each other. For one person at a time; `links.py` takes a whole roster.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ds_bridge.config import Settings
from ds_bridge.prefill.drafts import Prepared
from ds_bridge.prefill.identity import Identity

if TYPE_CHECKING:
    from ds_bridge.api.public import PublicClient
    from ds_bridge.store import Store


class Ledger:
    """Keeps the drafts of one démarche. Opens the store just before the first draft is made, not earlier.

    Give `open_client` to `prepare` as its client: then no draft is made when the store cannot be opened.
    """

    def __init__(
        self,
        settings: Settings,
        name: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], dt.datetime] | None = None,
    ) -> None:
        self._settings = settings
        self._demarche = settings.demarche(name).number
        self._sleep = sleep
        self._now = now or _read_clock
        self._store: Store | None = None
        self._client: PublicClient | None = None

    def open_client(self) -> PublicClient:
        """Open the store, then give the client that makes drafts. Raises StoreError."""
        from ds_bridge.api.public import PublicClient

        self._open_store()
        if self._client is None:
            self._client = PublicClient(self._settings.api, sleep=self._sleep)
        return self._client

    def record(self, prepared: Prepared, identity: Identity | None) -> tuple[str, ...]:
        """Keep a draft (nothing is kept of a link). Gives a warning for each other draft of this person.

        Raises StoreError: then the draft exists and cannot be followed.
        """
        if prepared.number is None or prepared.token is None:
            return ()
        from ds_bridge.people.followup import record_draft

        return record_draft(self._open_store(), self._demarche, prepared, identity, self._now())

    def _open_store(self) -> Store:
        # Do not load a database for a link, which does not need one.
        from ds_bridge.store import Store

        if self._store is None:
            self._store = Store.open(self._settings.store.url)
        return self._store

    def close(self) -> None:
        """Close what was opened."""
        if self._client is not None:
            self._client.close()
        if self._store is not None:
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _read_clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
