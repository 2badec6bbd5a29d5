"""A sandbox on a real socket, a store on each database, and a run between them."""

from collections.abc import Callable, Iterator

import pytest

from ds_bridge.api.client import Client
from ds_bridge.config import ApiSettings, DemarcheSettings, SyncSettings
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.store import Store
from ds_bridge.sync import Summary, sync_demarche
from tests.postgres import shared_server

CRA = DemarcheSettings(number=CRA_NUMBER, model="ds_bridge.cra:CompteRendu")


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(seed=3, dossiers=120, requests_per_minute=None) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path) -> Iterator[Store]:
    url = (
        f"sqlite:///{tmp_path / 'store.db'}"
        if request.param == "sqlite"
        else shared_server().create_database()
    )
    with Store.open(url) as store:
        yield store


class Night:
    """Runs of sync against one sandbox and store, without waiting: sleeps are only written down."""

    def __init__(self, server: SandboxServer, store: Store) -> None:
        self.server = server
        self.store = store
        self.waits: list[float] = []
        self.page_size = 25
        self.timeout = 10.0

    def run(self, **options) -> Summary:
        settings = options.pop("settings", None) or SyncSettings()
        api = ApiSettings(
            url=self.server.url,
            token=options.pop("token", self.server.token),
            page_size=self.page_size,
            timeout_seconds=self.timeout,
            requests_per_minute=10_000,
        )
        with Client(api, sleep=options.pop("sleep", self.waits.append)) as client:
            demarche = options.pop("demarche", CRA)
            return sync_demarche("cra", demarche, client, self.store, settings=settings, **options)

    def stored(self) -> dict[int, tuple[str, str]]:
        """Number → state and modification date of every live dossier."""
        return {
            each.number: (each.state, each.raw["dateDerniereModification"])
            for each in self.store.dossiers(CRA_NUMBER)
        }

    def shown(self) -> dict[int, tuple[str, str]]:
        """The same, as the platform shows it right now: the truth a store must end up with."""
        return read_platform(self.server)


def read_platform(server: SandboxServer) -> dict[int, tuple[str, str]]:
    api = ApiSettings(url=server.url, token=server.token, requests_per_minute=10_000)
    query = "query All($after: String) { demarche(number: 82349) { dossiers(first: 100, after: $after) {"
    query += " pageInfo { hasNextPage endCursor } nodes { number state dateDerniereModification } } } }"
    shown: dict[int, tuple[str, str]] = {}
    import httpx

    after, more = None, True
    with httpx.Client(headers={"Authorization": f"Bearer {api.read_token()}"}) as http:
        while more:
            answer = http.post(
                f"{server.url}/api/v2/graphql", json={"query": query, "variables": {"after": after}}
            ).json()
            page = answer["data"]["demarche"]["dossiers"]
            shown |= {
                node["number"]: (node["state"], node["dateDerniereModification"]) for node in page["nodes"]
            }
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    return shown


@pytest.fixture
def night(server: SandboxServer, store: Store) -> Night:
    return Night(server, store)


Script = Callable[[SandboxServer], object]
