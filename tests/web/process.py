"""`ds-bridge serve` as the process that it is: started, spoken to over HTTP, stopped by a signal."""

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from ds_bridge.web.keys import make_key

CRA_PATH = "a1dac784-b6a0-4733-82c9-2c5c660797cf"
SERVE = ("serve", "--port", "0", "--log-format", "json")
DEMARCHES = f"""
[demarches.cra]
number = 82349
path = "{CRA_PATH}"
model = "ds_bridge.cra:CompteRendu"
[demarches.cra.champs]
nom = "Q2hhbXAtMzU2NjQ5MQ"
prenom = "Q2hhbXAtMzU2NjUyMA"
identifiant = "Q2hhbXAtMzU2NjUyMw"
structure_nom = "Q2hhbXAtMzU2NjUyMQ"
[demarches.tout]
number = 99001
path = "fourre-tout"
[demarches.reservee]
number = 99002
path = "conventions-avec-les-structures"
[demarches.terminee]
number = 99003
path = "inscription-aux-rencontres-2024"
[demarches.deplacee]
number = 99001
path = "toutes-sortes-de-champs"
[demarches.sans-adresse]
number = 99001
"""


@dataclass(frozen=True)
class Keys:
    """Keys of the tests' configuration: one for everything, one for `tout` alone."""

    full: str
    narrow: str
    lines: str

    @classmethod
    def make(cls) -> "Keys":
        full, full_line = make_key("dashboard")
        narrow, narrow_line = make_key("narrow")
        narrow_line = narrow_line.replace("}", ', demarches = ["tout"]}')
        return cls(full, narrow, f"[{full_line}, {narrow_line}]")


def write_config(folder: Path, url: str, keys: Keys, web: str = "", api: str = "") -> Path:
    """A configuration for the sandbox at `url`, with a store of its own."""
    file = folder / "ds-bridge.toml"
    file.write_text(
        f'[api]\nurl = "{url}"\n{api}\n[store]\nurl = "sqlite:///store.db"\n'
        f"[web]\nkeys = {keys.lines}\n{web}\n{DEMARCHES}",
        encoding="utf-8",
    )
    return file


@dataclass
class Service:
    """A running service. `client` sends the full key."""

    process: subprocess.Popen[bytes]
    folder: Path
    url: str
    keys: Keys
    lines: list[str]
    reader: threading.Thread
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {self.keys.full}"}, timeout=30
        )

    @classmethod
    def start(cls, folder: Path, keys: Keys) -> "Service":
        """Start it in `folder`, where its configuration is, and wait until it listens."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DS_BRIDGE_")}
        process = subprocess.Popen(
            [
                sys.executable,
                "-W",
                "error",
                "-m",
                "ds_bridge",
                "serve",
                "--port",
                "0",
                "--log-format",
                "json",
            ],
            cwd=folder,
            env=environment | {"XDG_CACHE_HOME": str(folder / "cache")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        lines: list[str] = []
        listening = threading.Event()
        reader = threading.Thread(target=_read, args=(process, lines, listening), daemon=True)
        reader.start()
        assert listening.wait(30), "it did not start"
        started = next((event for event in map(json.loads, lines) if "url" in event), None)
        assert started, lines
        return cls(process, folder, started["url"], keys, lines, reader)

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        """What it has logged so far."""
        found = [json.loads(line) for line in list(self.lines)]
        return [event for event in found if name is None or event["event"] == name]

    @property
    def address(self) -> tuple[str, int]:
        """For a plain socket."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)

    def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = 30) -> int:
        """Send the signal, wait for the end; the exit code. Safe to call when it has ended."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait(seconds)

    def wait(self, seconds: float = 30) -> int:
        """Wait for an end that was asked for already; the exit code."""
        code = self.process.wait(seconds)
        self.reader.join(5)
        self.client.close()
        return code


def _read(process: subprocess.Popen[bytes], lines: list[str], listening: threading.Event) -> None:
    assert process.stderr
    for line in process.stderr:
        lines.append(line.decode())
        if b'"url"' in line:
            listening.set()
    process.stderr.close()
    listening.set()
