"""What a person sees on a terminal and in a pipe, and when nothing happened: words instead of formats."""

import json
import os
import pty
import re
import subprocess
import sys
import threading

import pytest

from ds_bridge.config import Settings
from ds_bridge.log import tell_count
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.server import SandboxServer
from tests.cli.commands import run_command, write_sandbox_config

CRA = '[demarches.cra]\nnumber = 82349\nmodel = "ds_bridge.cra:CompteRendu"\n'


@pytest.fixture
def server():
    with SandboxServer(seed=6, dossiers=12, requests_per_minute=None) as server:
        yield server


def on_a_terminal(*arguments):
    """The exit code, and everything that the command wrote to its terminal."""
    ours, theirs = pty.openpty()
    seen = []

    def read():
        while True:
            try:
                some = os.read(ours, 65536)
            except OSError:  # the other end is closed
                return
            if not some:
                return
            seen.append(some.decode(errors="replace"))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        command = [sys.executable, "-m", "ds_bridge", *arguments]
        environment = os.environ | {"TERM": "xterm", "COLUMNS": "120"}
        done = subprocess.run(command, stdout=theirs, stderr=theirs, timeout=60, env=environment)
    finally:
        os.close(theirs)
        reader.join(10)
        os.close(ours)
    return done.returncode, "".join(seen)


def test_a_terminal_shows_life_at_once_and_whole_lines(server, tmp_path):
    server.faults.add(Fault(action="drop", operation="DossiersPage", nth=1))
    config = write_sandbox_config(tmp_path, server, CRA, page_size=5)
    code, seen = on_a_terminal("sync", "-v", "--config", str(config))
    assert code == 0
    assert "asking the platform…" in seen
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)
    whole = [line.strip() for line in re.split(r"[\r\n]+", plain)]
    assert any(line.endswith("page=1") or "page stored" in line for line in whole)
    [last] = [line for line in whole if line.startswith("cra: complete")]
    assert last.endswith(" s") or "invalid" in last
    # An event is a line of its own: nothing of the display stands before it.
    events = [line for line in whole if "page stored" in line]
    assert events
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \[", line) for line in events)


def test_events_for_people_have_no_run_and_no_microseconds(server, tmp_path):
    config = write_sandbox_config(tmp_path, server, CRA)
    text = run_command("sync", "-v", config=config).err
    assert "run=" not in text
    assert re.search(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \[info", text, re.MULTILINE)
    line = run_command("sync", "--log-format", "json", config=config).err.splitlines()[-1]
    event = json.loads(line)
    assert len(event["run"]) == 32
    assert (event["outcome"], event["exit_code"], event["created"], event["seen"]) == (
        "complete",
        0,
        0,
        event["unchanged"],
    )
    assert event["requests"] >= 4


def test_quiet_says_only_what_went_wrong(server, tmp_path):
    config = write_sandbox_config(tmp_path, server, CRA)
    config.chmod(0o600)
    assert run_command("sync", "--quiet", config=config).err == ""
    config.write_text(config.read_text().replace(server.token, "refused"))
    assert run_command("sync", "-q", config=config).err.startswith("cra: FAILED")


@pytest.mark.parametrize(
    "command", [("dump", "cra"), ("coverage", "cra", "r.csv"), ("files", "cra"), ("report", "cra")]
)
@pytest.mark.parametrize("text", ["yesterday", "30/05/2024", "2024-13-01", ""])
def test_since_says_its_form_in_words(command, text):
    done = run_command(*command, "--since", text)
    assert done.code == 2
    flat = " ".join(done.err.split())
    assert "is no day: write year-month-day, 2024-05-30, or with the hour" in flat
    assert "%Y" not in flat


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_an_address_of_postgresql_is_understood_as_others_write_it(scheme):
    settings = Settings.model_validate({"store": {"url": f"{scheme}://me@db.example.org/ds"}})
    assert settings.store.url == "postgresql+psycopg://me@db.example.org/ds"


@pytest.mark.parametrize("url", ["", "store.db", "mysql://x/y", "sqlite://", "postgresql://"])
def test_an_address_of_no_store_says_what_to_write(url, tmp_path):
    file = tmp_path / "ds-bridge.toml"
    file.write_text(f'[store]\nurl = "{url}"\n{CRA}')
    done = run_command("status", config=file)
    assert done.code == 2
    assert "write sqlite:///path/to/file.db or postgresql://user:password@host/database" in done.err


def test_the_demo_ends_with_where_everything_is(tmp_path):
    done = run_command("demo", "--folder", str(tmp_path))
    assert done.code == 0, done.err
    store, report, following = done.err.splitlines()[-3:]
    assert store == f"store:  {tmp_path}/ds-bridge-demo.db"
    assert report == f"report: {tmp_path}/ds-bridge-demo.json"
    assert json.loads((tmp_path / "ds-bridge-demo.json").read_text(encoding="utf-8")) == json.loads(done.out)
    assert following == f"next:   cd {tmp_path} && ds-bridge status && ds-bridge dump cra --format ndjson"
    config = tmp_path / "ds-bridge.toml"
    assert run_command("status", config=config).code == 0
    assert len(run_command("dump", "cra", "--format", "ndjson", config=config).out.splitlines()) > 40
    again = run_command("demo", "--folder", str(tmp_path))
    assert again.code == 2
    assert "already holds a demo, or a configuration" in again.err


def test_numbers_and_their_nouns():
    assert [tell_count(count, "dossier") for count in (0, 1, 2)] == ["0 dossiers", "1 dossier", "2 dossiers"]
    assert tell_count(3, "anomaly") == "3 anomalies"
