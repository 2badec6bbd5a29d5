"""The command as a person runs it: a process, a configuration, a sandbox."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import Store
from tests.cli.commands import write_config
from tests.store.samples import DEMARCHE
from tests.stores import new_sqlite


@dataclass
class Command:
    """Runs `python -m ds_bridge` in a folder of its own."""

    folder: Path
    config: Path

    def __call__(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ds_bridge", *arguments],
            cwd=self.folder,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            timeout=60,
        )

    def environment(self, **more: str) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("DS_BRIDGE_")}
        return kept | {"XDG_CONFIG_HOME": str(self.folder / "none")} | more

    def write_config(self, server: SandboxServer, **settings: str) -> None:
        api = {"url": server.url, "token": server.token} | settings
        lines = "\n".join(f'{key} = "{value}"' for key, value in api.items())
        self.config.write_text(
            f'[api]\n{lines}\n[store]\nurl = "sqlite:///cra.db"\n[demarches.cra]\nnumber = 82349\n'
            'path = "a1dac784-b6a0-4733-82c9-2c5c660797cf"\nmodel = "ds_bridge.cra:CompteRendu"\n'
            '[demarches.cra.champs]\nnom = "Q2hhbXAtMzU2NjQ5MQ"\nidentifiant = "Q2hhbXAtMzU2NjUyMw"\n',
            encoding="utf-8",
        )


@pytest.fixture(scope="session")
def server() -> Iterator[SandboxServer]:
    """A sandbox that no test changes."""
    with SandboxServer(seed=2, dossiers=30, requests_per_minute=None) as server:
        yield server


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path, tmp_path / "ds-bridge.toml")


@pytest.fixture
def configured(command: Command, server: SandboxServer) -> Command:
    command.write_config(server)
    return command


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration for commands that never ask the platform: two démarches, no token."""
    return write_config(tmp_path, f"[demarches.cra]\nnumber = {DEMARCHE}\n[demarches.autre]\nnumber = 7\n")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Its store, to be filled by hand."""
    with Store.open(new_sqlite(tmp_path)) as store:
        yield store
