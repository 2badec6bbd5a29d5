"""Backups of a SQLite store. A backup is whole, private and safe on the disk; else there is none.

Uses SQLite's online backup: a run may write meanwhile. The copy is the store as it stood at one moment.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from ds_bridge.errors import StoreError
from ds_bridge.store.failures import translated
from ds_bridge.store.sqlite_reading import ReadOnlyFile

_PRIVATE = 0o600


def back_up(path: Path, revision: str) -> Path:
    """Copy the database beside itself as `<file>.backup-<revision>`, before a migration.

    A copy of the same name is replaced only when the new one is whole.
    """
    backup = path.with_name(f"{path.name}.backup-{revision}")
    _copy(path, backup)
    return backup


def back_up_to(path: Path, backup: Path) -> int:
    """Copy the store's file to a new one; returns its size in bytes. Raises StoreError, naming the backup."""
    if os.path.lexists(backup):
        raise StoreError(f"backup {str(backup)!r}: it exists already: give another name, or remove it first")
    if not backup.parent.is_dir():
        raise StoreError(
            f"backup {str(backup)!r}: the folder {str(backup.parent)!r} does not exist: create it first"
        )
    _copy(path, backup)
    return backup.stat().st_size


def _copy(path: Path, backup: Path) -> None:
    partial = backup.with_name(f"{backup.name}.partial")
    with translated(f"backup {str(backup)!r}"):
        try:
            partial.unlink(missing_ok=True)
            os.close(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, _PRIVATE))
            partial.chmod(_PRIVATE)
            _copy_pages(path, partial)
            partial.replace(backup)
        finally:
            partial.unlink(missing_ok=True)


def _copy_pages(path: Path, copy: Path) -> None:
    file = ReadOnlyFile(path)
    target = sqlite3.connect(copy)
    try:
        source = file.connect()
        try:
            with file.watch(f"store {str(path)!r}"):
                source.backup(target)
        finally:
            source.close()
    finally:
        target.close()
    descriptor = os.open(copy, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
