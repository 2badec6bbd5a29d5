"""`remap NAME`: counts, the lock, and what to do when there is nothing to map."""

import json

from ds_bridge.sandbox.server import SandboxServer
from tests.cli.commands import run_command, write_sandbox_config
from tests.store.samples import DEMARCHE

PLAIN = f"[demarches.cra]\nnumber = {DEMARCHE}\n"
MODEL = 'model = "ds_bridge.cra:CompteRendu"\n'


def test_counts_in_text_and_json(tmp_path):
    with SandboxServer(seed=8, dossiers=12, requests_per_minute=None) as server:
        file = write_sandbox_config(tmp_path, server, PLAIN)
        assert run_command("sync", config=file).code == 0
    file.write_text(file.read_text() + MODEL)
    result = run_command("remap", "cra", config=file)
    assert result.code == 0, result.err
    assert result.out == "cra: 12 changed, 0 unchanged, 1 invalid\n"
    again = run_command("remap", "cra", "--json", config=file)
    assert json.loads(again.out) == {
        "name": "cra",
        "number": DEMARCHE,
        "outcome": "complete",
        "seen": 12,
        "changed": 0,
        "unchanged": 12,
        "invalid": 1,
        "error": None,
    }


def test_no_form_yet(config, store):
    result = run_command("remap", "cra", config=config)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "ds-bridge: the store holds no form of démarche 82349 yet: run ds-bridge sync cra first\n"
    )


def test_not_while_a_run_is_under_way(config, store):
    store.save_form(DEMARCHE, "cra", {"number": DEMARCHE})
    with store.lock(DEMARCHE):
        result = run_command("remap", "cra", config=config)
    assert result.code == 6
    assert "another run of démarche 82349 is under way" in result.err
