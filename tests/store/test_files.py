"""The SQLite file: private, durable, and one clear line for whatever is wrong with it."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from ds_bridge.errors import ConfigurationError, StoreError
from ds_bridge.store import Store, failures
from tests.store.samples import DEMARCHE, make_checkpoint, make_entry


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture(params=[0o000, 0o022, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_the_file_and_its_logs_are_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "store.db"
    with Store.open(url(path)) as store:
        store.save_page(DEMARCHE, [make_entry(1)], make_checkpoint())
        files = sorted(file.name for file in tmp_path.iterdir())
        assert files == ["store.db", "store.db-shm", "store.db-wal"]
        assert {mode(file) for file in tmp_path.iterdir()} == {0o600}
    assert [file.name for file in tmp_path.iterdir()] == ["store.db"], "closed, it is one file"


def test_a_file_opened_to_a_group_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    Store.open(url(path)).close()
    path.chmod(0o640)
    Store.open(url(path)).close()
    assert mode(path) == 0o640


def test_connections_are_durable_and_check_keys(tmp_path: Path) -> None:
    with Store.open(url(tmp_path / "store.db")) as store, store._read() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_committed_page_survives_sigkill(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    script = (
        "import os, signal\n"
        "from ds_bridge.store import Store\n"
        "from tests.store.samples import *\n"
        f"store = Store.open({url(path)!r})\n"
        "store.save_page(DEMARCHE, [make_entry(1)], make_checkpoint())\n"
        "with store._write() as connection:\n"
        "    connection.exec_driver_sql('DELETE FROM dossiers')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    process = subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert process.returncode == -signal.SIGKILL
    with Store.open(url(path)) as store:
        assert [dossier.number for dossier in store.dossiers(DEMARCHE)] == [1]
        assert store.read_checkpoint(DEMARCHE, "dossiers") == make_checkpoint()


@pytest.mark.parametrize("name", ["a b.db", "é?x=1.db", "100%.db", "a#b.db", "file:x.db", ":memory:.db"])
def test_any_file_name_is_taken_literally(tmp_path: Path, name: str) -> None:
    Store.open(url(tmp_path / name)).close()
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_relative_path_is_relative_to_where_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Store.open("sqlite:///here.db").close()
    assert (tmp_path / "here.db").is_file()


@pytest.mark.parametrize(
    "bad", ["sqlite:///", "sqlite:///:memory:", "sqlite://", "mysql://x/y", "store.db", ""]
)
def test_a_url_that_names_no_file_is_a_configuration_error(bad: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^store\.url: .*sqlite:///path/to/file\.db"):
        Store.open(bad)


def put_folder(path: Path) -> None:
    path.mkdir()


def put_text(path: Path) -> None:
    path.write_text("Compte-rendu d’activité, donc pas une base de données. " * 20)


def put_damaged(path: Path) -> None:
    with Store.open(url(path)) as store:
        store.save_page(DEMARCHE, [make_entry(number, value="x" * 500) for number in range(50)], None)
    content = bytearray(path.read_bytes())
    content[200:] = b"\xa5" * (len(content) - 200)
    path.write_bytes(content)


def put_cut(path: Path) -> None:
    Store.open(url(path)).close()
    os.truncate(path, 5000)


@pytest.mark.parametrize(
    ("spoil", "remedy"),
    [
        (put_folder, "it is a folder: give the path of a file in it"),
        (put_text, "not a SQLite database: give another path"),
        (put_damaged, "the file is damaged: put back a backup, or remove the file and sync again"),
        (put_cut, "the file is damaged: put back a backup"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_path_that_cannot_be_a_store(tmp_path: Path, spoil: Callable[[Path], None], remedy: str) -> None:
    path = tmp_path / "store.db"
    spoil(path)
    with pytest.raises(StoreError) as caught:
        Store.open(url(path))
    assert str(caught.value).startswith(f"store {str(path)!r}: ")
    assert remedy in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", ["no/such/folder/store.db", "a-file/store.db"])
def test_a_missing_folder_is_named(tmp_path: Path, missing: str) -> None:
    (tmp_path / "a-file").touch()
    path = tmp_path / missing
    with pytest.raises(StoreError) as caught:
        Store.open(url(path))
    assert str(caught.value) == (
        f"store {str(path)!r}: the folder {str(path.parent)!r} does not exist: create it first"
    )
    assert not path.parent.is_dir()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user can reach."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path


def open_as_somebody(path: Path) -> str:
    """What opening the store says to a user who is not root and owns nothing there."""
    pid = os.fork()
    if pid == 0:  # a child that must never return into pytest
        status = 1
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            try:
                Store.open(url(path)).close()
            except StoreError as error:
                Path(os.environ["DS_BRIDGE_TEST_ANSWER"]).write_text(str(error))
            status = 0
        finally:
            os._exit(status)
    _, waited = os.waitpid(pid, 0)
    assert waited == 0
    return Path(os.environ["DS_BRIDGE_TEST_ANSWER"]).read_text()


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).chmod(0o666)
        monkeypatch.setenv("DS_BRIDGE_TEST_ANSWER", file.name)
        yield


@pytest.mark.usefixtures("answer")
def test_a_folder_that_cannot_be_written(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    path = open_folder / "store.db"
    assert open_as_somebody(path) == (
        f"store {str(path)!r}: it cannot be created (Permission denied): let this user write the folder"
        f" {str(open_folder)!r}, or give another path"
    )


@pytest.mark.usefixtures("answer")
def test_a_file_that_cannot_be_written(open_folder: Path) -> None:
    path = open_folder / "store.db"
    Store.open(url(path)).close()
    path.chmod(0o444)
    assert open_as_somebody(path) == (
        f"store {str(path)!r}: it cannot be written (Permission denied): let this user read and write the"
        " file, or give another path"
    )


@pytest.mark.usefixtures("answer")
def test_a_file_in_a_folder_that_cannot_be_written(open_folder: Path) -> None:
    path = open_folder / "store.db"
    Store.open(url(path)).close()
    path.chmod(0o666)
    open_folder.chmod(0o555)
    assert "let this user write the file and its folder" in open_as_somebody(path)


def test_a_full_disk_loses_the_page_in_hand_only(tmp_path: Path) -> None:
    with Store.open(url(tmp_path / "store.db")) as store:
        store.save_page(DEMARCHE, [make_entry(1)], make_checkpoint("c1"))

        def fill(connection: sqlite3.Connection, *_: object) -> None:
            connection.execute("PRAGMA max_page_count = 40")

        event.listen(store._engine, "connect", fill)
        store._engine.dispose()
        page = [make_entry(number, value="x" * 3000) for number in range(2, 102)]
        with pytest.raises(StoreError, match="the disk is full: free some space, then run again"):
            store.save_page(DEMARCHE, page, make_checkpoint("c2"))
        assert store.count(DEMARCHE) == 1
        event.remove(store._engine, "connect", fill)
        store._engine.dispose()
        assert store.read_checkpoint(DEMARCHE, "dossiers") == make_checkpoint("c1")
        assert store.save_page(DEMARCHE, page, make_checkpoint("c2")).created == 100


def test_a_quota_that_is_spent_is_told_and_loses_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Store.open(url(path)) as store:
        store.save_page(DEMARCHE, [make_entry(1)], make_checkpoint("c1"))
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
        try:
            page = [make_entry(number, value="x" * 3000) for number in range(2, 102)]
            with pytest.raises(StoreError, match="reading or writing failed: check the disk's free space"):
                store.save_page(DEMARCHE, page, make_checkpoint("c2"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            signal.signal(signal.SIGXFSZ, handler)
        assert store.count(DEMARCHE) == 1
        assert store.save_page(DEMARCHE, page, make_checkpoint("c2")).created == 100


def test_a_store_that_another_program_keeps_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.db"
    Store.open(url(path)).close()
    monkeypatch.setattr("ds_bridge.store.sqlite.BUSY_SECONDS", 0)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with Store.open(url(path)) as store:
            assert store.count(DEMARCHE) == 0, "reading does not wait for a writer"
            with pytest.raises(StoreError, match=f"locked for {failures.BUSY_SECONDS} s: wait for it"):
                store.save_page(DEMARCHE, [make_entry(1)], None)
    finally:
        holder.close()


def test_a_store_damaged_while_open_is_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    put_size = [make_entry(number, value="x" * 2000) for number in range(100)]
    with Store.open(url(path)) as store:
        store.save_page(DEMARCHE, put_size, None)
    content = path.read_bytes()
    with Store.open(url(path)) as store:
        path.write_bytes(content[:8192] + b"\xff" * (len(content) - 8192))
        with pytest.raises(StoreError, match="the file is damaged"):
            list(store.dossiers(DEMARCHE))


def test_a_deleted_folder_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with Store.open(url(folder / "store.db")) as store:
        store._engine.dispose()
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
        with pytest.raises(StoreError, match="it cannot be opened"):
            store.count(DEMARCHE)
