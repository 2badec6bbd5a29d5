"""Versions: the tables are what the migrations build, both ways work, and nothing foreign is touched."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, text

from ds_bridge.errors import StoreError, StoreVersionError
from ds_bridge.store import Place, Store, pages
from ds_bridge.store.postgresql import create_postgresql_engine, read_url
from ds_bridge.store.schema import MIGRATIONS, downgrade, ensure_schema
from ds_bridge.store.sqlite import create_sqlite_engine
from ds_bridge.store.tables import REVISION, VERSION_TABLE, block_rows, dossiers, metadata
from tests.postgres import shared_server
from tests.store.samples import DEMARCHE, NOON, at, make_deletion, make_draft, make_entry, make_views
from tests.store.statements import recorded

NEXT_MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{previous}"

def upgrade():
    op.add_column("dossiers", sa.Column("note", sa.Text()))
    op.execute("UPDATE dossiers SET note = 'migrated'")
    {more}

def downgrade():
    op.drop_column("dossiers", "note")
"""


@pytest.fixture
def next_version(tmp_path: Path) -> Path:
    return write_next_version(tmp_path / "next", "pass")


def write_next_version(folder: Path, more: str) -> Path:
    """The migrations of a ds-bridge that knows one revision more."""
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    script = NEXT_MIGRATION.format(previous=REVISION, more=more)
    (folder / "versions" / "9999_next.py").write_text(script)
    return folder


def open_next(store: Store, migrations: Path) -> None:
    ensure_schema(store._engine, store._target, revision="9999", migrations=migrations)


def make_first_version(url: str) -> None:
    """A store as the first ds-bridge left it: its tables, a dossier, a published view."""
    store = Store(open_engine(url), "store")
    ensure_schema(store._engine, store._target, revision="0001")
    (prepared,) = pages.prepare([make_entry(1)])
    row = pages._dossier_row(DEMARCHE, prepared, NOON, 1)
    later = {"person", "change"}
    with store._write() as connection:
        connection.execute(dossiers.insert(), {key: row[key] for key in row if key not in later})
        for each in prepared.entry.rows:
            values = {"block": each.block, "position": each.position, "data": each.data}
            connection.execute(block_rows.insert(), {"dossier": 1, "row_id": each.row_id, **values})
    store.publish_views(DEMARCHE, "cra", make_views({"evenements": ["nom"]}))
    store.close()


def open_engine(url: str) -> Engine:
    if url.startswith("sqlite"):
        return create_sqlite_engine(Path(url.removeprefix("sqlite:///")))
    return create_postgresql_engine(read_url(url))


def read(store: Store, query: str) -> list[Any]:
    with store._read() as connection:
        return list(connection.execute(text(query)).scalars())


def checks(connection: Connection) -> dict[str, set[tuple[str, str]]]:
    """Name and text of every CHECK, which Alembic's comparison leaves out."""
    inspector = inspect(connection)
    return {
        table: {
            (str(check["name"]), " ".join(check["sqltext"].split()))
            for check in inspector.get_check_constraints(table)
        }
        for table in metadata.tables
    }


def test_the_tables_of_the_code_are_those_of_the_migrations(store: Store, tmp_path: Path) -> None:
    with store._engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, metadata) == []
        migrated = checks(connection)
    url = f"sqlite:///{tmp_path / 'plain.db'}"
    if store._engine.dialect.name == "postgresql":
        url = shared_server().create_database()
    engine = create_engine(url)
    with engine.begin() as connection:
        metadata.create_all(connection)
        assert checks(connection) == migrated
        assert sum(map(len, migrated.values())) == 15
    engine.dispose()


def test_the_code_knows_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_a_new_database_becomes_a_store(store_url: str) -> None:
    with Store.open(store_url) as store:
        assert read(store, f"SELECT version_num FROM {VERSION_TABLE}") == [REVISION]
        assert store.save_page(DEMARCHE, [make_entry(1)], None).created == 1


def test_both_ways_and_back(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(1)], None)
    downgrade(store._engine, store._target, "base")
    with store._engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {VERSION_TABLE}
    ensure_schema(store._engine, store._target)
    assert store.count(DEMARCHE) == 0
    assert store.save_page(DEMARCHE, [make_entry(1)], None).created == 1


