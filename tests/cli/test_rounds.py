"""`sync --dry-run` writes nothing and is right; `sync --every` goes on after every failure, until a
signal."""

import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys

import pytest

from ds_bridge.health import notify
from ds_bridge.health.rounds import repeat
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import Store
from ds_bridge.sync import Stop
from tests.cli.commands import run_command, write_sandbox_config
from tests.health.monitor import open_monitor
from tests.postgres import shared_server

CRA = '[demarches.cra]\nnumber = 82349\nmodel = "ds_bridge.cra:CompteRendu"\n'


@pytest.fixture
def server():
    with SandboxServer(seed=6, dossiers=12, requests_per_minute=None) as server:
        yield server


def look(folder):
    """Every file of the folder: name, size, time, content."""
    return {
        each.name: (each.stat().st_mtime_ns, each.read_bytes())
        for each in sorted(folder.iterdir())
        if each.is_file()
    }


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_dry_run_says_what_the_run_then_does_and_writes_nothing(server, tmp_path, kind):
    config = write_sandbox_config(tmp_path, server, CRA)
    config.chmod(0o600)
    if kind == "postgresql":
        config.write_text(config.read_text().replace("sqlite:///store.db", shared_server().create_database()))
    first = run_command("sync", "--dry-run", "--json", config=config)
    assert first.code == 0, first.err
    assert not (tmp_path / "store.db").exists()
    assert run_command("sync", config=config).code == 0
    world = server.world
    numbers = sorted(world.demarches[82349].dossiers)
    assert json.loads(first.out)[0]["numbers"]["created"] == numbers
    world.delete(numbers[2])
    before = look(tmp_path)
    dry = run_command("sync", "--dry-run", "--json", config=config)
    assert dry.code == 0
    assert dry.err.startswith("dry run, nothing was written: cra: complete, 1 deleted; ")
    assert look(tmp_path) == before
    [told] = json.loads(dry.out)
    assert (told["dry_run"], told["deleted"]) == (True, 1)
    assert told["numbers"] == {"created": [], "updated": [], "deleted": [numbers[2]]}
    [done] = json.loads(run_command("sync", "--json", config=config).out)
    assert {key: done[key] for key in ("created", "updated", "deleted", "seen", "requests")} == {
        key: told[key] for key in ("created", "updated", "deleted", "seen", "requests")
    }


def test_a_dry_run_that_fails_ends_as_the_run_would(server, tmp_path):
    config = write_sandbox_config(tmp_path, server, CRA)
    config.chmod(0o600)
    config.write_text(config.read_text().replace(server.token, "refused"))
    done = run_command("sync", "--dry-run", config=config)
    assert done.code == 3
    assert done.err.startswith("dry run, nothing was written: cra: FAILED")
    assert not (tmp_path / "store.db").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--every", "15m", "--dry-run"), "--every goes on for ever: not with --dry-run or --json"),
        (("--every", "15m", "--json"), "--every goes on for ever: not with --dry-run or --json"),
        (("--dry-run", "--metrics", "m.prom"), "--dry-run writes nothing: not with --metrics"),
        (("--every", "often"), "--every 'often' is not an age: write a number and m, h or d, like 26h"),
        (("--every", "0m"), "--every '0m' is not an age"),
    ],
)
def test_what_does_not_go_together(server, tmp_path, options, words):
    config = write_sandbox_config(tmp_path, server, CRA)
    config.chmod(0o600)
    done = run_command("sync", *options, config=config)
    assert done.code == 2
    assert words in done.err
    assert server.journal.entries() == []


class Rounds(Stop):
    """Waits for nothing, and ends before the round behind the last."""

    def __init__(self, count):
        super().__init__()
        self.left = count
        self.waits = []

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.left -= 1
        if not self.left:
            self.request(signal.SIGTERM)
        self.check()


def test_rounds_go_on_until_the_end_is_asked_for():
    stop, codes = Rounds(3), iter((0, 4, 0))
    done = []
    repeat(lambda: done.append(next(codes)), dt.timedelta(minutes=15), stop)
    assert (done, stop.waits) == ([0, 4, 0], [900.0] * 3)


def test_a_failure_does_not_end_it_and_the_webhook_hears_of_changes(server, tmp_path, monkeypatch):
    with open_monitor() as monitor:
        told = f'[notify]\nping_url = "{monitor.url}/ping"\nwebhook_url = "{monitor.url}/hook"\n'
        config = write_sandbox_config(tmp_path, server, told + CRA, attempts=1)
        requests = []
        sleep = Rounds.sleep

        def between(stop, seconds):
            """After the second round the platform fails for one, then answers again."""
            if seconds != 900:  # between two tries of a request
                return
            requests.append(len(server.journal.entries()))
            if stop.left == 4:
                server.faults.add(Fault(action="status", status=503))
            if stop.left == 3:
                server.faults.clear()
            sleep(stop, seconds)

        monkeypatch.setattr(Rounds, "sleep", between)
        monkeypatch.setattr("ds_bridge.sync.Stop", lambda: Rounds(5))
        monkeypatch.setattr(notify, "_WAIT_SECONDS", 0)
        done = run_command("sync", "--every", "15m", config=config)
    assert done.code == 0
    codes = [
        path.rpartition("/")[2] for path in monitor.paths if path.startswith("/ping/") and "start" not in path
    ]
    assert codes == ["0", "0", "4", "0", "0"]
    assert monitor.paths.count("/hook") == 3
    # A quiet round costs its four requests.
    assert requests[1] - requests[0] == 4


def test_a_signal_in_the_wait_ends_it_well(server, tmp_path):
    config = write_sandbox_config(tmp_path, server, CRA)
    config.chmod(0o600)
    command = [sys.executable, "-m", "ds_bridge", "sync", "--every", "1h", "--config", str(config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        try:
            assert any(re.match(r"cra: complete, \d+ created", line) for line in process.stderr)
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (process.returncode, err) == (0, "")
    with Store.open_to_read(f"sqlite:///{tmp_path / 'store.db'}") as store:
        assert store.overview(82349).last_run.summary["outcome"] == "complete"
