"""Real processes, really killed: SIGKILL while a request is under way, and a signal that asks for the end."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import Store
from tests.actions.conftest import AGENT, Office
from tests.waiting import wait_until

CONFIG = """
[api]
url = "{server}"
token = "{token}"
requests_per_minute = 10000
[store]
url = "{store}"
[actions]
wait_seconds = 1
[demarches.notes]
number = 99001
instructeur = "{agent}"
"""


class Command:
    """The command in a process of its own, in a folder of its own."""

    def __init__(self, server: SandboxServer, folder: Path, store: str) -> None:
        self.server, self.folder = server, folder
        text = CONFIG.format(server=server.url, token=server.token, store=store, agent=AGENT)
        (folder / "ds-bridge.toml").write_text(text)

    def write(self, rows: list[dict[str, object]]) -> None:
        with (self.folder / "actions.csv").open("w", newline="") as stream:
            writer = csv.DictWriter(stream, ["dossier", "action", "message", "motivation", "annotation"])
            writer.writeheader()
            writer.writerows(rows)

    def start(self, *more: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "ds_bridge", "act", "notes", "actions.csv", *more]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.folder, stdout=pipe, stderr=pipe, text=True)

    def run(self, *more: str) -> tuple[int, str, str]:
        process = self.start(*more)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def end_after(self, mutations: int, how: signal.Signals) -> int:
        """Start, and send the signal once so many mutations were answered, while the next is late."""
        known = len(self.answered())
        process = self.start("--yes")
        wait_until(lambda: len(self.answered()) >= known + mutations or process.poll() is not None)
        process.send_signal(how)
        process.communicate(timeout=60)
        return process.returncode

    def answered(self) -> list[str | None]:
        entries = self.server.journal.entries()
        return [each.operation for each in entries if each.operation and each.operation.startswith("Dossier")]


@pytest.fixture
def command(server: SandboxServer, tmp_path: Path, either_url: str) -> Command:
    return Command(server, tmp_path, either_url)


def test_killed_again_and_again_each_row_is_done_once(office: Office, command: Command) -> None:
    numbers = office.numbers("en_instruction")[:5]
    rows: list[dict[str, object]] = []
    for number in numbers:
        rows.append({"dossier": number, "action": "envoyer_message", "message": f"Pour {number}"})
        rows.append({"dossier": number, "action": "accepter", "motivation": f"Vu {number}"})
    command.write(rows)
    # Each effect comes late: the process is killed while its request is at work.
    command.server.faults.add(Fault(action="late", queries="mutation ", seconds=0.3))
    codes = [command.end_after(count, signal.SIGKILL) for count in (1, 2, 1, 3)]
    assert codes == [-signal.SIGKILL] * 4
    command.server.faults.clear()
    code, _, err = command.run("--yes")
    assert (code, "0 refused, 0 unknown" in err) == (0, True), err
    for number in numbers:
        assert office.messages(number, f"Pour {number}") == 1
        assert [each.motivation for each in office.instruction(number).traitements].count(f"Vu {number}") == 1
    asked = len(command.answered())
    assert command.run("--yes")[0] == 0
    assert len(command.answered()) == asked


def test_a_signal_lets_the_request_in_flight_end(office: Office, command: Command) -> None:
    numbers = office.numbers("en_instruction")[:4]
    command.write([{"dossier": each, "action": "envoyer_message", "message": "Bonjour"} for each in numbers])
    command.server.faults.add(Fault(action="late", queries="mutation ", seconds=0.3))
    assert command.end_after(1, signal.SIGINT) == 130
    sent = sum(office.messages(each, "Bonjour") for each in numbers)
    assert sent == len(command.answered()) < 4
    command.server.faults.clear()
    code, out, _ = command.run("--resume", "--yes", "--json")
    assert code == 0
    assert {each["state"] for each in json.loads(out)} == {"done"}
    assert [office.messages(each, "Bonjour") for each in numbers] == [1] * 4


def test_one_act_at_a_time(office: Office, command: Command, either_url: str) -> None:
    number = office.numbers("en_instruction")[0]
    command.write([{"dossier": number, "action": "envoyer_message", "message": "Bonjour"}])
    with Store.open(either_url) as store, store.lock(99001, "act"):
        code, _, err = command.run("--yes")
    assert (code, "another run of démarche 99001 is under way" in err) == (6, True)
    with Store.open(either_url) as store, store.lock(99001, "sync"):
        assert command.run("--yes")[0] == 0
    assert office.messages(number, "Bonjour") == 1
