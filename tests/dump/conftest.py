"""A small store, and one that a sync filled from the sandbox: the CRA with its model, another without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from ds_bridge.api.client import Client
from ds_bridge.config import ApiSettings, DemarcheSettings
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import Store
from ds_bridge.sync import sync_demarche
from tests.stores import new_sqlite

CRA = DemarcheSettings(number=82349, model="ds_bridge.cra:CompteRendu")
EVERY_KIND = DemarcheSettings(number=99001)
DEMARCHES = {"cra": CRA, "tout": EVERY_KIND}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store on SQLite."""
    with Store.open(new_sqlite(tmp_path)) as store:
        yield store


@pytest.fixture(scope="session")
def synced_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the synced store, for those who open it themselves. Not to be written."""
    url = f"sqlite:///{tmp_path_factory.mktemp('synced') / 'store.db'}"
    with SandboxServer(seed=3, dossiers=60, requests_per_minute=None) as server:
        api = ApiSettings(url=server.url, token=SecretStr(server.token), requests_per_minute=10_000)
        server.world.seed_dossiers(30, EVERY_KIND.number)
        with Client(api) as client, Store.open(url) as store:
            for name, demarche in DEMARCHES.items():
                summary = sync_demarche(name, demarche, client, store)
                assert summary.outcome == "complete"
                assert summary.seen >= 20
    return url


@pytest.fixture(scope="session")
def synced(synced_url: str) -> Iterator[Store]:
    """The synced store."""
    with Store.open(synced_url) as store:
        yield store
