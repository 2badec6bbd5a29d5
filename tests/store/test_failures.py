"""No foreign exception leaves the store: every kind, from every method."""

from __future__ import annotations

import inspect
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy.exc

from ds_bridge.errors import DsBridgeError, StoreError
from ds_bridge.store import Checkpoint, Comparison, FormCheck, LoadPart, LostStream, Store, journal
from ds_bridge.store.failures import translated
from tests.store.samples import (
    DEMARCHE,
    NOON,
    make_checkpoint,
    make_deletion,
    make_draft,
    make_entry,
    make_file,
    make_views,
)
from tests.stores import new_sqlite

PROOFS = ("comparisons", "lost_streams")
SECRET = "s3cr3t"
PERSON = "NOËL Zoé"
PART = LoadPart(PERSON, NOON, NOON, "q1")

# Every public method, and how to call it. A new one that is not here fails the test below.
CALLS: dict[str, Callable[[Store], Any]] = {
    "save_page": lambda store: store.save_page(DEMARCHE, [make_entry(1, value=PERSON)], make_checkpoint()),
    "save_deletions": lambda store: store.save_deletions(
        DEMARCHE, "deleted", [make_deletion(1, NOON, PERSON)], None
    ),
    "dossiers": lambda store: list(store.dossiers(DEMARCHE)),
    "documents": lambda store: list(store.documents(DEMARCHE, also=("row_ids", "account"))),
    "count": lambda store: store.count(DEMARCHE),
    "modification_dates": lambda store: list(store.modification_dates(DEMARCHE)),
    "changed_numbers": lambda store: list(store.changed_numbers(DEMARCHE, 0)),
    "versions": lambda store: list(store.versions(DEMARCHE)),
    "save_comparison": lambda store: store.save_comparison(DEMARCHE, Comparison(NOON)),
    "read_comparison": lambda store: store.read_comparison(DEMARCHE),
    "lose_stream": lambda store: store.lose_stream(DEMARCHE, LostStream("pending", NOON, PERSON)),
    "find_stream": lambda store: store.find_stream(DEMARCHE, "pending"),
    "list_lost_streams": lambda store: store.list_lost_streams(DEMARCHE),
    "deletions": lambda store: list(store.deletions(DEMARCHE)),
    "anomalies": lambda store: list(store.anomalies(DEMARCHE)),
    "read_checkpoint": lambda store: store.read_checkpoint(DEMARCHE, "dossiers"),
    "save_checkpoint": lambda store: store.save_checkpoint(DEMARCHE, Checkpoint("dossiers", cursor=PERSON)),
    "begin_load": lambda store: store.begin_load(DEMARCHE, [PART]),
    "read_load": lambda store: store.read_load(DEMARCHE),
    "save_part": lambda store: store.save_part(DEMARCHE, PART),
    "end_load": lambda store: store.end_load(DEMARCHE, make_checkpoint()),
    "begin_run": lambda store: store.begin_run(DEMARCHE, "r1", NOON),
    "finish_run": lambda store: store.finish_run("r1", {"error": PERSON}),
    "last_runs": lambda store: store.last_runs(DEMARCHE),
    "set_aside": lambda store: store.set_aside(DEMARCHE, 1, PERSON, NOON),
    "clear_set_aside": lambda store: store.clear_set_aside(DEMARCHE, 1),
    "list_set_aside": lambda store: store.list_set_aside(DEMARCHE),
    "save_form": lambda store: store.save_form(DEMARCHE, PERSON, {"title": PERSON}),
    "read_form": lambda store: store.read_form(DEMARCHE),
    "save_form_check": lambda store: store.save_form_check(DEMARCHE, FormCheck(PERSON, PERSON, NOON)),
    "read_form_check": lambda store: store.read_form_check(DEMARCHE),
    "publish_views": lambda store: store.publish_views(DEMARCHE, "cra", make_views({"evenements": ["nom"]})),
    "read_dossier": lambda store: store.read_dossier(DEMARCHE, 1),
    "save_drafts": lambda store: store.save_drafts(DEMARCHE, [make_draft(2)]),
    "check": lambda store: store.check(),
    "list_demarches": lambda store: store.list_demarches(),
    "drafts": lambda store: store.drafts(DEMARCHE),
    "find_open_drafts": lambda store: store.find_open_drafts(DEMARCHE, 4211, NOON),
    "save_files": lambda store: store.save_files([make_file(1, filename=PERSON)]),
    "files": lambda store: store.files(DEMARCHE),
    "overview": lambda store: store.overview(DEMARCHE),
    "newest_deposit": lambda store: store.newest_deposit(DEMARCHE),
    "list_views": lambda store: store.list_views(DEMARCHE),
    "last_good_run": lambda store: store.last_good_run(DEMARCHE),
    "read_place": lambda store: store.read_place(DEMARCHE),
    "changes": lambda store: store.changes(DEMARCHE, 0, 10, since=NOON),
    "read_person": lambda store: store.read_person(DEMARCHE, 4211),
    "save_person_champs": lambda store: store.save_person_champs(DEMARCHE, PERSON),
    "count_purgeable": lambda store: store.count_purgeable(DEMARCHE, NOON),
    "purge": lambda store: store.purge(DEMARCHE, NOON),
    "purged_before": lambda store: store.purged_before(DEMARCHE),
}

