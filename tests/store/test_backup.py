"""Backups are private and whole, and never written over a file; the check finds damage and tells it."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from ds_bridge.errors import ConfigurationError, StoreError
from ds_bridge.store import Store
from ds_bridge.store.postgresql import describe_dump, read_url
from tests.store.samples import DEMARCHE, NOON, make_deletion, make_draft, make_entry


def test_a_backup_is_the_store_and_private(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store:
        store.save_page(DEMARCHE, [make_entry(1)], None)
        size = store.back_up(tmp_path / "copy.db")
    backup = tmp_path / "copy.db"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert size == backup.stat().st_size > 10_000
    with Store.open_to_read(f"sqlite:///{backup}") as copied:
        assert [each.number for each in copied.dossiers(DEMARCHE)] == [1]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["copy.db", "store.db"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("store.db", "it exists already: give another name, or remove it first"),
        ("link", "it exists already"),
        ("missing/copy.db", "missing' does not exist: create it first"),
        ("x" * 300, "name too long"),
    ],
)
def test_where_no_backup_can_be(tmp_path: Path, name: str, words: str) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store:
        store.save_page(DEMARCHE, [make_entry(1)], None)
        (tmp_path / "link").symlink_to(tmp_path / "nowhere")
        with pytest.raises(StoreError, match=f"(?i){words}"):
            store.back_up(tmp_path / name)
        assert store.count(DEMARCHE) == 1


def test_postgresql_says_its_own_command() -> None:
    url = read_url("postgresql+psycopg://me:s3cret@db.example.org:5433/pilotage?sslmode=require")
    assert describe_dump(url, Path("/var/my backups/a.dump")) == (
        "(umask 077 && pg_dump --format=custom --file='/var/my backups/a.dump' --host=db.example.org"
        " --port=5433 --username=me --dbname=pilotage)"
    )


def test_a_server_s_store_is_not_backed_up_here(store: Store, tmp_path: Path) -> None:
    if store._file is not None:
        return
    with pytest.raises(ConfigurationError, match=r"nothing was backed up: .* pg_dump --format=custom"):
        store.back_up(tmp_path / "a.dump")


def test_what_a_check_tells(store: Store) -> None:
    store.save_form(DEMARCHE, "cra", {})
    store.save_page(DEMARCHE, [make_entry(1), make_entry(2)], None)
    store.save_deletions(DEMARCHE, "deleted", [make_deletion(2, NOON)], None)
    store.save_drafts(DEMARCHE, [make_draft(9)])
    store.begin_run(DEMARCHE, "r1", NOON)
    found = store.check()
    assert (found.problems, found.drafts, found.tombstones, found.runs, found.purges) == ((), 1, 1, 1, 0)
    assert (found.rows["dossiers"], found.rows["block_rows"], found.rows["files"]) == (2, 2, 0)


def test_rows_of_no_dossier_and_a_text_that_is_no_json(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store:
        store.save_page(DEMARCHE, [make_entry(1), make_entry(2)], None)
        connection = sqlite3.connect(tmp_path / "store.db")
        connection.execute("DELETE FROM dossiers WHERE number = 1")
        connection.execute("UPDATE dossiers SET raw = '{cut'")
        connection.commit()
        connection.close()
        assert store.check().problems == (
            "1 rows of block_rows belong to no dossier",
            "1 rows of dossiers hold a raw that is not JSON",
        )


def test_a_file_whose_pages_are_damaged(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    with Store.open(f"sqlite:///{file}") as store:
        store.save_page(DEMARCHE, [make_entry(number) for number in range(200)], None)
        with store._read() as connection:
            page = connection.execute(
                text("SELECT rootpage FROM sqlite_master WHERE name = 'ix_dossiers_demarche'")
            ).scalar()
            indexes = connection.execute(
                text("SELECT rootpage FROM sqlite_master WHERE type = 'index' AND tbl_name = 'dossiers'")
            ).scalars()
            page = page or min(indexes)
            size = connection.execute(text("PRAGMA page_size")).scalar_one()
    content = bytearray(file.read_bytes())
    content[(page - 1) * size + 200 : page * size - 200] = b"\0" * (size - 400)
    file.write_bytes(content)
    with Store.open_to_read(f"sqlite:///{file}") as store:
        try:
            problems = store.check().problems
        except StoreError as error:
            problems = (str(error),)
    assert problems
