"""A small store for the dump's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ds_bridge.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store on SQLite."""
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store:
        yield store
