"""Readers: they need no right to write, leave no file behind, and say what keeps them from reading."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from ds_bridge.errors import StoreError, StoreVersionError
from ds_bridge.store import Store
from ds_bridge.store.sqlite_reading import ReadOnlyFile
from tests.postgres import shared_server
from tests.store.samples import DEMARCHE, make_draft, make_entry
from tests.store.test_migrations import make_first_version

COUNT = """
import os, sys
from ds_bridge.errors import DsBridgeError
from ds_bridge.store import Store
if os.geteuid() == 0:  # whom no mode keeps out; not earlier: root's modules may be closed to others
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    with Store.open_to_read(sys.argv[1]) as store:
        print(store.count(82349))
except DsBridgeError as error:
    print(error)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody can reach: pytest's own is closed to other users."""
    folder = Path(tempfile.mkdtemp(prefix="ds-bridge-readers-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def read_as_a_stranger(file: Path) -> str:
    """What a process says that may read the file, and may write neither it nor its folder."""
    if os.geteuid():
        file.chmod(0o400 if file.stat().st_mode & 0o004 else 0)
        file.parent.chmod(0o500)
    done = subprocess.run(
        [sys.executable, "-c", COUNT, f"sqlite:///{file}"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def make_store(folder: Path, mode: int) -> Store:
    store = Store.open(f"sqlite:///{folder / 'store.db'}")
    store.save_page(DEMARCHE, [make_entry(1), make_entry(2)], None)
    (folder / "store.db").chmod(mode)
    return store


def test_a_stranger_reads_and_leaves_nothing(folder: Path) -> None:
    make_store(folder, 0o644).close()
    assert read_as_a_stranger(folder / "store.db") == "2"
    assert os.listdir(folder) == ["store.db"]


def test_a_stranger_reads_what_a_run_has_just_written(folder: Path) -> None:
    make_store(folder, 0o644).close()
    with Store.open(f"sqlite:///{folder / 'store.db'}") as store:
        store.save_page(DEMARCHE, [make_entry(3)], None)
        assert read_as_a_stranger(folder / "store.db") == "3"


def test_a_file_closed_to_the_reader_is_told(folder: Path) -> None:
    make_store(folder, 0o600).close()
    told = read_as_a_stranger(folder / "store.db")
    assert told.endswith(
        "it cannot be read (Permission denied): let this user read the file and enter its folder"
    )


def test_a_run_that_begins_meanwhile_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_store(tmp_path, 0o600).close()
    monkeypatch.setattr(ReadOnlyFile, "_is_own", lambda _: False)
    with Store.open_to_read(f"sqlite:///{tmp_path / 'store.db'}") as reader:
        numbers = (each.number for each in reader.dossiers(DEMARCHE))
        assert next(numbers) == 1

        def write_between() -> None:
            with reader._read() as connection:
                connection.execute(text("SELECT 1"))
                with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store:
                    store.save_page(DEMARCHE, [make_entry(9)], None)

        with pytest.raises(StoreError, match="a run began to write it while it was read: run the command"):
            write_between()
        assert reader.count(DEMARCHE) == 3


def test_the_owner_leaves_no_log_behind(tmp_path: Path) -> None:
    make_store(tmp_path, 0o600).close()
    with Store.open_to_read(f"sqlite:///{tmp_path / 'store.db'}") as reader:
        assert reader.count(DEMARCHE) == 2
    assert os.listdir(tmp_path) == ["store.db"]


def test_a_reader_cannot_write(store: Store, store_url: str) -> None:
    with Store.open_to_read(store_url) as reader:
        with pytest.raises(StoreError, match="it was opened to be read only"):
            reader.save_drafts(DEMARCHE, [make_draft(1)])
        with pytest.raises(StoreError), reader._read() as connection:
            connection.execute(text("DELETE FROM dossiers"))


def test_what_is_no_store_yet(store_url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no store .*yet: run ds-bridge sync first"):
        Store.open_to_read(store_url)
    assert os.listdir(tmp_path) == []


def test_an_older_store_is_left_as_it_is(store_url: str) -> None:
    make_first_version(store_url)
    for _ in range(2):
        with pytest.raises(StoreVersionError, match=r"of an older ds-bridge \(revision 0001, .*sync"):
            Store.open_to_read(store_url)


def test_a_newer_store_is_refused(store: Store, store_url: str) -> None:
    with store._write() as connection:
        connection.execute(text("UPDATE ds_bridge_version SET version_num = '9999'"))
    with pytest.raises(StoreVersionError, match=r"a newer ds-bridge \(revision 9999, .*upgrade ds-bridge"):
        Store.open_to_read(store_url)


def test_a_folder_and_an_address_that_cannot_be_meant(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="it is a folder"):
        Store.open_to_read(f"sqlite:///{tmp_path}")


def test_a_role_that_may_only_select(store: Store) -> None:
    if store._file is not None:
        return  # roles are PostgreSQL's
    store.save_page(DEMARCHE, [make_entry(1)], None)
    with store._write() as connection:
        connection.execute(text("CREATE ROLE analyst LOGIN"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO analyst"))
    try:
        database = re.search(r"/(\w+)>", repr(store))
        assert database
        with Store.open_to_read(shared_server().url(database[1], user="analyst")) as reader:
            assert reader.count(DEMARCHE) == 1
            assert reader.overview(DEMARCHE).live == 1
    finally:
        with store._write() as connection:
            connection.execute(text("DROP OWNED BY analyst"))
            connection.execute(text("DROP ROLE analyst"))
