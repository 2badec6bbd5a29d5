"""`sync` tells a monitor how every run ended; a monitor that fails never changes the exit code."""

import json
import signal
import subprocess
import sys

import pytest

from ds_bridge.health import notify
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.server import SandboxServer
from tests.cli.commands import run_command, write_sandbox_config
from tests.health.monitor import find_closed, open_monitor

CRA = '[demarches.cra]\nnumber = 82349\nmodel = "ds_bridge.cra:CompteRendu"\n'


@pytest.fixture
def server():
    with SandboxServer(seed=6, dossiers=12, requests_per_minute=None) as server:
        yield server


@pytest.fixture
def monitor(monkeypatch):
    monkeypatch.setattr(notify, "_WAIT_SECONDS", 0)
    with open_monitor() as monitor:
        yield monitor


def write(tmp_path, server, url, demarches=CRA):
    told = f'[notify]\nping_url = "{url}/s3cret"\nwebhook_url = "{url}/hook"\n'
    config = write_sandbox_config(tmp_path, server, told + demarches)
    config.chmod(0o600)
    return config


def test_a_good_night_and_a_bad_one(server, monitor, tmp_path):
    config = write(tmp_path, server, monitor.url)
    done = run_command("sync", "--json", config=config)
    assert done.code == 0
    assert monitor.paths == ["/s3cret/start", "/s3cret/0", "/hook"]
    assert monitor.told[1][2] == done.err.strip()
    assert json.loads(monitor.told[2][2])["summaries"] == json.loads(done.out)
    monitor.told.clear()
    config.write_text(config.read_text().replace(server.token, "refused"))
    assert run_command("sync", config=config).code == 3
    assert monitor.paths == ["/s3cret/start", "/s3cret/3", "/hook"]
    assert "FAILED" in monitor.told[1][2]


@pytest.mark.parametrize("trouble", ["down", "slow", "500"])
def test_a_monitor_in_trouble_changes_nothing_but_a_line(server, monitor, tmp_path, monkeypatch, trouble):
    monkeypatch.setattr(notify, "TIMEOUT_SECONDS", 0.1)
    monitor.status = {"down": 200, "slow": None, "500": 500}[trouble]
    config = write(tmp_path, server, find_closed() if trouble == "down" else monitor.url)
    done = run_command("sync", config=config)
    assert done.code == 0
    lines = done.err.splitlines()
    told = ["notify.ping_url", "cra", "notify.ping_url", "notify.webhook_url"]
    assert [line.split(":")[0] for line in lines] == told
    assert all(
        "(tried 3 times): nobody was told there" in line for line in lines if line.startswith("notify")
    )
    assert "s3cret" not in done.err


def test_a_run_that_is_stopped_tells_its_end(server, monitor, tmp_path):
    server.faults.add(Fault(action="limit", reset_seconds=600))
    config = write(tmp_path, server, monitor.url)
    command = [sys.executable, "-m", "ds_bridge", "sync", "-v", "--config", str(config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert any("RateLimitedError" in line for line in process.stderr)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 143
    assert monitor.paths == ["/s3cret/start", "/s3cret/143", "/hook"]
    assert "stopped by SIGTERM" in monitor.told[1][2]


def test_act_tells_counts_and_how_it_could_not_begin(server, monitor, tmp_path):
    notes = '[demarches.notes]\nnumber = 99001\ninstructeur = "instructrice@anct.example"\n'
    config = write(tmp_path, server, monitor.url, notes)
    kept = server.world.demarches[99001].dossiers.values()
    number = next(each.number for each in kept if each.state == "en_instruction" and each.groupe == 0)
    rows = [
        {"dossier": number, "action": "accepter", "motivation": "À nous seuls"},
        {"dossier": number, "action": "passer_en_instruction"},
    ]
    actions = tmp_path / "actions.json"
    actions.write_text(json.dumps(rows), encoding="utf-8")
    assert run_command("act", "notes", str(actions), "--yes", "--strict", config=config).code == 5
    assert monitor.paths == ["/s3cret/start", "/s3cret/5", "/hook"]
    assert monitor.told[1][2] == "notes: 1 done, 1 refused, 0 unknown, 1 request"
    told = json.loads(monitor.told[2][2])
    assert told["summaries"] == [{"name": "notes", "done": 1, "refused": 1, "unknown": 0, "requests": 1}]
    assert "seuls" not in str(monitor.told)
    monitor.told.clear()
    actions.write_text('[{"dossier": 1, "action": "acepter"}]', encoding="utf-8")
    assert run_command("act", "notes", str(actions), "--yes", config=config).code == 2
    assert monitor.paths == ["/s3cret/start", "/s3cret/2", "/hook"]
    monitor.told.clear()
    assert run_command("act", "notes", str(actions), "--dry-run", config=config).code == 2
    assert monitor.told == []


def test_an_address_that_is_none_is_refused_before_anything(server, tmp_path):
    config = write(tmp_path, server, "hc-ping.com")
    done = run_command("sync", config=config)
    assert done.code == 2
    assert "setting 'notify.ping_url' in " in done.err
    assert "not an address: https://host/path" in done.err
    assert "s3cret" not in done.err


def test_the_doctor_and_the_readers_of_the_file_know_of_them(server, monitor, tmp_path):
    config = write(tmp_path, server, monitor.url)
    config.chmod(0o644)
    found = json.loads(run_command("doctor", "--json", config=config).out)["findings"]
    assert [each["found"] for each in found if each["check"] == "notify"] == [
        "notify.ping_url accepts notices", "notify.webhook_url accepts notices",
    ]  # fmt: skip
    holds = "which holds the token and notify.ping_url and notify.webhook_url"
    assert any(holds in each["found"] for each in found)
