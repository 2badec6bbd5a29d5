"""What people do wrong, and what breaks around them: one clear line, the right exit code, no trace."""

import os
import signal
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.server import SandboxServer


def until(condition):
    tick = threading.Event()
    for _ in range(2000):
        if condition():
            return
        tick.wait(0.01)
    raise AssertionError("it never came")


def refused(done, code):
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr.strip().splitlines()[-1]


def test_no_configuration(command):
    assert "no démarche in the configuration" in refused(command("sync"), 2)
    assert "no démarche in the configuration" in refused(command("dump", "cra"), 2)


def test_a_wrong_path(command):
    assert refused(command("sync", "--config", "missing.toml"), 2) == (
        "ds-bridge: no configuration file at 'missing.toml'"
    )


def test_a_token_that_is_missing(command, server):
    command.config.write_text(f'[api]\nurl = "{server.url}"\n[demarches.cra]\nnumber = 82349\n')
    assert "no API token: set DS_BRIDGE_API__TOKEN" in refused(command("sync"), 3)


def test_an_unknown_option_and_command(command):
    assert "No such option" in refused(command("sync", "--ful"), 2)
    assert "No such command" in refused(command("sink"), 2)


def test_a_demarche_that_does_not_exist(configured):
    configured.config.write_text(configured.config.read_text().replace("82349", "1"))
    line = refused(configured("sync"), 2)
    assert "not_found" in line


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("expired", "has expired"),
        ("unknown", "forbidden"),
        ("network", "forbidden"),
        ("narrow", "does not cover"),
    ],
)
def test_a_token_that_is_refused(command, server, kind, words):
    token = "wrong" if kind == "unknown" else server.world.token(kind)
    command.write_config(server, token=token)
    line = refused(command("sync"), 3)
    assert words in line
    assert token not in line


def test_an_instance_that_is_down(command, server):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command.write_config(server, url=f"http://127.0.0.1:{port}")
    line = refused(command("sync", DS_BRIDGE_API__ATTEMPTS="2"), 4)
    assert "no answer from" in line
    assert "tried 2 times" in line


def test_an_instance_that_answers_html(command, server):
    class Maintenance(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>Maintenance</html>")

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Maintenance) as html:
        threading.Thread(target=html.serve_forever, daemon=True).start()
        command.write_config(server, url=f"http://127.0.0.1:{html.server_port}")
        line = refused(command("sync", DS_BRIDGE_API__ATTEMPTS="2"), 4)
        html.shutdown()
    assert "no GraphQL (HTML" in line


@pytest.mark.parametrize("word", ["undefined", "null", "None"])
def test_a_name_that_is_still_loading(configured, word):
    line = refused(configured("prefill", "link", "cra", "--nom", word), 2)
    assert "nom" in line


def test_a_link_too_long_becomes_a_draft_and_says_so(configured):
    done = configured("prefill", "link", "cra", "--nom", "é" * 700)
    assert done.returncode == 0, done.stderr
    assert "a draft, since the link would be" in done.stderr
    assert "prefill_token=" in done.stdout


def test_empty_values_are_left_out(configured):
    done = configured("prefill", "link", "cra", "--nom", "", "--prenom", "  ")
    assert (done.returncode, "?" in done.stdout) == (0, False)


def test_a_set_that_is_no_pair(configured):
    assert "ID=VALUE" in refused(configured("prefill", "link", "cra", "--set", "nothing"), 2)


def test_a_store_in_a_folder_that_is_not_there(configured):
    configured.config.write_text(
        configured.config.read_text().replace("sqlite:///cra.db", "sqlite:///no/cra.db")
    )
    assert "does not exist" in refused(configured("sync"), 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_is_read_only(configured):
    configured.folder.chmod(0o500)
    line = refused(configured("sync"), 1)
    configured.folder.chmod(0o700)
    assert "cannot be created" in line


def test_a_dump_whose_reader_goes_away_is_quiet(configured):
    configured("sync")
    done = subprocess.run(
        f"{sys.executable} -m ds_bridge dump cra --raw | head -c 10",
        shell=True, cwd=configured.folder, env=configured.environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert (done.stdout[:2], done.stderr) == ("[\n", "") or (done.stdout[:1], done.stderr) == ("[", "")


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_the_middle(command, tmp_path, sent, code):
    with SandboxServer(seed=2, dossiers=60, requests_per_minute=None) as server:
        # The second page waits for the signal: the run is in the middle when it comes.
        fault = server.faults.add(Fault(action="delay", operation="DossiersPage", nth=2, seconds=1.0))
        command.write_config(server)
        with subprocess.Popen(
            [sys.executable, "-m", "ds_bridge", "sync", "--json"],
            cwd=command.folder,
            env=command.environment(DS_BRIDGE_API__PAGE_SIZE="20"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            until(lambda: server.faults.scripted()[fault][1] == 1)
            process.send_signal(sent)
            out, err = process.communicate(timeout=30)
    assert process.returncode == code, err
    assert '"outcome": "interrupted"' in out
    assert "run the same command again to go on" in err
    assert "Traceback" not in err
