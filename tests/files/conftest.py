"""A sandbox with files, its dossiers pulled into a store, and downloads without waiting."""

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ds_bridge import Client
from ds_bridge.config import Settings
from ds_bridge.files import FilesOrders, FilesSummary, fetch_files
from ds_bridge.sandbox.dossiers import Row
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import ALL_KINDS_NUMBER, World
from ds_bridge.store import Store
from ds_bridge.sync import sync_demarche
from ds_bridge.sync.stop import Stop


class Impatient(Stop):
    """Waits for nothing."""

    def sleep(self, seconds: float) -> None:
        del seconds
        self.check()


@dataclass
class Bench:
    """One dossier with the files that a test puts into it."""

    server: SandboxServer
    store: Store
    settings: Settings
    folder: Path
    number: int
    champ: int

    def put(self, *files: tuple[str, str]) -> None:
        """These names and contents in the dossier's champ, and the store in step."""
        entries = [{"filename": name, "content_type": "text/plain", "text": text} for name, text in files]
        self.server.world.modify(self.number, {self.champ: entries})
        self.sync()

    def sync(self) -> None:
        demarche = self.settings.demarche("tout")
        with Client(self.settings.api, include=demarche.include) as client:
            assert sync_demarche("tout", demarche, client, self.store).exit_code == 0

    def fetch(self, **orders: Any) -> FilesSummary:
        stop = orders.pop("stop", Impatient())
        chosen = FilesOrders(self.folder, stop=stop, **orders)
        return fetch_files(self.settings, "tout", self.store, chosen)

    def configure(self, **files: Any) -> None:
        self.settings = self.settings.model_copy(
            update={"files": self.settings.files.model_copy(update=files)}
        )

    def contents(self) -> list[str]:
        """What lies in the folder, as text."""
        paths = self.folder.rglob("*-*.*")
        return sorted(path.read_text("utf-8") for path in paths if not path.name.startswith("."))

    def downloads(self) -> list[Any]:
        return self.server.journal.entries("File")

    def now(self) -> dt.datetime:
        return self.server.world.now()


@pytest.fixture
def bench(tmp_path):
    world = World(seed=1)
    world.seed_dossiers(1, ALL_KINDS_NUMBER)
    (number,) = world.demarches[ALL_KINDS_NUMBER].dossiers
    revision = world.demarches[ALL_KINDS_NUMBER].form.active
    champ = next(each.stable for each in revision.champs if each.kind == "piece_justificative")
    with SandboxServer(world=world, requests_per_minute=None) as server:
        settings = Settings(
            api={"url": server.url, "token": server.token, "attempts": 3},
            store={"url": f"sqlite:///{tmp_path / 'store.db'}"},
            demarches={"tout": {"number": ALL_KINDS_NUMBER}},
        )
        # Only what a test puts there, and no file inside a row.
        values = {
            stable: [replace(row, values={}) if isinstance(row, Row) else row for row in value]
            for stable, value in world.dossier(number).values.items()
            if isinstance(value, list) and any(isinstance(row, Row) for row in value)
        }
        world.modify(number, values)
        with Store.open(settings.store.url) as store:
            yield Bench(server, store, settings, tmp_path / "files", number, champ)
