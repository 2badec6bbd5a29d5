"""Where a token may go and who may read it, as the command says it; and where a model is looked for."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("arguments", [("sync",), ("doctor",), ("files", "cra")])
def test_a_configuration_that_was_found_cannot_send_the_environments_token_in_clear(configured, arguments):
    assert configured("sync").returncode == 0
    text = configured.config.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(('url = "http', "token"))]
    configured.config.write_text(
        "\n".join(lines).replace("[api]", '[api]\nurl = "http://192.0.2.1"'), encoding="utf-8"
    )
    done = configured(*arguments, DS_BRIDGE_API__TOKEN="s3cr3t-token")
    assert done.returncode == 2
    assert (
        "the token is not sent to http://192.0.2.1: http:// carries it in clear" in done.stdout + done.stderr
    )
    assert "s3cr3t" not in done.stdout + done.stderr


def test_sync_says_once_that_others_may_read_the_token(configured):
    configured.config.chmod(0o644)
    done = configured("sync")
    assert done.returncode == 0
    assert done.stderr.count("which holds the token") == 1
    assert "is open to every user of this machine (mode 0644): chmod o-rwx" in done.stderr
    configured.config.chmod(0o600)
    assert "open to every user" not in configured("sync").stderr


def test_a_model_is_looked_for_beside_the_configuration(configured, tmp_path_factory):
    (configured.folder / "bilan_local.py").write_text(
        "from ds_bridge.cra import CompteRendu\n\n\nclass Bilan(CompteRendu):\n    pass\n", encoding="utf-8"
    )
    text = configured.config.read_text(encoding="utf-8").replace(
        "ds_bridge.cra:CompteRendu", "bilan_local:Bilan"
    )
    configured.config.write_text(text, encoding="utf-8")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = subprocess.run(
        [sys.executable, "-m", "ds_bridge", "form", "cra", "--config", str(configured.config)],
        cwd=elsewhere,
        env=configured.environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "evenements.nom" in done.stdout


def test_what_is_installed_comes_before_a_file_of_the_same_name(configured):
    (configured.folder / "typer.py").write_text('raise SystemExit("the wrong one")\n', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "ds_bridge", "form", "cra"],
        cwd=configured.folder,
        env=configured.environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
