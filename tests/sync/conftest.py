"""A sandbox on a real socket, a store on each database, and a run between them that never really waits."""

import itertools
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest

from ds_bridge.api.client import Client
from ds_bridge.api.pace import Pace
from ds_bridge.api.queries import load
from ds_bridge.config import ApiSettings, DemarcheSettings, SyncSettings
from ds_bridge.mapping.person import PersonChamp
from ds_bridge.sandbox.dossiers import Token
from ds_bridge.sandbox.engine import Engine, read_document
from ds_bridge.sandbox.request import GraphQLRequest
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.store import Store
from ds_bridge.store.entries import PreparedEntry
from ds_bridge.sync import Summary, sync_demarche
from ds_bridge.sync.ahead import PagesAhead
from ds_bridge.sync.content import Content
from ds_bridge.sync.entries import make_entry
from ds_bridge.sync.pulled import Pulled
from tests.postgres import shared_server
from tests.stores import new_sqlite

CRA = DemarcheSettings(number=CRA_NUMBER, model="ds_bridge.cra:CompteRendu")
PLAIN = DemarcheSettings(number=CRA_NUMBER)


# Their tests meet PostgreSQL only with --long, each with its first case: how a store keeps things is what
# tests/store tries, and random nights and kills are played on both.
ON_SQLITE = {
    "test_changed_form",
    "test_changes",
    "test_faults",
    "test_parallel",
    "test_poison",
    "test_purged",
    "test_sweep",
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    met: set[str] = set()
    again = []
    for item in items:
        is_one = item.path.parent == Path(__file__).parent and item.path.stem in ON_SQLITE
        if is_one and "[postgresql" in item.name:
            test = item.nodeid.partition("[")[0]
            if test in met:
                again.append(item)
            met.add(test)
            item.add_marker(pytest.mark.long)
    config.hook.pytest_deselected(items=again)
    for item in again:
        items.remove(item)


def small_sandbox(dossiers: int = 120, *, seed: int = 3) -> SandboxServer:
    """A sandbox with one row a block, or none: more change nothing for a run, and take a third of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ds_bridge.sandbox.seed_values._ROW_WEIGHTS", (1, 3, 0, 0, 0, 0, 0, 0, 0))
        return SandboxServer(seed=seed, dossiers=dossiers, requests_per_minute=None)


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with small_sandbox() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request, tmp_path) -> Iterator[str]:
    if request.param == "sqlite":
        yield new_sqlite(tmp_path)
        return
    url = shared_server().create_store()
    yield url
    shared_server().give_back(url)


@pytest.fixture
def store(store_url) -> Iterator[Store]:
    with Store.open(store_url) as store:
        yield store


@pytest.fixture
def sqlite_store(tmp_path) -> Iterator[Store]:
    with Store.open(new_sqlite(tmp_path)) as store:
        yield store


class Time:
    """Time that passes only when somebody sleeps. What was waited for is written down."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.waits: list[float] = []
        self._lock = threading.Lock()

    def clock(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.waits.append(seconds)
            self.passed += seconds


class Night:
    """Runs of sync against one sandbox and store."""

    def __init__(self, server: SandboxServer, store: Store) -> None:
        self.server = server
        self.store = store
        self.time = Time()
        self.pace = Pace(10_000, clock=self.time.clock, sleep=self.time.sleep)
        self.page_size = 25
        self.timeout = 10.0
        self.attempts = 6
        self.include: tuple[str, ...] = ()
        self.demarche = CRA
        self.on_request: Callable[[str, float], None] | None = None
        self._behind_page: Callable[[int], object] | None = None
        # Walks side by side tell from a thread each.
        self._telling = threading.RLock()

    @property
    def waits(self) -> list[float]:
        """Seconds, of every wait so far."""
        return self.time.waits

    def client(self, *, token: str | None = None, sleep: Callable[[float], None] | None = None) -> Client:
        api = ApiSettings(
            url=self.server.url,
            token=token or self.server.token,
            page_size=self.page_size,
            timeout_seconds=self.timeout,
            attempts=self.attempts,
        )
        return Client(
            api,
            pace=self.pace,
            sleep=sleep or self.time.sleep,
            on_request=self._tell_request,
            include=self.include,
        )

    def run(self, **options) -> Summary:
        """One night. `token` and `sleep` go to the client, `demarche` is another one, the rest to sync.

        `behind_page` is called with 1, 2… behind each page of dossiers, before the next one is asked for: a
        `progress` comes later, when the next one is already on its way.
        """
        settings = options.pop("settings", None) or SyncSettings()
        demarche = options.pop("demarche", self.demarche)
        self._behind_page, self._pages = options.pop("behind_page", None), itertools.count(1)
        client = self.client(token=options.pop("token", None), sleep=options.pop("sleep", None))
        try:
            with client:
                return sync_demarche("cra", demarche, client, self.store, settings=settings, **options)
        finally:
            # A run that ended early leaves the page it had asked for; nothing of it may reach the next run.
            for thread in threading.enumerate():
                if thread.name == PagesAhead.__name__:
                    thread.join()

    def _tell_request(self, operation: str, seconds: float) -> None:
        with self._telling:
            if self.on_request:
                self.on_request(operation, seconds)
            if self._behind_page and operation in ("DossiersPage", "GroupeDossiersPage"):
                self._behind_page(next(self._pages))

    def asked(self, operation: str | None = None) -> int:
        """Requests the sandbox got so far."""
        return len(self.server.journal.entries(operation))

    def stored(self) -> dict[int, tuple[str, str]]:
        """Number → state and modification date of every live dossier."""
        return {
            each.number: (each.state, each.raw["dateDerniereModification"])
            for each in self.store.dossiers(CRA_NUMBER)
        }

    def shown(self) -> dict[int, tuple[str, str]]:
        """The same, as the platform shows it right now: the truth a store must end up with."""
        return read_platform(self.server)

    def tombstones(self) -> dict[int, str]:
        """Number → kind."""
        return {each.number: each.kind for each in self.store.deletions(CRA_NUMBER)}

    def aside(self) -> dict[int, int]:
        """Number → tries of every dossier set aside."""
        return {each.number: each.tries for each in self.store.list_set_aside(CRA_NUMBER)}


_STATES = """query States($number: Int!, $first: Int, $after: String, $updatedSince: ISO8601DateTime) {
  demarche(number: $number) {
    dossiers(first: $first, after: $after, updatedSince: $updatedSince) {
      nodes { number state dateDerniereModification }
      pageInfo { endCursor hasNextPage }
    }
  }
}"""


def read_platform(server: SandboxServer) -> dict[int, tuple[str, str]]:
    """What the platform shows, read without any of the product's walking or queries."""
    return {
        number: (raw["state"], raw["dateDerniereModification"])
        for number, raw in _read_all(server, _STATES, "States").items()
    }


def read_raw(server: SandboxServer) -> dict[int, dict]:
    """Number → the whole raw dossier."""
    return _read_all(server, load("dossiers_page").text, "DossiersPage")


def _read_all(server: SandboxServer, query: str, operation: str) -> dict[int, dict]:
    """Straight from the sandbox's engine: no fault strikes here."""
    shown: dict[int, dict] = {}
    document = read_document(query)
    variables = {"number": CRA_NUMBER, "first": 100, "after": None, "updatedSince": "1970-01-01T00:00:00Z"}
    more = True
    while more:
        request = GraphQLRequest(Token("truth", ""), document.fragments, server.url)
        answer = Engine(server.world).execute(document, variables, operation, request)
        page = orjson.loads(orjson.dumps(answer.body))["data"]["demarche"]["dossiers"]
        shown |= {node["number"]: node for node in page["nodes"]}
        variables["after"], more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    return shown


@pytest.fixture
def night(server: SandboxServer, store: Store) -> Night:
    return Night(server, store)


@pytest.fixture
def told(caplog) -> Callable[[str], list[dict]]:
    """The log's events of this name so far."""
    caplog.set_level(logging.INFO, logger="ds_bridge")

    def find(event: str) -> list[dict]:
        records = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
        return [each for each in records if each["event"] == event]

    return find


Script = Callable[[SandboxServer], object]


def fingerprint_of(raw: dict) -> str:
    """What a store would know a raw dossier by."""
    return PreparedEntry.of(make_entry(Pulled.of(raw), Content({}), PersonChamp())).raw_fingerprint
