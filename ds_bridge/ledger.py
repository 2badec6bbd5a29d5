"""Ledger: links and drafts made while a store keeps the drafts. `prefill` and the store meet here.

Neither knows the other. One person at a time (`prefill link`), or a whole roster (`prefill batch`).
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from ds_bridge.config import Settings
from ds_bridge.errors import ConfigurationError
from ds_bridge.form import Form
from ds_bridge.prefill.batch import ADDED, Batch, Tally
from ds_bridge.prefill.drafts import Choice, Prepared, prepare
from ds_bridge.prefill.identity import Identity
from ds_bridge.prefill.roster import Columns, Roster, RosterFormat, find_columns, write_roster

if TYPE_CHECKING:
    from ds_bridge.api.public import PublicClient
    from ds_bridge.store import Store


class Ledger:
    """Keeps the drafts of one démarche. Opens the store just before the first draft is made, not before.

    Give `open_client` to `prepare` as its client: a draft that could not be recorded is not asked for.
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
        """The client that makes drafts, behind an open store. Raises StoreError."""
        from ds_bridge.api.public import PublicClient

        self._open_store()
        if self._client is None:
            self._client = PublicClient(self._settings.api, sleep=self._sleep)
        return self._client

    def record(self, prepared: Prepared, identity: Identity | None) -> tuple[str, ...]:
        """Keep a draft (a link is nothing to keep); gives a warning for each other draft of this person.

        Raises StoreError: then the draft exists and cannot be followed.
        """
        if prepared.number is None or prepared.token is None:
            return ()
        from ds_bridge.followup import record_draft

        return record_draft(self._open_store(), self._demarche, prepared, identity, self._now())

    def _open_store(self) -> Store:
        # A link must not pay for a database that it does not need.
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


def match_columns(settings: Settings, name: str, roster: Roster, form: Form | None = None) -> Columns:
    """What each column feeds. Raises ConfigurationError when none feeds anything."""
    columns = find_columns(roster.headings, settings.demarche(name).champs, form, ignored=ADDED)
    if not columns.identity and not columns.champs:
        known = ", ".join(Identity.model_fields)
        raise ConfigurationError(
            f"no column of the roster is known: name them {known}, or as demarches.{name}.champs does"
        )
    return columns


def prefill_roster(
    settings: Settings,
    name: str,
    roster: Roster,
    out: BinaryIO,
    *,
    columns: Columns | None = None,
    form: Form | None = None,
    method: Choice = "auto",
    output_format: RosterFormat | None = None,
    sleep: Callable[[float], None] = time.sleep,
    check_stop: Callable[[], None] | None = None,
    progress: Callable[[Tally], None] | None = None,
) -> Batch:
    """Write the roster with a link or a draft a row, and record the drafts. Gives the batch, done.

    See `Batch` for what a bad row, a platform that fails and a stop do. Raises ConfigurationError when no
    column is known, OSError of `out`.
    """
    columns = columns or match_columns(settings, name, roster, form)
    with Ledger(settings, name, sleep=sleep) as ledger:
        batch = Batch(
            roster,
            columns,
            partial(prepare, settings, name, form=form, client=ledger.open_client, method=method),
            ledger=ledger,
            check_stop=check_stop,
            progress=progress,
            tally=Tally(name),
        )
        write_roster(roster, batch.run(), ADDED, out, output_format)
    return batch


def _read_clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
