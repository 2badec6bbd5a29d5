"""A folder of tables: it is whole or absent, private, and never replaces files that are not ours."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ds_bridge.dump import dossiers as dossiers_module
from ds_bridge.dump.folder import replacing_folder
from ds_bridge.errors import ConfigurationError, StoreError
from ds_bridge.store import Store
from tests.dump.reading import dump

FORMATS = ("csv", "parquet")


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_folder_and_its_files_are_their_owners(synced: Store, tmp_path: Path, format_name: str) -> None:
    before = os.umask(0)
    try:
        dump(synced, "cra", format_name, tmp_path / "out")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "out").iterdir()} == {0o600}
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_an_earlier_dump_is_replaced_whole(synced: Store, tmp_path: Path) -> None:
    out = tmp_path / "out"
    dump(synced, "cra", "csv", out)
    dump(synced, "tout", "parquet", out)
    assert {file.suffix for file in out.iterdir()} == {".parquet", ".json"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
    (tmp_path / "empty").mkdir()
    dump(synced, "cra", "csv", tmp_path / "empty")
    assert (tmp_path / "empty" / "evenements.csv").exists()


@pytest.mark.parametrize("intruder", ["notes.txt", "evenements.csv", "columns.json"])
def test_a_folder_that_no_dump_wrote_is_left_alone(synced: Store, tmp_path: Path, intruder: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / intruder).write_text("{}")
    with pytest.raises(ConfigurationError, match="it holds files that no dump wrote"):
        dump(synced, "cra", "csv", out)
    assert (out / intruder).read_text() == "{}"
    assert len(list(out.iterdir())) == 1


def test_a_file_put_into_a_dump_saves_it(synced: Store, tmp_path: Path) -> None:
    out = tmp_path / "out"
    dump(synced, "cra", "csv", out)
    (out / "analysis.ipynb").write_text("hours of work")
    with pytest.raises(ConfigurationError, match="it holds files that no dump wrote"):
        dump(synced, "cra", "csv", out)
    assert (out / "analysis.ipynb").exists()


def test_a_file_or_no_parent_is_refused(synced: Store, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="it is a file: this format writes a folder"):
        dump(synced, "cra", "csv", tmp_path / "file")
    with pytest.raises(ConfigurationError, match="cannot be written: No such file"):
        dump(synced, "cra", "parquet", tmp_path / "no" / "where")


@pytest.mark.parametrize("format_name", [*FORMATS, "xlsx"])
@pytest.mark.parametrize("kind", [StoreError, KeyboardInterrupt])
def test_a_failure_keeps_the_old_one_and_leaves_nothing_else(
    synced: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    format_name: str,
    kind: type[BaseException],
) -> None:
    out = tmp_path / "out"
    dump(synced, "cra", format_name, out)
    before = out.stat().st_mtime_ns
    whole = synced.documents

    def fail_after_some(*arguments: Any, **conditions: Any) -> Iterator[Any]:
        for place, dossier in enumerate(whole(*arguments, **conditions)):
            if place == 20:
                raise kind("stop")
            yield dossier

    monkeypatch.setattr(synced, "documents", fail_after_some)
    with pytest.raises(kind, match="stop"):
        dump(synced, "cra", format_name, out)
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
    assert out.stat().st_mtime_ns == before


def test_a_disk_that_fails_is_told_and_the_old_folder_stays(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with replacing_folder(out) as folder:
        (folder / "columns.json").write_text('{"written_by": "ds-bridge dump", "tables": []}')
    with (
        pytest.raises(StoreError, match=r"^output '.*out': No space left on device: nothing was replaced$"),
        replacing_folder(out) as folder,
    ):
        raise OSError(28, "No space left on device")
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
    assert [entry.name for entry in out.iterdir()] == ["columns.json"]


def test_tables_need_a_path_and_the_extra(
    synced: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    for format_name, what in (("csv", "a folder"), ("parquet", "a folder"), ("xlsx", "a workbook")):
        with pytest.raises(ConfigurationError, match=f"format {format_name} writes {what}: name it"):
            dump(synced, "cra", format_name, io.BytesIO())
    with pytest.raises(ConfigurationError, match="a raw dump is json or ndjson: csv holds tables"):
        dump(synced, "cra", "csv", tmp_path / "x", raw=True)
    with pytest.raises(ConfigurationError, match="needs the démarche described"):
        dossiers_module.dump_dossiers(synced, 82349, format="csv", out=tmp_path / "x")
    monkeypatch.setattr(dossiers_module, "find_spec", lambda module: None)
    for format_name in ("parquet", "xlsx"):
        with pytest.raises(
            ConfigurationError, match=rf"--format {format_name} needs the extra dump: pip install 'ds_bri"
        ):
            dump(synced, "cra", format_name, tmp_path / "x")
    dump(synced, "cra", "csv", tmp_path / "csv")
    assert not (tmp_path / "x").exists()
