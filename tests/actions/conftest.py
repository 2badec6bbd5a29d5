"""Fixtures of the actions' tests: a sandbox on a real socket, a store, and a clock without waits."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ds_bridge.actions import Job, Orders, Reader, Summary, prepare
from ds_bridge.actions.people import Persons
from ds_bridge.api.client import Client
from ds_bridge.config import ApiSettings
from ds_bridge.people.roster import read_roster
from ds_bridge.sandbox.dossiers import Dossier
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import Store, StoredAction
from tests.postgres import shared_server
from tests.stores import new_sqlite

DEMARCHE = 99001
AGENT = "instructrice@anct.example"
OTHER_AGENT = "instructeur@anct.example"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is killed is killed on SQLite, and with --long on PostgreSQL too."""
    for item in items:
        if item.path == Path(__file__).with_name("test_kill.py") and "[postgresql" in item.name:
            item.add_marker(pytest.mark.long)


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(seed=5, dossiers=1, requests_per_minute=None) as server:
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(new_sqlite(tmp_path)) as store:
        yield store


@pytest.fixture(params=["sqlite", "postgresql"])
def either_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty store on each database."""
    if request.param == "sqlite":
        yield new_sqlite(tmp_path)
        return
    url = shared_server().create_store()
    yield url
    shared_server().give_back(url)


class Office:
    """Acts on one démarche. `waited`: seconds that a run would have waited for."""

    def __init__(self, server: SandboxServer, store: Store, folder: Path) -> None:
        self.server, self.store, self.folder = server, store, folder
        self.waited = 0.0
        self.instructeur: str | None = AGENT
        self.timeout = 30.0
        self.resend: tuple[str, ...] = ()
        self.check_stop: Callable[[], None] = lambda: None

    def client(self, token: str | None = None, attempts: int = 2) -> Client:
        api = ApiSettings(
            url=self.server.url,
            token=token or self.server.token,
            timeout_seconds=self.timeout,
            attempts=attempts,
            requests_per_minute=10_000,
        )
        return Client(api, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.waited += seconds

    def clock(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self.waited)

    def read(self, *rows: dict[str, Any]) -> list[Any]:
        roster = read_roster(io.BytesIO(json.dumps(rows).encode()))
        reader = Reader(self.folder, Persons(self.store, DEMARCHE, {}).find)
        return reader.read(roster, lambda keys: self.store.outbox.find(DEMARCHE, keys))

    def prepare(self, client: Client, *rows: dict[str, Any]) -> Job:
        read = self.read(*rows) if rows else []
        assert [row.problem for row in read if row.problem] == []
        orders = Orders(self.instructeur, 45, self.resend, name="notes")
        return prepare(client, self.store, DEMARCHE, read, orders, clock=self.clock)

    def plan(self, *rows: dict[str, Any]) -> list[tuple[str, str | None]]:
        """What each row will do, and why."""
        with self.client() as client:
            return [(each.will, each.reason) for each in self.prepare(client, *rows).plan]

    def act(self, *rows: dict[str, Any]) -> Summary:
        with self.client() as client:
            job = self.prepare(client, *rows)
            return job.carry_out(sleep=self.sleep, check_stop=self.check_stop)

    def states(self, *rows: dict[str, Any]) -> list[str]:
        """What became of each row, in order."""
        return [each.state for each in self.act(*rows).outcomes]

    def entries(self) -> list[StoredAction]:
        return self.store.outbox.entries(DEMARCHE)

    # --- the platform, as it is

    def numbers(self, state: str) -> list[int]:
        world = self.server.world
        kept = world.demarches[DEMARCHE].dossiers.values()
        found = [each for each in kept if each.state == state and each.groupe == 0]
        return [each.number for each in found if each.is_given and not each.archived]

    def dossier(self, number: int) -> Dossier:
        found = self.server.world.dossier(number)
        assert found is not None
        return found

    def instruction(self, number: int) -> Any:
        return self.server.world.read_instruction(self.dossier(number))

    def messages(self, number: int, body: str) -> int:
        return sum(each.body == body for each in self.instruction(number).messages)

    def events(self, number: int, event: str) -> int:
        return sum(each.event == event for each in self.instruction(number).traitements)


@pytest.fixture
def office(server: SandboxServer, store: Store, tmp_path: Path) -> Office:
    return Office(server, store, tmp_path)
