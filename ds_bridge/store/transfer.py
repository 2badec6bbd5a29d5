"""Copies a whole store to another database. Opens both, and removes a copy that is not whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ds_bridge.store import sqlite
from ds_bridge.store.copying import Copied
from ds_bridge.store.store import Store


@dataclass(frozen=True)
class Transfer:
    """What was copied, and the démarches that a run wrote meanwhile: what the run wrote may be missing."""

    copied: Copied
    under_way: tuple[int, ...]


def copy_store(source_url: str, target_url: str, progress: Callable[[Copied], None]) -> Transfer:
    """Copy a store into an empty one, which is created when needed. Compares them; copies all or nothing.

    Raises ConfigurationError for a target that holds something, StoreError when either side fails.
    """
    new_file = _find_new_file(target_url)
    try:
        with Store.open_to_read(source_url) as source, Store.open(target_url) as target:
            copied = source.copy_to(target, progress)
            under_way = tuple(each for each in source.list_demarches() if source.find_lock_holder(each))
    except BaseException:
        if new_file is not None:
            for suffix in ("", "-wal", "-shm"):
                new_file.with_name(new_file.name + suffix).unlink(missing_ok=True)
        raise
    return Transfer(copied, under_way)


def _find_new_file(url: str) -> Path | None:
    """The SQLite file that does not exist yet and that opening this store will make."""
    if not url.startswith(sqlite.PREFIX):
        return None
    path = sqlite.read_path(url)
    return None if path.exists() else path
