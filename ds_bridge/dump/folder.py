"""A folder that is written whole or not at all, and is private like the files of `file.py`.

A folder is replaced only when a dump wrote it and it holds nothing else: `-o ~` must not cost anybody their
home. `columns.json` in a folder lists the files that a dump wrote.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import orjson

from ds_bridge.errors import ConfigurationError, StoreError

MANIFEST = "columns.json"
WRITER = "ds-bridge dump"


def open_private(path: Path) -> TextIO:
    """A new text file, UTF-8, for its owner only."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="")


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """A temporary folder (0700) beside `path`, which replaces it when everything is on the disk.

    After a failure the old folder at `path` is still there, and the temporary one is removed. Raises
    ConfigurationError when the path is not possible or holds other files, StoreError when the disk fails.
    """
    target = path.resolve()
    _check_replaceable(path, target)
    try:
        temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise ConfigurationError(
            f"output {str(path)!r}: the folder {str(target.parent)!r} cannot be written: {error.strerror}"
        ) from None
    try:
        yield temporary
        for file in temporary.iterdir():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
        _check_replaceable(path, target)
        _swap(temporary, target)
    except OSError as error:
        raise StoreError(f"output {str(path)!r}: {error.strerror}: nothing was replaced") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _swap(temporary: Path, target: Path) -> None:
    """Put the new folder in place of the old one, and remove the old one."""
    old = temporary.with_name(f"{temporary.name}.old")
    if target.exists():
        target.rename(old)
    try:
        temporary.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _check_replaceable(path: Path, target: Path) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise ConfigurationError(f"output {str(path)!r}: it is a file: this format writes a folder")
    found = {entry.name for entry in target.iterdir()}
    if found and not found <= _list_written(target):
        raise ConfigurationError(
            f"output {str(path)!r}: it holds files that no dump wrote: give a new folder, or empty this one"
        )


def _list_written(folder: Path) -> set[str]:
    """The files that a dump wrote there; none when the folder is not a dump's."""
    try:
        manifest = orjson.loads((folder / MANIFEST).read_bytes())
        if manifest["written_by"] != WRITER:
            return set()
        return {MANIFEST, *(str(table["file"]) for table in manifest["tables"])}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
