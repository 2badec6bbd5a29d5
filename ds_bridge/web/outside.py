"""Outside: how the service asks the platform: with short waits, and never with all its threads at once.

A caller waits for each request: when the wait would be long, the answer says when to come back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import platformdirs

from ds_bridge.api.public import PublicClient
from ds_bridge.config import ApiSettings, Settings
from ds_bridge.errors import (
    NotFoundError,
    PlatformUnavailableError,
    RateLimitedError,
    RetriableError,
    StoreError,
    StoreVersionError,
)
from ds_bridge.form import read_forms
from ds_bridge.prefill.forms import load_form
from ds_bridge.web.forms import SourcedForm
from ds_bridge.web.stores import StorePool

ATTEMPTS = 2
LONGEST_TIMEOUT_SECONDS = 20.0
LONGEST_SLEEP_SECONDS = 3.0
DRAFTS_AT_ONCE = 8
_BUSY_SECONDS = 2.0


class ImpatientClient(PublicClient):
    """Few tries, short waits, and few drafts at a time: links must still work when the platform hangs."""

    def __init__(self, settings: ApiSettings, *, sleep: Callable[[float], None] = time.sleep) -> None:
        impatient = settings.model_copy(
            update={
                "attempts": min(settings.attempts, ATTEMPTS),
                "timeout_seconds": min(settings.timeout_seconds, LONGEST_TIMEOUT_SECONDS),
            }
        )
        super().__init__(impatient, sleep=lambda seconds: _sleep_a_little(seconds, sleep))
        self._places = threading.BoundedSemaphore(DRAFTS_AT_ONCE)

    def create_draft(self, demarche: int, body: Mapping[str, Any]) -> dict[str, Any]:
        """Like PublicClient. Raises RateLimitedError when too many drafts are under way."""
        if not self._places.acquire(blocking=False):
            raise RateLimitedError("too many drafts are under way", wait_seconds=_BUSY_SECONDS)
        try:
            return super().create_draft(demarche, body)
        finally:
            self._places.release()


def fetch_form(settings: Settings, client: PublicClient, stores: StorePool, name: str) -> SourcedForm:
    """The public form, else the form that the last sync kept. Raises DsBridgeError when there is neither."""
    if settings.demarche(name).path is None:
        kept = read_kept_form(settings, stores, name)
        if kept is None:
            raise NotFoundError(f"démarche {name!r} has no path, and no sync has kept its form")
        return kept
    folder = platformdirs.user_cache_path("ds-bridge") / "forms"
    try:
        loaded = load_form(settings, name, client=client, cache_dir=folder)
    except (RetriableError, PlatformUnavailableError):
        kept = read_kept_form(settings, stores, name)
        if kept is None:
            raise
        return kept
    # Do not tell a caller about a folder of this machine.
    told = tuple(warning for warning in loaded.warnings if str(folder) not in warning)
    return SourcedForm(loaded.form, "platform", told)


def read_kept_form(settings: Settings, stores: StorePool, name: str) -> SourcedForm | None:
    """The form that the last sync kept; None when there is none."""
    try:
        with stores.borrow() as store:
            document = store.read_form(settings.demarche(name).number)
    except (StoreError, StoreVersionError):  # perhaps there is no store yet; /readyz tells it
        return None
    if document is None:
        return None
    warning = "checked against the form that the last sync kept: the platform did not give the form"
    return SourcedForm(read_forms(document)[0], "store", (warning,))


def _sleep_a_little(seconds: float, sleep: Callable[[float], None]) -> None:
    if seconds > LONGEST_SLEEP_SECONDS:
        raise RateLimitedError("the platform asks to wait", wait_seconds=seconds)
    sleep(seconds)
