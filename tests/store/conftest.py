"""Fixtures of the store's tests: the same contract runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ds_bridge.store import Store
from tests.postgres import shared_server
from tests.stores import new_sqlite


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that does not hold anything yet, or, for a test with a `store`, of that store."""
    is_store = "store" in request.fixturenames
    if request.param == "sqlite":
        yield new_sqlite(tmp_path) if is_store else f"sqlite:///{tmp_path / 'store.db'}"
        return
    server = shared_server()
    url = server.create_store() if is_store else server.create_database()
    yield url
    server.give_back(url)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A new store."""
    with Store.open(store_url) as store:
        yield store
