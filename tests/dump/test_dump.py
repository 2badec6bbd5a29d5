"""Dumps: both formats, raw or mapped, whole files or none, flat memory."""

from __future__ import annotations

import errno
import io
import json
import os
import resource
import signal
import stat
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ds_bridge.dump import FORMATS, dump_dossiers
from ds_bridge.errors import ConfigurationError, StoreError
from ds_bridge.store import Store
from tests.store.samples import DEMARCHE, at, make_deletion, make_entry


def dump(store: Store, **arguments: Any) -> bytes:
    out = io.BytesIO()
    dump_dossiers(store, DEMARCHE, out=out, **arguments)
    return out.getvalue()


@pytest.fixture
def filled(store: Store) -> Store:
    page = [
        make_entry(30, value="Zoé, « NOËL »", state="accepte", modified_at=at(2)),
        make_entry(4, value="a\nb", document={"z": 1, "a": [10**30], "é": None}),
        make_entry(5, modified_at=at(1)),
    ]
    store.save_page(DEMARCHE, page, None)
    store.save_deletions(DEMARCHE, "deleted", [make_deletion(5, at(3))], None)
    return store


def test_json_is_an_array_by_number_keys_in_their_order(filled: Store) -> None:
    assert dump(filled, format="json").decode() == (
        '[\n{"z":1,"a":[1000000000000000000000000000000],"é":null},\n'
        '{"dossier":{"number":30},"identite":{"nom":"Zoé, « NOËL »"},"anomalies":[]}\n]\n'
    )


def test_ndjson_is_an_object_a_line(filled: Store) -> None:
    lines = dump(filled, format="ndjson").decode().split("\n")
    assert lines.pop() == ""
    documents = [dossier.document for dossier in filled.dossiers(DEMARCHE)]
    assert [json.loads(line) for line in lines] == documents
    assert len(documents) == 2


def test_raw_is_the_dossier_as_pulled(filled: Store) -> None:
    assert json.loads(dump(filled, format="json", raw=True)) == [
        make_entry(4, value="a\nb").raw,
        make_entry(30, value="Zoé, « NOËL »", state="accepte", modified_at=at(2)).raw,
    ]


def test_an_empty_store_is_still_valid(store: Store) -> None:
    assert dump(store, format="json") == b"[]\n"
    assert dump(store, format="ndjson") == b""


def test_conditions_and_the_count(filled: Store, tmp_path: Path) -> None:
    assert dump_dossiers(filled, DEMARCHE, format="json", out=io.BytesIO()) == 2
    assert dump_dossiers(filled, DEMARCHE, format="ndjson", out=tmp_path / "x", states=["accepte"]) == 1
    lines = (tmp_path / "x").read_bytes().splitlines()
    assert [json.loads(line)["dossier"] for line in lines] == [{"number": 30}]
    assert dump_dossiers(filled, DEMARCHE, format="json", out=io.BytesIO(), since=at(2)) == 1
    assert dump_dossiers(filled, DEMARCHE, format="json", out=io.BytesIO(), since=at(2.1)) == 0
    assert dump_dossiers(filled, DEMARCHE + 1, format="json", out=io.BytesIO()) == 0


def test_an_unknown_format_is_refused_before_anything(filled: Store, tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"no dump format 'xml' \(known: json, ndjson, csv, parquet, xlsx\)"
    ):
        dump_dossiers(filled, DEMARCHE, format="xml", out=tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_a_file_is_private_and_replaces_what_stood_there(filled: Store, tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    target.write_text("old")
    target.chmod(0o644)
    before = os.umask(0)
    try:
        dump_dossiers(filled, DEMARCHE, format="json", out=target)
    finally:
        os.umask(before)
    assert target.read_bytes() == dump(filled, format="json")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert sorted(file.name for file in tmp_path.iterdir() if "out" in file.name) == ["out.json"]


def test_a_link_stays_a_link(filled: Store, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "out.json"
    link.symlink_to(tmp_path / "real" / "out.json")
    dump_dossiers(filled, DEMARCHE, format="ndjson", out=link)
    assert link.is_symlink()
    assert (tmp_path / "real" / "out.json").read_bytes() == dump(filled, format="ndjson")


@pytest.mark.parametrize("kind", [StoreError, KeyboardInterrupt])
def test_a_failure_keeps_the_old_file_and_leaves_no_other(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
) -> None:
    target = tmp_path / "folder" / "out.json"
    target.parent.mkdir()
    target.write_text("old")
    whole = filled.documents

    def fail_after_one(*arguments: Any, **conditions: Any) -> Iterator[Any]:
        yield next(whole(*arguments, **conditions))
        assert len(list(target.parent.iterdir())) == 2, "written beside it, not over it"
        raise kind("stop")

    monkeypatch.setattr(filled, "documents", fail_after_one)
    with pytest.raises(kind, match="stop"):
        dump_dossiers(filled, DEMARCHE, format="json", out=target)
    assert [file.name for file in target.parent.iterdir()] == ["out.json"]
    assert target.read_text() == "old"


def test_a_full_disk_is_told_and_keeps_the_old_file(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    target.write_text("old")
    store.save_page(DEMARCHE, [make_entry(number, value="x" * 5000) for number in range(50)], None)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(StoreError, match=r"^output '.*out\.json': .*: nothing was replaced$"):
            dump_dossiers(store, DEMARCHE, format="json", out=target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert target.read_text() == "old"
    assert not list(tmp_path.glob(".out*"))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("no/folder/out.json", "cannot be written: No such file"),
        (".", "it is a folder"),
        ("store.db/x", "Not a"),
    ],
)
def test_a_path_that_cannot_be_is_a_configuration_error(
    filled: Store, tmp_path: Path, path: str, reason: str
) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        dump_dossiers(filled, DEMARCHE, format="json", out=tmp_path / path)


def test_a_pipe_or_a_device_is_written_and_not_replaced(filled: Store, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    dump_dossiers(filled, DEMARCHE, format="json", out=pipe)
    reader.join()
    assert read == [dump(filled, format="json")]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert dump_dossiers(filled, DEMARCHE, format="json", out=Path("/dev/null")) == 2
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_closed_pipe_is_the_callers_business(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(number, value="x" * 5000) for number in range(100)], None)
    reading, writing = os.pipe()
    os.close(reading)
    with pytest.raises(BrokenPipeError) as caught, os.fdopen(writing, "wb", buffering=0) as out:
        dump_dossiers(store, DEMARCHE, format="ndjson", out=out)
    assert caught.value.errno == errno.EPIPE


class Sink(io.RawIOBase):
    """Forgets what it is given."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return len(data)


@pytest.mark.parametrize("format_name", FORMATS)
def test_memory_is_flat(format_name: str) -> None:
    def generate(count: int) -> Iterator[bytes]:
        for number in range(count):
            yield b'{"number":%d,"value":"%s"}' % (number, b"x" * 10_000)

    tracemalloc.start()
    try:
        assert FORMATS[format_name](generate(5_000), Sink()) == 5_000  # type: ignore[arg-type]  # writes only
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 200_000, "50 MB went through"
