"""`lake` as a command: what it says, and bad input in one line."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from deltalake import DeltaTable, write_deltalake

from ds_bridge.sandbox.server import SandboxServer
from tests.cli.commands import run_command, write_sandbox_config

DEMARCHES = """
[demarches.cra]
number = 82349
model = "ds_bridge.cra:CompteRendu"
[demarches.tout]
number = 99001
[demarches.never]
number = 5
"""


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The configuration of a store filled from a sandbox that is gone since: a lake needs nobody."""
    folder = tmp_path_factory.mktemp("lake")
    with SandboxServer(seed=6, dossiers=20, requests_per_minute=None) as server:
        config = write_sandbox_config(folder, server, DEMARCHES)
        assert run_command("sync", "cra", config=config).code == 0
    return config


def test_it_says_what_it_did(synced: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    done = run_command("lake", "cra", "--to", str(lake), "--json", config=synced)
    assert done.code == 0, done.err
    kept = json.loads(done.out)
    assert (kept["whole"], kept["seen"], kept["tables"]["dossiers"]) == (True, 20, 20)
    assert kept["change"] == 20
    assert (lake / "cra").stat().st_mode & 0o777 == 0o700
    again = run_command("lake", "cra", "--to", f"file://{lake}", "--vacuum", config=synced)
    assert (again.code, again.out) == (0, "")
    assert again.err == (
        "cra: nothing had changed: 0 dossiers written in 0 files"
        f" (0 of {kept['size']:,} bytes) at {lake}/cra\n"
    )


def make_another_demarches(folder: Path, synced: Path) -> None:
    other = synced.parent / "other.toml"
    other.write_text(synced.read_text().replace("[demarches.cra]", "[demarches.x]").replace("tout", "cra"))
    other.chmod(0o600)
    table = folder / "cra" / "dossiers"
    run_command("lake", "x", "--to", str(folder), config=other)
    (folder / "x").rename(folder / "cra")
    mark(table, demarche=99001)


def make_a_newer_versions(folder: Path, synced: Path) -> None:
    run_command("lake", "cra", "--to", str(folder), config=synced)
    mark(folder / "cra" / "dossiers", ds_bridge_lake=2)


def mark(table: Path, **changed: int) -> None:
    delta = DeltaTable(str(table))
    content = orjson.loads(delta.metadata().description) | changed
    delta.alter.set_table_description(orjson.dumps(content).decode())


def make_a_foreign_table(folder: Path, synced: Path) -> None:
    import polars as pl

    write_deltalake(folder / "cra" / "dossiers", pl.DataFrame({"a": [1]}))


def make_other_files(folder: Path, synced: Path) -> None:
    table = folder / "cra" / "dossiers"
    (table / "year=2023").mkdir(parents=True)
    make_old(table / "year=2023" / "part-0.parquet")


def make_old(file: Path) -> Path:
    file.write_bytes(b"something")
    os.utime(file, (0, 0))
    return file


def make_a_file_as_a_table(folder: Path, synced: Path) -> None:
    (folder / "cra").mkdir(parents=True)
    (folder / "cra" / "dossiers").write_text("something")


def make_a_file_in_the_way(folder: Path, synced: Path) -> None:
    folder.write_text("something")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(make_another_demarches, "it is démarche 99001's, not 82349's", id="another"),
        pytest.param(make_a_newer_versions, "a newer ds-bridge wrote it", id="newer"),
        pytest.param(make_a_foreign_table, "a Delta table that ds-bridge did not make", id="foreign"),
        pytest.param(make_other_files, "it holds files that ds-bridge did not make", id="files"),
        pytest.param(make_a_file_as_a_table, "the table dossiers: not a directory", id="file"),
        pytest.param(make_a_file_in_the_way, "the folder cannot be written: File exists", id="unwritable"),
    ],
)
def test_a_place_that_is_not_ours_is_left_alone(
    synced: Path, tmp_path: Path, make: Callable[[Path, Path], None], words: str
) -> None:
    lake = tmp_path / "lake"
    make(lake, synced)
    before = {file: file.read_bytes() for file in lake.rglob("*") if file.is_file()}
    done = run_command("lake", "cra", "--to", str(lake), config=synced)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert len(done.err.splitlines()) == 1
    assert {file: file.read_bytes() for file in lake.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize("vacuum", [False, True])
def test_a_file_that_is_not_ours_is_never_removed(synced: Path, tmp_path: Path, vacuum: bool) -> None:
    command = ["lake", "cra", "--to", str(tmp_path), *(["--vacuum"] if vacuum else [])]
    assert run_command(*command, config=synced).code == 0
    table = tmp_path / "cra" / "dossiers"
    (table / "archive").mkdir()
    ours = make_old(table / f"part-{'0a' * 16}.parquet")
    others = [
        make_old(table / name)
        for name in ("a.pdf", "part-0.parquet", f"part-{'0A' * 16}.parquet", f"archive/{ours.name}")
    ]
    done = run_command(*command, config=synced)
    assert (done.code, ours.exists()) == (0, False)
    assert [file.read_bytes() for file in others] == [b"something"] * 4


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "-",
        "ftp://host/lake",
        "s3://",
        "s3:/x",
        "s3://Bad_Bucket/x",
        "file://host/lake",
        "https://host/lake",
    ],
)
def test_an_address_of_no_lake_is_refused(
    synced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uri: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run_command("lake", "cra", "--to", uri, config=synced)
    assert not list(tmp_path.iterdir())
    assert (done.code, done.err) == (
        2,
        f"ds-bridge: --to {uri!r}: give a folder, or s3://bucket/folder\n",
    )


def test_a_demarche_that_was_never_synced(synced: Path, tmp_path: Path) -> None:
    done = run_command("lake", "never", "--to", str(tmp_path / "lake"), config=synced)
    assert done.code == 2
    assert "run ds-bridge sync never first" in done.err
    assert not (tmp_path / "lake").exists()


def test_a_store_that_nothing_made_yet(synced: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(synced.read_text().replace(str(synced.parent), str(tmp_path)))
    config.chmod(0o600)
    done = run_command("lake", "cra", "--to", str(tmp_path / "lake"), config=config)
    assert done.code == 1
    assert len(done.err.splitlines()) == 1
    assert not (tmp_path / "lake").exists()


def test_a_signal_ends_it_with_nothing_to_be_seen(
    synced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ds_bridge.lake.pieces import Piece

    write = Piece.write

    def interrupted(piece: Piece, place: object) -> object:
        signal.raise_signal(signal.SIGTERM)
        return write(piece, place)

    monkeypatch.setattr(Piece, "write", interrupted)
    monkeypatch.setattr("ds_bridge.lake.keep._FEWEST", 5)
    done = run_command("lake", "cra", "--to", str(tmp_path), config=synced)
    assert done.code == 143
    assert not list(tmp_path.rglob("_delta_log"))


def test_another_run_is_waited_for_by_nobody(synced: Path, tmp_path: Path) -> None:
    from ds_bridge.store import Store

    with Store.open(f"sqlite:///{synced.parent / 'store.db'}") as store, store.lock(82349, "lake"):
        done = run_command("lake", "cra", "--to", str(tmp_path / "lake"), config=synced)
    assert done.code == 6


def test_without_the_extra(synced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda module: None)
    done = run_command("lake", "cra", "--to", str(tmp_path / "lake"), config=synced)
    assert done.code == 2
    assert done.err.startswith("ds-bridge: ds-bridge lake needs the extra lake: pip install ")