def test_an_older_store_is_migrated_and_its_views_come_back(store: Store, next_version: Path) -> None:
    store.save_page(DEMARCHE, [make_entry(1)], None)
    store.publish_views(DEMARCHE, "cra", make_views({"evenements": ["nom"]}))
    open_next(store, next_version)
    assert read(store, "SELECT note FROM dossiers") == ["migrated"]
    assert read(store, "SELECT nom FROM cra_evenements") == ["Forum"]
    downgrade(store._engine, store._target, REVISION, migrations=next_version)
    assert store.count(DEMARCHE) == 1
    store.publish_views(DEMARCHE, "cra", make_views({"evenements": ["nom"]}))
    assert read(store, "SELECT nom FROM cra_evenements") == ["Forum"]


def test_the_first_version_becomes_this_one_and_back(store_url: str) -> None:
    make_first_version(store_url)
    with Store.open(store_url) as store:
        assert read(store, f"SELECT version_num FROM {VERSION_TABLE}") == [REVISION]
        store.save_drafts(DEMARCHE, [make_draft(2)])
        downgrade(store._engine, store._target, "0001")
        with store._engine.connect() as connection:
            assert "drafts" not in inspect(connection).get_table_names()
        assert store.count(DEMARCHE) == 1
        ensure_schema(store._engine, store._target)
        assert store.drafts(DEMARCHE) == []
        assert store.count(DEMARCHE) == 1


def test_an_older_store_gets_its_changes_in_order_of_modification(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(1, modified_at=at(3)), make_entry(2, modified_at=at(1))], None)
    store.save_page(5, [make_entry(3, modified_at=at(2))], None)
    store.save_deletions(DEMARCHE, "deleted", [make_deletion(4, at(2))], None)
    downgrade(store._engine, store._target, "0006")
    with store._engine.begin() as connection:
        connection.execute(text("DELETE FROM demarches WHERE number = 5"))
    ensure_schema(store._engine, store._target)
    place, changes = store.changes(DEMARCHE, 0, 10)
    assert [(change.change, change.number) for change in changes] == [(1, 2), (2, 4), (3, 1)]
    assert place == Place(place.feed, 3)
    assert len(place.feed or "") == 16
    assert store.read_place(5).changes == 1
    assert store.read_person(DEMARCHE, 1).champs is None
    store.save_page(DEMARCHE, [make_entry(2, modified_at=at(4))], None)
    assert [change.number for change in store.changes(DEMARCHE, 3, 10)[1]] == [2]


def test_a_migration_that_fails_changes_nothing(store: Store, tmp_path: Path) -> None:
    store.save_page(DEMARCHE, [make_entry(1)], None)
    store.publish_views(DEMARCHE, "cra", make_views({"evenements": ["nom"]}))
    broken = write_next_version(tmp_path / "broken", 'op.execute("SELECT * FROM no_such_table")')
    with pytest.raises(Exception, match="no_such_table"):
        open_next(store, broken)
    assert read(store, f"SELECT version_num FROM {VERSION_TABLE}") == [REVISION]
    with store._engine.connect() as connection:
        assert "note" not in {column["name"] for column in inspect(connection).get_columns("dossiers")}
    assert read(store, "SELECT nom FROM cra_evenements") == ["Forum"]
    assert store.count(DEMARCHE) == 1


def test_migrations_that_are_not_there_are_told_of(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"^store x: its migrations cannot be run: install ds-bridge again$"):
        ensure_schema(store._engine, "store x", revision="9999", migrations=tmp_path / "lost")


def test_alembic_is_loaded_by_a_migration_only(store: Store, store_url: str) -> None:
    code = (
        "import sys; from ds_bridge.store import Store; Store.open(sys.argv[1]).close();"
        "print('alembic' in sys.modules)"
    )
    command = [sys.executable, "-c", code, store_url]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "False\n"


def test_a_newer_store_is_refused_and_left_as_it_is(store: Store, store_url: str, next_version: Path) -> None:
    open_next(store, next_version)
    store.close()
    expected = rf"newer ds-bridge \(revision 9999, this one knows {REVISION}\): upgrade ds-bridge$"
    with pytest.raises(StoreVersionError, match=expected) as caught:
        Store.open(store_url)
    assert caught.value.exit_code == 2


