"""One sandbox and one service for the tests that only ask; fresh ones for those that break things."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ds_bridge.config import load_settings
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import Store
from tests.store.samples import at, make_deletion, make_entry
from tests.web.process import Keys, Service, write_config


@pytest.fixture(scope="session")
def platform() -> Iterator[SandboxServer]:
    """A sandbox without dossiers, that no test breaks."""
    with SandboxServer(dossiers=0, requests_per_minute=None) as server:
        yield server


@pytest.fixture(scope="session")
def keys() -> Keys:
    return Keys.make()


@pytest.fixture(scope="session")
def service(
    platform: SandboxServer, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service over it, with a store of one dossier (7) and two tombstones (8, 9)."""
    folder = tmp_path_factory.mktemp("service")
    write_config(folder, platform.url, keys)
    fill_store(folder)
    service = Service.start(folder, keys)
    yield service
    assert service.stop() == 0


@pytest.fixture
def start(tmp_path: Path, keys: Keys) -> Iterator[Callable[..., Service]]:
    """Starts a service of one's own: `start(server.url, web="requests_per_minute = 2")`."""
    started: list[Service] = []

    def start(url: str, web: str = "", api: str = "") -> Service:
        write_config(tmp_path, url, keys, web, api)
        started.append(Service.start(tmp_path, keys))
        return started[-1]

    yield start
    for service in started:
        if service.process.poll() is None:
            service.process.kill()
        service.stop()


def fill_store(folder: Path) -> None:
    """Dossiers of démarche 82349: 7 lives, 8 was deleted, 9 was deleted before it was ever pulled."""
    settings = load_settings(folder / "ds-bridge.toml")
    number = settings.demarche("cra").number
    with Store.open(settings.store.url) as store:
        document = {"dossier": {"number": 7}, "identite": {"nom": "NOËL \U0001f389", "prenom": None}}
        store.save_page(number, [make_entry(7, document=document), make_entry(8)], None)
        store.save_deletions(number, "deleted", [make_deletion(8, at(1)), make_deletion(9, at(2))], None)


@pytest.fixture
def command_sync() -> Callable[[Path], None]:
    """Pulls every démarche of a folder's configuration that can be pulled."""

    def sync(folder: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "ds_bridge", "sync", "tout", "reservee"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr

    return sync


@pytest.fixture
def nobody() -> Iterator[str]:
    """The address of a platform that is away. Held, so that no other test's server comes to have it."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"
