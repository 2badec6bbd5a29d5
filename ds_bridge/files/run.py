"""One run of downloads: takes the store's dossiers, gives their files on the disk and their manifest.

Several threads share the dossiers and one pace; only the calling thread writes the store. A problem with one
file becomes its line in the manifest, and the others go on.
"""

from __future__ import annotations

import datetime as dt
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from ds_bridge.api.client import Client
from ds_bridge.api.options import Option
from ds_bridge.api.pace import Pace
from ds_bridge.config import Settings
from ds_bridge.files.disk import open_folder
from ds_bridge.files.download import Downloader
from ds_bridge.files.hosts import Hosts
from ds_bridge.files.wanted import Extra
from ds_bridge.files.worker import DossierFiles, Limits, Worker
from ds_bridge.log import get_logger
from ds_bridge.store import Store, StoredDossier
from ds_bridge.sync.stop import Stop

MIB = 1 << 20
_LOOK_SECONDS = 0.2

Work: TypeAlias = Callable[[Worker], DossierFiles]
_Order: TypeAlias = tuple[Work, "Future[DossierFiles]"]
_OPTIONS: dict[Extra, Option] = {
    "annotations": "annotations",
    "attestations": "files",
    "avis": "avis",
    "messages": "messages",
}

_log = get_logger("ds_bridge.files")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass
class FilesSummary:
    """How a run went: dossiers looked at, files that came, were there already, or failed."""

    name: str
    number: int
    folder: str
    seen: int = 0
    fetched: int = 0
    unchanged: int = 0
    received_bytes: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)

    def add(self, files: DossierFiles) -> None:
        self.seen += 1
        self.fetched += files.fetched
        self.unchanged += files.unchanged
        self.received_bytes += files.received_bytes
        self.problems += [
            {
                "dossier": each.dossier,
                "source": each.source,
                "champ": each.champ,
                "row": each.row_id or None,
                "position": each.position,
                "problem": each.problem,
            }
            for each in files.problems
        ]

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "number": self.number,
            "folder": self.folder,
            "dossiers": self.seen,
            "fetched": self.fetched,
            "unchanged": self.unchanged,
            "received_bytes": self.received_bytes,
            "failed": len(self.problems),
            "problems": self.problems,
        }

    def describe(self) -> str:
        """One line."""
        return (
            f"{self.name}: {self.fetched} files fetched ({self.received_bytes} bytes), {self.unchanged} there"
            f" already, {len(self.problems)} failed, of {self.seen} dossiers"
        )


@dataclass(frozen=True)
class FilesOrders:
    """How to run: the folder, only dossiers modified `since`, extras beside the champs, `jobs` at a time."""

    to: Path
    since: dt.datetime | None = None
    extras: frozenset[Extra] = frozenset()
    jobs: int = 2
    stop: Stop = field(default_factory=Stop)
    progress: Callable[[FilesSummary], None] | None = None
    now: Callable[[], dt.datetime] = _now


def fetch_files(settings: Settings, name: str, store: Store, orders: FilesOrders) -> FilesSummary:
    """Download the files of a démarche's stored dossiers that the folder does not have.

    Raises LockedError, StoreError (also when the disk refuses), AccessError, PlatformUnavailableError and
    InterruptedRunError. Files that came before are kept, and the next run continues.
    """
    number = settings.demarche(name).number
    root = orders.to.absolute()
    summary = FilesSummary(name, number, str(root))
    with open_folder(root), _workers(settings, root, orders) as pool:
        for done in _spread(pool, orders, _list_work(store, number, orders)):
            store.save_files(done.entries)
            summary.add(done)
            if orders.progress:
                orders.progress(summary)
            orders.stop.check()
    _log.info("files fetched", fetched=summary.fetched, failed=len(summary.problems))
    return summary


def _list_work(store: Store, number: int, orders: FilesOrders) -> Iterator[Work]:
    for dossier in store.dossiers(number, since=orders.since):
        known = {each.key: each for each in store.files(number, dossier.number)}

        def work(worker: Worker, dossier: StoredDossier = dossier, known: Any = known) -> DossierFiles:
            return worker.take(dossier, known)

        yield work


class _Pool:
    """Threads with a worker each. A run that is stopped does not wait for them: a server may hold them up."""

    def __init__(self, make: Callable[[], Worker], jobs: int) -> None:
        self._make = make
        self._orders: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=copy_context().run, args=(self._serve,), name="files", daemon=True)
            for _ in range(jobs)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, work: Work) -> Future[DossierFiles]:
        """Give a dossier to the next free thread, which brings its files."""
        done: Future[DossierFiles] = Future()
        self._orders.put((work, done))
        return done

    def close(self, *, wait: bool) -> None:
        """Let the threads end. Waits for them unless the run was ended."""
        for _ in self._threads:
            self._orders.put(None)
        for thread in self._threads if wait else ():
            thread.join()

    def _serve(self) -> None:
        with ExitStack() as stack:
            worker: Worker | None = None
            while (order := self._orders.get()) is not None:
                work, done = order
                try:
                    if worker is None:
                        worker = self._make()
                        stack.callback(worker.close)
                    done.set_result(work(worker))
                except BaseException as error:  # noqa: BLE001 - raised again where the result is awaited
                    done.set_exception(error)


@contextmanager
def _workers(settings: Settings, root: Path, orders: FilesOrders) -> Iterator[_Pool]:
    pace = Pace(settings.api.requests_per_minute, sleep=orders.stop.sleep)
    limits = Limits(settings.files.max_file_mib * MIB, settings.files.max_run_mib * MIB)
    hosts = Hosts(settings.api.url, settings.files.hosts)
    settings.api.read_token()  # one clear error now, instead of one in each thread

    def make() -> Worker:
        return Worker(
            root=root,
            client=Client(
                settings.api,
                pace=pace,
                sleep=orders.stop.sleep,
                include=[_OPTIONS[extra] for extra in orders.extras],
            ),
            downloader=Downloader(
                hosts,
                pace=pace,
                attempts=settings.api.attempts,
                timeout_seconds=settings.api.timeout_seconds,
                sleep=orders.stop.sleep,
                check=orders.stop.check,
            ),
            limits=limits,
            extras=orders.extras,
            check=orders.stop.check,
            now=orders.now,
        )

    pool = _Pool(make, orders.jobs)
    wait = False
    try:
        yield pool
        wait = True
    finally:
        pool.close(wait=wait)


def _spread(pool: _Pool, orders: FilesOrders, work: Iterator[Work]) -> Iterator[DossierFiles]:
    """Results in the order of the work. At most a few dossiers are worked on ahead.

    Raises InterruptedRunError as soon as the run is asked to stop, even when threads still wait.
    """
    waiting: deque[Future[DossierFiles]] = deque()
    for each in work:
        waiting.append(pool.submit(each))
        if len(waiting) >= 2 * orders.jobs:
            yield _take(waiting.popleft(), orders.stop)
    while waiting:
        yield _take(waiting.popleft(), orders.stop)


def _take(done: Future[DossierFiles], stop: Stop) -> DossierFiles:
    while True:
        try:
            return done.result(_LOOK_SECONDS)
        except TimeoutError:
            if done.done():  # the error is the work's own
                raise
            stop.check()