def test_an_up_to_date_store_is_opened_without_a_write(store: Store, store_url: str) -> None:
    with recorded(store) as sent:
        ensure_schema(store._engine, store._target)
    assert all(statement.startswith(("SELECT", "PRAGMA")) for statement in sent)
    if store_url.startswith("sqlite"):
        assert not list(Path(store_url.removeprefix("sqlite:///")).parent.glob("*.backup*"))


def test_processes_that_open_a_new_store_at_once_all_succeed(store_url: str) -> None:
    script = (
        "import sys; from ds_bridge.store import Store\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        f"with Store.open({store_url!r}) as store: print(store.count(1), flush=True)\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60) for process in processes]
    assert answers == [("0\n", "")] * 3


class TestSqliteOnly:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "store.db"

    def test_a_backup_of_the_older_store_stands_beside_it(self, path: Path, next_version: Path) -> None:
        with Store.open(f"sqlite:///{path}") as store:
            store.save_page(DEMARCHE, [make_entry(1)], None)
            open_next(store, next_version)
            store.save_page(DEMARCHE, [make_entry(2)], None)
        backup = path.with_name(f"store.db.backup-{REVISION}")
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
        assert sorted(file.name for file in path.parent.glob("store.db*")) == ["store.db", backup.name]
        with Store.open(f"sqlite:///{backup}") as copy:
            assert [dossier.number for dossier in copy.dossiers(DEMARCHE)] == [1]

    def test_a_store_of_the_first_version_is_backed_up_and_gets_its_drafts(self, path: Path) -> None:
        url = f"sqlite:///{path}"
        make_first_version(url)
        with Store.open(url) as store:
            assert read(store, f"SELECT version_num FROM {VERSION_TABLE}") == [REVISION]
            assert [dossier.number for dossier in store.dossiers(DEMARCHE)] == [1]
            assert read(store, "SELECT nom FROM cra_evenements") == ["Forum"]
            store.save_drafts(DEMARCHE, [make_draft(2)])
        backup = path.with_name("store.db.backup-0001")
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
        with sqlite3.connect(backup) as copy:
            assert copy.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone() == ("0001",)
            assert copy.execute("SELECT number FROM dossiers").fetchall() == [(1,)]
            tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
            assert "drafts" not in tables
            assert "cra_evenements" in tables
        copy.close()
        shutil.copy(backup, path)
        for log in path.parent.glob("store.db-*"):
            log.unlink()
        with Store.open(url) as store:
            assert [dossier.number for dossier in store.dossiers(DEMARCHE)] == [1]
            assert store.drafts(DEMARCHE) == []

    def test_when_no_backup_can_be_made_nothing_is_migrated(self, path: Path, next_version: Path) -> None:
        with Store.open(f"sqlite:///{path}") as store:
            path.with_name(f"store.db.backup-{REVISION}").mkdir()
            with pytest.raises(StoreError, match=rf"^backup '.*backup-{REVISION}'"):
                open_next(store, next_version)
            assert read(store, f"SELECT version_num FROM {VERSION_TABLE}") == [REVISION]
        assert not list(path.parent.glob("*.partial"))

    def test_the_file_of_another_application_is_refused_and_not_touched(self, path: Path) -> None:
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE bookmarks (id)")
        connection.close()
        before = path.read_bytes()
        with pytest.raises(StoreVersionError, match="another application \\('bookmarks'…\\)"):
            Store.open(f"sqlite:///{path}")
        assert path.read_bytes() == before
        assert [file.name for file in path.parent.iterdir()] == ["store.db"]

    def test_an_empty_file_becomes_a_store(self, path: Path) -> None:
        path.touch()
        with Store.open(f"sqlite:///{path}") as store:
            assert store.count(DEMARCHE) == 0


def test_a_shared_postgresql_database_keeps_its_other_tables() -> None:
    url = shared_server().create_database()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE bookmarks (id integer)"))
        connection.execute(text("CREATE TABLE alembic_version (version_num text)"))
    with Store.open(url) as store:
        assert store.count(DEMARCHE) == 0
    engine.dispose()


def test_a_postgresql_database_with_a_table_of_our_name_is_refused() -> None:
    url = shared_server().create_database()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE runs (id integer)"))
    with pytest.raises(StoreVersionError, match="'runs'"):
        Store.open(url)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["runs"]
    engine.dispose()
