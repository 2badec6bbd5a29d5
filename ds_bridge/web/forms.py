"""Forms: keeps each démarche's form in memory, so that a request rarely waits for the platform.

The first request waits a little for the form. Later ones take the kept form, while a fresh one is fetched in
the background. When the platform says that a form cannot be prefilled (closed, not public, moved), every
caller gets this error.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from fastapi.concurrency import run_in_threadpool

from ds_bridge.errors import ConfigurationError, DsBridgeError
from ds_bridge.form import Form
from ds_bridge.log import get_logger

KEPT_SECONDS = 60.0
RETRY_SECONDS = 30.0
WAIT_SECONDS = 5.0

_log = get_logger("ds_bridge.web.forms")


@dataclass(frozen=True, slots=True)
class SourcedForm:
    """A form, its source (`platform` or `store`), and warnings for its users."""

    form: Form
    source: Literal["platform", "store"]
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Place:
    found: SourcedForm | None = None
    refusal: ConfigurationError | None = None
    fresh_until: float = float("-inf")
    under_way: threading.Event | None = None

    def give(self) -> SourcedForm | None:
        if self.refusal is not None:
            raise self.refusal
        return self.found


class FormShelf:
    """Forms by démarche name. `fetch` gets a form; this may take long and may raise DsBridgeError."""

    def __init__(
        self,
        fetch: Callable[[str], SourcedForm],
        *,
        kept_seconds: float = KEPT_SECONDS,
        wait_seconds: float = WAIT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._kept = kept_seconds
        self._wait = wait_seconds
        self._clock = clock
        self._places: dict[str, _Place] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> SourcedForm | None:
        """The form; None when neither source gave it in time.

        Raises ConfigurationError when the platform says that the form cannot be prefilled.
        """
        place, under_way = self._look(name)
        if under_way is not None and place.found is None:
            under_way.wait(self._wait)
        return place.give()

    async def find(self, name: str) -> SourcedForm | None:
        """The same for the event loop. A thread is used only when it must wait."""
        place, under_way = self._look(name)
        if under_way is not None and place.found is None:
            await run_in_threadpool(under_way.wait, self._wait)
        return place.give()

    def warm(self, name: str) -> None:
        """Begin to fetch the form, without waiting."""
        self._look(name)

    def _look(self, name: str) -> tuple[_Place, threading.Event | None]:
        with self._lock:
            place = self._places.setdefault(name, _Place())
            if place.under_way is None and self._clock() >= place.fresh_until:
                place.under_way = threading.Event()
                # A daemon thread: when the platform does not answer, the process must still be able to end.
                threading.Thread(
                    target=self._refresh, args=(name, place, place.under_way), name="forms", daemon=True
                ).start()
            return place, place.under_way

    def _refresh(self, name: str, place: _Place, done: threading.Event) -> None:
        kept = self._kept
        found, refusal = place.found, None
        try:
            found = self._fetch(name)
        except ConfigurationError as error:
            found, refusal = None, error
        except DsBridgeError as error:
            kept = RETRY_SECONDS
            _log.warning("form not fetched", demarche=name, error=type(error).__name__)
        finally:
            with self._lock:
                place.found, place.refusal = found, refusal
                place.fresh_until = self._clock() + kept
                place.under_way = None
            done.set()