# Those that need another store or a file have tests of their own: `test_copying.py`, `test_backup.py`.
WITHOUT_TABLES = (
    "open", "open_to_read", "close", "lock", "find_lock_holder", "list_backups", "back_up", "copy_to",
)  # fmt: skip


def subclasses(kind: type[BaseException]) -> Iterator[type[BaseException]]:
    yield kind
    for inner in kind.__subclasses__():
        yield from subclasses(inner)


def make_error(kind: type[BaseException]) -> BaseException:
    message = f"connection of {SECRET} failed\nDETAIL: Failing row contains ({PERSON})"
    if issubclass(kind, sqlalchemy.exc.DBAPIError):
        return kind(f"INSERT {PERSON}", {"raw": PERSON}, psycopg.errors.CheckViolation(message))
    if issubclass(kind, sqlalchemy.exc.StatementError):
        return kind(message, f"INSERT {PERSON}", {"raw": PERSON}, ValueError(PERSON))
    error = kind.__new__(kind)
    error.args = (message,)
    return error


def test_every_public_method_is_tried() -> None:
    public = {
        name
        for name, member in inspect.getmembers(Store, inspect.isroutine)
        if not name.startswith("_") and name not in WITHOUT_TABLES
    }
    assert set(CALLS) == public


@pytest.mark.parametrize("name", CALLS)
def test_every_method_works_and_without_its_tables_raises_a_store_error(store: Store, name: str) -> None:
    CALLS[name](store)
    with store._write() as connection:
        for table in ("block_rows", "anomalies", "files", "dossiers", "checkpoints", "runs", "set_aside"):
            cascade = " CASCADE" if connection.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TABLE {table}{cascade}")
        for table in ("demarches", "published_views", "drafts", "form_checks", "load_parts", *PROOFS):
            connection.exec_driver_sql(f"DROP TABLE {table}")
    with pytest.raises(StoreError) as caught:
        CALLS[name](store)
    assert str(caught.value).startswith(store._target)
    assert "\n" not in str(caught.value)
    assert PERSON not in str(caught.value)
    assert caught.value.__suppress_context__, "the driver's own words, which may quote people, are not shown"


@pytest.mark.parametrize("name", CALLS)
def test_every_method_of_a_closed_store_says_so(tmp_path: Path, name: str) -> None:
    store = Store.open(new_sqlite(tmp_path))
    store.close()
    store.close()
    with pytest.raises(StoreError, match="it was closed"):
        CALLS[name](store)


@pytest.mark.parametrize(
    "kind",
    [
        *sorted(subclasses(sqlalchemy.exc.SQLAlchemyError), key=lambda kind: kind.__name__),
        *sorted(subclasses(sqlite3.Error), key=lambda kind: kind.__name__),
        OSError,
        PermissionError,
    ],
    ids=lambda kind: kind.__name__,
)
def test_every_foreign_error_is_translated_without_a_secret(kind: type[BaseException]) -> None:
    with pytest.raises(StoreError) as caught, translated("store x", SECRET):
        raise make_error(kind)
    message = str(caught.value)
    assert message.startswith("store x: ")
    assert SECRET not in message
    assert PERSON not in message
    assert "\n" not in message
    assert caught.value.exit_code == 1


def test_our_own_errors_pass() -> None:
    with pytest.raises(DsBridgeError, match=r"^ours$"), translated("store x"):
        raise DsBridgeError("ours")


def test_faults_of_the_caller_pass() -> None:
    with pytest.raises(KeyError), translated("store x"):
        raise KeyError("k")


def test_a_write_that_is_interrupted_is_taken_back(store: Store) -> None:
    def write_and_stop() -> None:
        with store._write() as connection:
            journal.begin_run(connection, 1, "r", NOON)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_and_stop()
    assert store.last_runs(1) == []
