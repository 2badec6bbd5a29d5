"""Worker: downloads the files of one dossier that are not on the disk yet. Each thread has one worker.

The addresses in the store are used while they are young. When they are old, or refused, the worker asks the
platform once for the dossier again.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from ds_bridge.api.base import Raw
from ds_bridge.api.client import Client
from ds_bridge.errors import (
    BadDataError,
    NotFoundError,
    OutOfScopeError,
    PlatformUnavailableError,
    RetriableError,
)
from ds_bridge.files.disk import Place
from ds_bridge.files.download import Downloader
from ds_bridge.files.names import path_of
from ds_bridge.files.problems import AddressExpiredError, FileProblemError
from ds_bridge.files.wanted import Extra, WantedFile, list_wanted
from ds_bridge.store import FileKey, StoredDossier, StoredFile

# Addresses live an hour; the download must begin before its last minutes.
ADDRESS_LIFE = dt.timedelta(minutes=55)
MOST_FAILURES_IN_A_ROW = 10
# The keys of a dossier that hold each extra.
KEYS: dict[Extra, str] = {
    "annotations": "annotations",
    "attestations": "attestation",
    "avis": "avis",
    "messages": "messages",
}


@dataclass
class Limits:
    """What all workers share: the bytes left for this run, and the failures since the last file came."""

    max_file_bytes: int
    bytes_left: int
    failed_in_a_row: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def take(self, size: int) -> None:
        """Reserve the bytes of a file. Raises FileProblemError."""
        if size > self.max_file_bytes:
            raise FileProblemError(f"{size} bytes, more than files.max_file_mib allows")
        with self._lock:
            if size > self.bytes_left:
                raise FileProblemError("this run already brought what files.max_run_mib allows: run again")
            self.bytes_left -= size

    def came(self) -> None:
        with self._lock:
            self.failed_in_a_row = 0

    def failed(self, error: RetriableError) -> None:
        """Count a failure. Raises PlatformUnavailableError when too many files in a row failed."""
        with self._lock:
            self.failed_in_a_row += 1
            if self.failed_in_a_row >= MOST_FAILURES_IN_A_ROW:
                raise PlatformUnavailableError(
                    f"{self.failed_in_a_row} files in a row did not come: {error}"
                ) from None


@dataclass(frozen=True)
class DossierFiles:
    """The result for one dossier: `entries` are lines for the manifest, `fetched` just came."""

    entries: tuple[StoredFile, ...] = ()
    fetched: int = 0
    unchanged: int = 0
    received_bytes: int = 0

    @property
    def problems(self) -> list[StoredFile]:
        return [entry for entry in self.entries if entry.problem is not None]


@dataclass(frozen=True)
class Worker:
    """The tools of one thread. `check` raises when the run must stop; `now` is aware."""

    root: Path
    client: Client
    downloader: Downloader
    limits: Limits
    extras: frozenset[Extra]
    check: Callable[[], None]
    now: Callable[[], dt.datetime]

    def close(self) -> None:
        self.downloader.close()
        self.client.close()

    def take(self, dossier: StoredDossier, known: dict[FileKey, StoredFile]) -> DossierFiles:
        """Bring the missing files. Raises errors that concern more than this dossier."""
        return _Visit(self, dossier, known).run()


class _Visit:
    def __init__(self, worker: Worker, dossier: StoredDossier, known: dict[FileKey, StoredFile]) -> None:
        self._worker = worker
        self._number = dossier.number
        self._known = known
        self._raw: Raw = dossier.raw
        self._is_young = worker.now() - dossier.pulled_at < ADDRESS_LIFE
        self._asked = False

    def run(self) -> DossierFiles:
        worker = self._worker
        extras = worker.extras
        if any(KEYS[extra] not in self._raw for extra in extras):
            try:
                self._ask()
            except FileProblemError as problem:
                return DossierFiles(self._give_up(list_wanted(self._raw), str(problem)))
        wanted = list_wanted(self._raw, extras)
        missing = [each for each in wanted if not self._is_done(each)]
        if missing and not self._is_young:
            try:
                self._ask()
            except FileProblemError as problem:
                return DossierFiles(
                    self._give_up(missing, str(problem)), unchanged=len(wanted) - len(missing)
                )
            wanted = list_wanted(self._raw, extras)
            missing = [each for each in wanted if not self._is_done(each)]
        entries, fetched, received = [], 0, 0
        for each in missing:
            worker.check()
            entry, came = self._bring(each)
            entries.append(entry)
            fetched += entry.problem is None
            received += came
        return DossierFiles(tuple(entries), fetched, len(wanted) - len(missing), received)

    def _is_done(self, wanted: WantedFile) -> bool:
        known = self._known.get(wanted.key)
        if known is None or known.problem is not None or known.checksum != wanted.checksum:
            return False
        place = self._place(wanted)
        return known.path == str(place.path) and place.holds(wanted.size, "")

    def _place(self, wanted: WantedFile) -> Place:
        return Place(self._worker.root, *path_of(wanted))

    def _bring(self, wanted: WantedFile) -> tuple[StoredFile, int]:
        """Bring one file. Gives the line of the manifest, and the number of bytes that came."""
        limits = self._worker.limits
        try:
            place = self._place(wanted)
            if place.holds(wanted.size, wanted.checksum):  # an earlier run was killed before noting it
                return self._note(wanted, place), 0
            limits.take(wanted.size)
            try:
                self._worker.downloader.fetch(wanted, place)
            except AddressExpiredError:
                if self._asked:
                    raise
                wanted = self._renew(wanted)
                place = self._place(wanted)
                self._worker.downloader.fetch(wanted, place)
        except FileProblemError as problem:
            return self._give_up([wanted], str(problem))[0], 0
        except RetriableError as error:
            limits.failed(error)
            return self._give_up([wanted], str(error))[0], 0
        limits.came()
        return self._note(wanted, place), wanted.size

    def _note(self, wanted: WantedFile, place: Place) -> StoredFile:
        now = self._worker.now()
        return replace(_describe(wanted), path=str(place.path), fetched_at=now)

    def _give_up(self, wanted: list[WantedFile], problem: str) -> tuple[StoredFile, ...]:
        """Lines that say why. A file that an earlier run brought stays where it is."""
        entries = []
        for each in wanted:
            known = self._known.get(each.key)
            entry = replace(_describe(each), problem=problem)
            if known is not None:
                entry = replace(entry, path=known.path, fetched_at=known.fetched_at)
            entries.append(entry)
        return tuple(entries)

    def _renew(self, wanted: WantedFile) -> WantedFile:
        self._ask()
        found = {each.key: each for each in list_wanted(self._raw, self._worker.extras)}
        if wanted.key not in found:
            raise FileProblemError("it is not in the dossier any more")
        again = found[wanted.key]
        if again.size > wanted.size:
            self._worker.limits.take(again.size - wanted.size)
        return again

    def _ask(self) -> None:
        """Ask for the dossier as it is now. Raises FileProblemError when it does not come."""
        try:
            self._raw = self._worker.client.raw_dossier(self._number)
        except NotFoundError:
            raise FileProblemError("the platform does not have its dossier any more") from None
        except (BadDataError, OutOfScopeError) as error:
            raise FileProblemError(f"its dossier cannot be read: {type(error).__name__}") from None
        except RetriableError as error:
            self._worker.limits.failed(error)
            raise FileProblemError(f"its dossier did not come: {error}") from None
        self._asked = self._is_young = True


def _describe(wanted: WantedFile) -> StoredFile:
    return StoredFile(
        dossier=wanted.dossier,
        source=wanted.source,
        champ=wanted.champ,
        row_id=wanted.row_id,
        position=wanted.position,
        filename=wanted.filename,
        content_type=wanted.content_type,
        size=wanted.size,
        checksum=wanted.checksum,
    )
