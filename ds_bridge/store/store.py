"""`Store`: the dossiers and all that is kept about them, in SQLite or PostgreSQL.

Takes entries from `sync` and gives them back to `dump`, `remap` and other readers. Every method that saves is
one transaction: it saves all, or it saves nothing and raises a StoreError that says why.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack

from sqlalchemy import Connection, Engine

from ds_bridge.errors import ConfigurationError, StoreError
from ds_bridge.store import (
    backup,
    changes,
    checking,
    copying,
    deletions,
    drafts,
    files,
    journal,
    loads,
    locks,
    outbox,
    pages,
    people,
    postgresql,
    proofs,
    purge,
    reading,
    sqlite,
    views,
)
from ds_bridge.store.changes import Change, Place
from ds_bridge.store.checking import Condition
from ds_bridge.store.copying import Copied
from ds_bridge.store.drafts import DraftState, StoredDraft
from ds_bridge.store.entries import (
    Checkpoint,
    DeletionEntry,
    DeletionKind,
    DossierEntry,
    FormCheck,
    PageCounts,
    SetAside,
    StoredAnomaly,
    StoredDeletion,
    StoredDocument,
    StoredDossier,
)
from ds_bridge.store.failures import translated
from ds_bridge.store.files import StoredFile
from ds_bridge.store.loads import LoadPart
from ds_bridge.store.overview import (
    Overview,
    RunRecord,
    read_last_good_run,
    read_overview,
    read_purged_before,
)
from ds_bridge.store.people import PersonRecord
from ds_bridge.store.proofs import Comparison, LostStream
from ds_bridge.store.purge import Purgeable
from ds_bridge.store.schema import check_schema, ensure_schema
from ds_bridge.store.sqlite_reading import ReadOnlyFile
from ds_bridge.store.view_columns import View


class Store:
    """An open store, for any one thread at a time. Close it, or use it as a context manager."""

    def __init__(self, engine: Engine, target: str, password: str | None = None) -> None:
        self._engine = engine
        self._target = target
        self._password = password
        self._closed = False
        self._check_lock: Callable[[], None] | None = None
        self._read_only = False
        self._watch: Callable[[str], AbstractContextManager[None]] = _watch_nothing

    @classmethod
    def open(cls, url: str) -> Self:
        """Open `sqlite:///path` or `postgresql+psycopg://…`, creating or migrating its tables.

        Raises StoreError when the database or the disk refuses, StoreVersionError for a store of a newer
        ds-bridge or a database that is no store, ConfigurationError for a URL that cannot be right.
        """
        if url.startswith(sqlite.PREFIX):
            path = sqlite.read_path(url)
            sqlite.prepare_file(path)
            store = cls(sqlite.create_sqlite_engine(path), f"store {str(path)!r}")
        else:
            store = cls._on_server(url, read_only=False)
        store._prepare(ensure_schema)
        return store

    @classmethod
    def open_to_read(cls, url: str) -> Self:
        """Open an existing store to read it: nothing is created, migrated or written.

        Raises as `open` does, and StoreVersionError for a store of an older ds-bridge.
        """
        if url.startswith(sqlite.PREFIX):
            path = sqlite.read_path(url)
            sqlite.check_readable(path)
            file = ReadOnlyFile(path)
            store = cls(file.create_engine(), f"store {str(path)!r}")
            store._watch = file.watch
        else:
            store = cls._on_server(url, read_only=True)
        store._read_only = True
        store._prepare(check_schema)
        return store

    @classmethod
    def _on_server(cls, url: str, *, read_only: bool) -> Self:
        if not url.startswith(postgresql.PREFIX):
            raise ConfigurationError(
                f"store.url: write {sqlite.PREFIX}path/to/file.db or"
                f" {postgresql.PREFIX}user:password@host/database"
            )
        parsed = postgresql.read_url(url)
        engine = postgresql.create_postgresql_engine(parsed, read_only=read_only)
        return cls(engine, postgresql.describe(parsed), parsed.password)

    def _prepare(self, look: Callable[[Engine, str], None]) -> None:
        try:
            with translated(self._target, self._password):
                look(self._engine, self._target)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the connections back. Safe to call twice."""
        self._closed = True
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Store {self._target.removeprefix('store ')}>"

    # Dossiers

    def save_page(
        self,
        demarche: int,
        entries: Sequence[DossierEntry],
        place: Checkpoint | LoadPart | None,
    ) -> PageCounts:
        """Save a page, and the place of its stream or of its part of a load, in one transaction.

        A dossier is not rewritten when its raw content (without the files' addresses) and its document are
        the same. Without a place (a dossier asked for by number, or mapped again) only the dossiers are
        saved.
        """
        prepared = pages.prepare(entries)
        with self._write() as connection:
            counts = pages.save(connection, demarche, prepared)
            if isinstance(place, LoadPart):
                loads.save_part(connection, demarche, place)
            elif place is not None:
                journal.save_checkpoint(connection, demarche, place)
        return counts

    def save_deletions(
        self,
        demarche: int,
        kind: DeletionKind,
        entries: Sequence[DeletionEntry],
        checkpoint: Checkpoint | None,
    ) -> int:
        """Set tombstones by the rules of `deletions.py`, with the checkpoint, in one transaction.

        Returns how many dossiers became tombstones just now.
        """
        with self._write() as connection:
            count = deletions.save(connection, demarche, kind, entries)
            if checkpoint is not None:
                journal.save_checkpoint(connection, demarche, checkpoint)
        return count

    def dossiers(self, demarche: int, **conditions: Unpack[reading.Conditions]) -> Iterator[StoredDossier]:
        """The live dossiers that meet the conditions, by number, in batches: see `reading.py`."""
        selection = reading.Selection(demarche, **conditions)
        after = -1
        while True:
            with self._read() as connection:
                batch = reading.read_batch(connection, selection, after)
            for row in batch:
                yield StoredDossier(*row)
            if len(batch) < reading.DOSSIERS_A_BATCH:
                return
            after = batch[-1].number

    def documents(
        self,
        demarche: int,
        *,
        also: Collection[reading.Part] = (),
        **conditions: Unpack[reading.Conditions],
    ) -> Iterator[StoredDocument]:
        """The documents of the dossiers that `dossiers` would give. Several times as fast as `dossiers`."""
        selection = reading.Selection(demarche, **conditions)
        after = -1
        while True:
            with self._read() as connection:
                batch = reading.read_documents(connection, selection, after, also)
            for row in batch:
                yield StoredDocument(*row)
            if len(batch) < reading.DOCUMENTS_A_BATCH:
                return
            after = batch[-1].number

    def read_dossier(self, demarche: int, number: int) -> StoredDossier | StoredDeletion | None:
        """The démarche's dossier of this number: live, or its tombstone; None when it is not in the store."""
        with self._read() as connection:
            return reading.read_one(connection, demarche, number)

    def count(self, demarche: int, **conditions: Unpack[reading.Conditions]) -> int:
        """How many dossiers `dossiers` would give."""
        with self._read() as connection:
            return reading.count(connection, reading.Selection(demarche, **conditions))

    def newest_deposit(self, demarche: int) -> datetime | None:
        """When the newest live dossier was deposited; None when there is none."""
        with self._read() as connection:
            return reading.read_newest_deposit(connection, demarche)

    def modification_dates(self, demarche: int) -> Iterator[tuple[int, datetime]]:
        """Number and modification date of every live dossier, by number."""
        for number, moment, _ in self.versions(demarche):
            yield number, moment

    def versions(self, demarche: int) -> Iterator[tuple[int, datetime, str | None]]:
        """Number, modification date and revision of every live dossier, by number: what a sweep compares."""
        after = -1
        while True:
            with self._read() as connection:
                batch = reading.read_versions(connection, demarche, after)
            yield from batch
            if len(batch) < reading.ROWS_A_BATCH:
                return
            after = batch[-1][0]

    def deletions(self, demarche: int) -> Iterator[StoredDeletion]:
        """Tombstones, by number."""
        after = -1
        while True:
            with self._read() as connection:
                batch = reading.read_deletions(connection, demarche, after)
            yield from batch
            if len(batch) < reading.ROWS_A_BATCH:
                return
            after = batch[-1].number

    def anomalies(self, demarche: int) -> Iterator[StoredAnomaly]:
        """The anomalies of the live dossiers, by number, in the order in which mapping found them."""
        after = (-1, -1)
        while True:
            with self._read() as connection:
                batch = reading.read_anomalies(connection, demarche, after)
            yield from (anomaly for _, anomaly in batch)
            if len(batch) < reading.ROWS_A_BATCH:
                return
            after = batch[-1][0]

    def list_demarches(self) -> list[int]:
        """The numbers of the démarches that were ever synced here."""
        with self._read() as connection:
            return journal.list_demarches(connection)

    # Walks

    def read_checkpoint(self, demarche: int, stream: str) -> Checkpoint | None:
        """Where the stream stands, None before its first page."""
        with self._read() as connection:
            return journal.read_checkpoint(connection, demarche, stream)

    def save_checkpoint(self, demarche: int, checkpoint: Checkpoint) -> None:
        """Replace the stream's checkpoint."""
        with self._write() as connection:
            journal.save_checkpoint(connection, demarche, checkpoint)

    def begin_load(self, demarche: int, parts: Sequence[LoadPart]) -> None:
        """Write the parts of a first load, which begins now."""
        with self._write() as connection:
            loads.begin_load(connection, demarche, parts)

    def read_load(self, demarche: int) -> list[LoadPart]:
        """The parts of the unfinished load; none when there is no such load."""
        with self._read() as connection:
            return loads.read_load(connection, demarche)

    def save_part(self, demarche: int, part: LoadPart) -> None:
        """Replace the place of one part of the unfinished load."""
        with self._write() as connection:
            loads.save_part(connection, demarche, part)

    def end_load(self, demarche: int, checkpoint: Checkpoint | None) -> None:
        """Forget the load, and save the checkpoint that covers all of it, in one transaction.

        Without a checkpoint: the load cannot go on.
        """
        with self._write() as connection:
            loads.drop_load(connection, demarche)
            if checkpoint is not None:
                journal.save_checkpoint(connection, demarche, checkpoint)

    def begin_run(self, demarche: int, run_id: str, started_at: datetime) -> None:
        """Write that a run of this démarche began. No other run has the same `run_id`."""
        with self._write() as connection:
            journal.begin_run(connection, demarche, run_id, started_at)

    def finish_run(
        self, run_id: str, summary: Mapping[str, Any], finished_at: datetime | None = None
    ) -> None:
        """Write how the run ended. `finished_at` is now when left out."""
        # Also when the lock was lost: no other run writes this row.
        with self._write(under_lock=False) as connection:
            journal.finish_run(connection, run_id, dict(summary), finished_at or datetime.now(UTC))

    def last_runs(self, demarche: int, limit: int = 10) -> list[dict[str, Any]]:
        """The latest runs, newest first: run_id, demarche, started_at, finished_at, summary.

        The last two are None for a run that is under way or was killed.
        """
        with self._read() as connection:
            return journal.last_runs(connection, demarche, limit)

    def set_aside(self, demarche: int, number: int, reason: str, at: datetime) -> SetAside:
        """Count one more failed try of a dossier that the platform cannot give. Returns when to try again."""
        with self._write() as connection:
            return journal.set_dossier_aside(connection, demarche, number, reason, at)

    def clear_set_aside(self, demarche: int, number: int) -> bool:
        """The dossier came, or is deleted: forget its tries. Returns whether it was set aside."""
        with self._write() as connection:
            return journal.clear_set_aside(connection, demarche, number)

    def list_set_aside(self, demarche: int, *, due: datetime | None = None) -> list[SetAside]:
        """Dossiers set aside, by number. With `due`: only those whose next try is due at that moment."""
        with self._read() as connection:
            return journal.list_set_aside(connection, demarche, due)

    def save_comparison(self, demarche: int, comparison: Comparison) -> None:
        """Replace the last comparison with the platform."""
        with self._write() as connection:
            proofs.save_comparison(connection, demarche, comparison)

    def read_comparison(self, demarche: int) -> Comparison | None:
        """The last comparison with the platform; None when days were never counted."""
        with self._read() as connection:
            return proofs.read_comparison(connection, demarche)

    def lose_stream(self, demarche: int, lost: LostStream) -> None:
        """Remember that the platform cannot give a stream of deletions, until `find_stream`."""
        with self._write() as connection:
            proofs.lose_stream(connection, demarche, lost)

    def find_stream(self, demarche: int, kind: DeletionKind) -> bool:
        """A stream of deletions was followed to its end. Returns whether it was lost before."""
        with self._write() as connection:
            return proofs.find_stream(connection, demarche, kind)

    def list_lost_streams(self, demarche: int) -> list[LostStream]:
        """The streams of deletions that the platform cannot give."""
        with self._read() as connection:
            return proofs.list_lost_streams(connection, demarche)

    def last_good_run(self, demarche: int) -> RunRecord | None:
        """The last run that pulled everything; None when there was none."""
        with self._read() as connection:
            return read_last_good_run(connection, demarche)

    def overview(self, demarche: int) -> Overview:
        """Counts and dates of a démarche and of its runs, for status and metrics."""
        with self._read() as connection:
            return read_overview(connection, demarche)

    @contextmanager
    def lock(self, demarche: int, work: locks.Work = "sync") -> Iterator[None]:
        """Keep other runs of this work off this démarche. Raises LockedError, which names the holder."""
        self._check_open()
        target = self._target
        if self._file:
            held = locks.lock_file(self._file, demarche, work)
            target = (
                f"lock {str(locks.name_lock_file(self._file, demarche, work))!r} (let this user write it)"
            )
        else:
            held = locks.lock_server(self._engine, demarche, work)
        with ExitStack() as stack:
            # Translate only the errors of taking the lock: what the run raises keeps its own words.
            with translated(target, self._password):
                self._check_lock = stack.enter_context(held)
            stack.callback(setattr, self, "_check_lock", None)
            yield

    def find_lock_holder(self, demarche: int) -> str | None:
        """Who works on this démarche now, when that can be told without taking the lock."""
        self._check_open()
        with translated(self._target, self._password):
            if self._file:
                return locks.find_file_holder(self._file, demarche)
            return locks.find_server_holder(self._engine, demarche)

    # Actions

    @property
    def outbox(self) -> outbox.Outbox:
        """What is to be changed on the platform, and what became of it."""
        return outbox.Outbox(self._read, self._write)

    # Changes and people

    def read_place(self, demarche: int) -> Place:
        """The place of the démarche's last change: see `changes.py`."""
        with self._read() as connection:
            return changes.read_place(connection, demarche)

    def changes(
        self, demarche: int, after: int, limit: int, *, since: datetime | None = None
    ) -> tuple[Place, Sequence[Change]]:
        """The next changes after a place, tombstones included, with the last place before the reading."""
        with self._read() as connection:
            # Read the place first: what is written between the two readings comes with the next changes.
            place = changes.read_place(connection, demarche)
            return place, changes.read_changes(connection, demarche, after, limit, since)

    def changed_numbers(self, demarche: int, after: int) -> Iterator[int]:
        """The numbers of the dossiers, tombstones included, that were written after this place."""
        while True:
            with self._read() as connection:
                batch = changes.read_changed_numbers(connection, demarche, after, reading.ROWS_A_BATCH)
            yield from (number for _, number in batch)
            if len(batch) < reading.ROWS_A_BATCH:
                return
            after = batch[-1][0]

    def read_person(self, demarche: int, identifiant: int) -> PersonRecord:
        """What is known of one person: see `people.py`."""
        with self._read() as connection:
            return people.read_person(connection, demarche, identifiant)

    def save_person_champs(self, demarche: int, champs: str) -> None:
        """Write which champs gave every live dossier of the démarche its person."""
        with self._write() as connection:
            people.save_champs(connection, demarche, champs, datetime.now(UTC))

    # Drafts

    def save_drafts(self, demarche: int, entries: Sequence[StoredDraft]) -> None:
        """Write each draft, which replaces what the store knew of it, all in one transaction."""
        with self._write() as connection:
            drafts.save_drafts(connection, demarche, entries)

    def drafts(self, demarche: int, *, states: Collection[DraftState] | None = None) -> list[StoredDraft]:
        """A démarche's drafts, the oldest first."""
        with self._read() as connection:
            return drafts.list_drafts(connection, demarche, states=states)

    def find_open_drafts(self, demarche: int, identifiant: int, now: datetime) -> list[StoredDraft]:
        """This person's drafts that could still be completed."""
        with self._read() as connection:
            return drafts.find_open_drafts(connection, demarche, identifiant, now)

    # Files

    def save_files(self, entries: Sequence[StoredFile]) -> None:
        """Write each file, which replaces what the store knew of it, all in one transaction."""
        with self._write() as connection:
            files.save_files(connection, entries)

    def files(self, demarche: int, dossier: int | None = None) -> list[StoredFile]:
        """The manifest of a démarche's dossiers, or of one of them, in the order of numbers."""
        with self._read() as connection:
            return files.list_files(connection, demarche, dossier)

    # Purge

    def count_purgeable(self, demarche: int, before: datetime) -> Purgeable:
        """What `purge` would delete."""
        with self._read() as connection:
            return purge.count_purgeable(connection, demarche, before)

    def purge(self, demarche: int, before: datetime) -> Purgeable:
        """Delete for good what was last modified or deleted before: see `purge.py`. Take the lock first."""
        with self._write() as connection:
            purge.overwrite_deleted(connection)
            purged = purge.purge(connection, demarche, before)
        with translated(self._target, self._password):
            purge.erase_deleted(self._engine, self._target)
        return purged

    def purged_before(self, demarche: int) -> datetime | None:
        """Dossiers last modified before this moment must not be pulled again."""
        with self._read() as connection:
            return read_purged_before(connection, demarche)

    def list_backups(self) -> list[Path]:
        """The copies that migrations left beside a SQLite store."""
        return purge.list_backups(self._file) if self._file else []

    # The store as a whole

    def back_up(self, file: Path) -> int:
        """Copy a SQLite store, as it stands now, to a new private file; returns its size in bytes.

        Raises ConfigurationError for PostgreSQL, with the command to use there; StoreError when it fails.
        """
        if self._file is None:
            raise ConfigurationError(
                "nothing was backed up: back up PostgreSQL with its own program: "
                + postgresql.describe_dump(self._engine.url, file)
            )
        self._check_open()
        return backup.back_up_to(self._file, file)

    def copy_to(self, target: Store, progress: Callable[[Copied], None]) -> Copied:
        """Copy every table into an empty store and compare, in one transaction there. See `copying.py`."""
        with self._read() as source, target._write() as connection:
            copying.refuse_content(connection, target._target)
            return copying.copy(
                copying.Side(source, self._target, self._password),
                copying.Side(connection, target._target, target._password),
                progress,
            )

    def check(self) -> Condition:
        """Read every row: find what is damaged, what the store holds, and what cannot be pulled again."""
        with self._read() as connection:
            return checking.check(connection)

    # Forms and views

    def save_form(self, demarche: int, name: str | None, document: Mapping[str, Any]) -> None:
        """Keep the platform's description of the form, so that mapping again works offline."""
        with self._write() as connection:
            journal.save_form(connection, demarche, name, dict(document), datetime.now(UTC))

    def read_form(self, demarche: int) -> dict[str, Any] | None:
        """The form as `save_form` got it, None when there is none."""
        with self._read() as connection:
            return journal.read_form(connection, demarche)

    def save_form_check(self, demarche: int, check: FormCheck) -> None:
        """Write which form was checked: what `read_form_check` gives until the next check."""
        with self._write() as connection:
            journal.save_form_check(connection, demarche, check)

    def read_form_check(self, demarche: int) -> FormCheck | None:
        """The last check of the démarche's form, None when there was none."""
        with self._read() as connection:
            return journal.read_form_check(connection, demarche)

    def publish_views(self, demarche: int, name: str, shown: Sequence[View]) -> list[str]:
        """Make the démarche's views for SQL: see `views.py`. Returns those it had to leave as they were."""
        with self._read() as connection:
            definitions = views.define(connection, demarche, name, shown)
            if views.is_published(connection, demarche, definitions):
                return []
        with self._write() as connection:
            return views.publish(connection, demarche, definitions)

    def list_views(self, demarche: int) -> list[str]:
        """The names of a démarche's views."""
        with self._read() as connection:
            return views.list_names(connection, demarche)

    # Transactions

    @property
    def _file(self) -> Path | None:
        url = self._engine.url
        return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        self._check_open()
        with (
            translated(self._target, self._password),
            self._watch(self._target),
            self._engine.connect() as connection,
        ):
            yield connection

    @contextmanager
    def _write(self, *, under_lock: bool = True) -> Iterator[Connection]:
        """A transaction that writes. Raises when this store lost the lock that it held."""
        self._check_open()
        if self._read_only:
            raise StoreError(f"{self._target}: it was opened to be read only")
        engine = self._engine.execution_options(**{sqlite.WRITES: True})
        with translated(self._target, self._password):
            if under_lock and self._check_lock:
                self._check_lock()
            with engine.begin() as connection:
                yield connection

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError(f"{self._target}: it was closed")


def _watch_nothing(target: str) -> AbstractContextManager[None]:
    del target
    return nullcontext()
