"""Streams that cannot be written, and mistakes of the user that end a command before it begins."""

import json
import socket
import subprocess
import sys

import pytest


def shell(command, configured, **environment):
    return subprocess.run(
        ["bash", "-c", command.replace("ds-bridge", f"{sys.executable} -m ds_bridge")],
        cwd=configured.folder,
        env=configured.environment(**environment),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_stdout_that_is_full_costs_neither_the_line_nor_the_metrics(configured):
    done = shell("ds-bridge sync --json --metrics m.prom >/dev/full", configured)
    assert done.returncode == 1
    assert "cra: complete" in done.stderr
    assert done.stderr.splitlines()[-1] == "ds-bridge: reading or writing failed: No space left on device"
    assert (configured.folder / "m.prom").exists()


@pytest.mark.parametrize("line", ["ds-bridge dump cra", "ds-bridge status --json", "ds-bridge --help"])
def test_a_full_stdout_is_one_line(configured, line):
    configured("sync")
    done = shell(f"{line} >/dev/full", configured)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "No space left on device" in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-"])
def test_a_night_goes_on_without_its_streams(configured, closed):
    done = shell(f"ds-bridge sync {closed}", configured)
    assert done.returncode == 0, done.stderr
    [status] = json.loads(configured("status", "--json").stdout)
    assert status["last_run"]["outcome"] == "complete"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("DS_BRIDGE_API", '{"token":"s3cr3t', "must hold JSON"),
        ("DS_BRIDGE_API__URL", "http://user:s3cr3t@127.0.0.1:1", "a user or password does not belong here"),
        ("DS_BRIDGE_API__URL", "http://a..b", "not an address"),
        ("DS_BRIDGE_API__URL", "http://[", "not an address"),
        ("DS_BRIDGE_API__URL", "http://a:99999", "not an address"),
        (
            "ds_bridge_apy__token",
            "s3cr3t",
            "in the environment variable ds_bridge_apy__token",
        ),
    ],
)
def test_a_bad_environment_is_one_line(configured, name, value, message):
    done = configured("sync", **{name: value})
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert "s3cr3t" not in done.stderr


def test_a_model_that_fails_on_import_is_a_setting_to_mend(configured):
    (configured.folder / "badmod.py").write_text('raise ValueError("s3cr3t")\n')
    done = configured("form", "cra", DS_BRIDGE_DEMARCHES__CRA__MODEL="badmod:X")
    assert done.returncode == 2
    assert done.stderr == "ds-bridge: model 'badmod:X': badmod fails when it is imported (ValueError)\n"


def test_a_sandbox_that_cannot_start_says_why(command):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        taken = command("sandbox", "--port", port)
    assert (taken.returncode, taken.stderr.count("\n")) == (2, 1)
    assert taken.stderr.startswith(f"ds-bridge: --port {port}: Address already in use")
    (command.folder / "junk").write_text("{")
    junk = command("sandbox", "--port", "0", "--state", "junk")
    assert (junk.returncode, "is not a sandbox's state file" in junk.stderr) == (2, True)
    (command.folder / "half").write_text('{"version": 1}')
    half = command("sandbox", "--port", "0", "--state", "half")
    assert (half.returncode, half.stderr) == (2, "ds-bridge: half is not a whole state file: KeyError\n")
    nowhere = command("sandbox", "--port", "0", "--state", "no/x")
    assert (nowhere.returncode, "there is no such folder" in nowhere.stderr) == (2, True)
