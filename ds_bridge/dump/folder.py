"""A folder that appears whole or not at all, private as the files of `file.py` are.

Only a folder that a dump wrote, with nothing else in it, is replaced: `-o ~` must not cost anybody their
home. What a dump wrote is what its `columns.json` says.
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
    """A temporary folder (0700) beside `path`, which takes its place once all is on the disk.

    On any failure what stood at `path` stays, and the temporary folder goes. Raises ConfigurationError when
    the path cannot be or holds something that no dump wrote, StoreError when the disk fails.
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
    """Put the new folder in the place of the old one, which then goes."""
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
            f"output {str(path)!r}: it holds what no dump wrote: give a new folder, or empty this one"
        )


def _list_written(folder: Path) -> set[str]:
    """The files of a dump, none when the folder is not one's."""
    try:
        manifest = orjson.loads((folder / MANIFEST).read_bytes())
        if manifest["written_by"] != WRITER:
            return set()
        return {MANIFEST, *(str(table["file"]) for table in manifest["tables"])}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
