"""`model NAME`: from the API, from the store, from a file, and what it says when it cannot."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ds_bridge.mapping import DomainModel
from ds_bridge.sandbox.forms import load_forms
from ds_bridge.sandbox.pages.public import describe_form
from ds_bridge.sandbox.server import SandboxServer
from tests.cli.commands import run_command, write_sandbox_config
from tests.model.generated import imported

DOCS = Path(__file__).parents[2] / "docs" / "model.md"
DEMARCHES = "[demarches.cra]\nnumber = 82349\n[demarches.fourre]\nnumber = 99001\n"


@pytest.fixture
def config(tmp_path: Path, server: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_sandbox_config(tmp_path, server, DEMARCHES)


def model_of(module: ModuleType, name: str) -> type[DomainModel]:
    found = getattr(module, name)
    assert issubclass(found, DomainModel)
    return found


def test_the_model_comes_on_stdout_and_nothing_else(config: Path) -> None:
    done = run_command("model", "cra", config=config)
    assert (done.code, done.err) == (0, "")
    with imported(done.out) as module:
        assert "evenement" in model_of(module, "Cra").model_fields


def test_a_file_is_written_and_its_line_of_configuration_said(config: Path, tmp_path: Path) -> None:
    done = run_command("model", "cra", "-o", "bilan.py", config=config)
    assert (done.code, done.out) == (0, "")
    assert done.err == 'bilan.py: in the configuration, model = "bilan:Cra"\n'
    assert (tmp_path / "bilan.py").read_text(encoding="utf-8") == run_command(
        "model", "cra", config=config
    ).out


def test_offline_takes_the_form_of_the_last_sync(config: Path) -> None:
    online = run_command("model", "cra", config=config)
    before = run_command("model", "cra", "--offline", config=config)
    assert before.code in (1, 2)
    assert "run ds-bridge sync" in before.err
    assert run_command("sync", "cra", config=config).code == 0
    assert run_command("model", "cra", "--offline", config=config).out == online.out
    unsynced = run_command("model", "fourre", "--offline", config=config)
    assert (unsynced.code, unsynced.out) == (2, "")
    assert "the store holds no form of démarche 99001 yet: run ds-bridge sync fourre first" in unsynced.err


def test_a_synced_démarche_is_dumped_through_its_written_model(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    run_command("model", "fourre", "-o", "modele_fourre.py", config=config)
    config.write_text(
        config.read_text(encoding="utf-8") + 'model = "modele_fourre:Fourre"\n', encoding="utf-8"
    )
    assert run_command("sync", "fourre", config=config).code == 0
    dumped = json.loads(run_command("dump", "fourre", config=config).out)
    assert dumped
    assert all(document["anomalies"] == [] for document in dumped)
    assert {"date", "agents", "couleur"} <= dumped[0].keys()


def test_a_public_schema_needs_neither_token_nor_configuration(tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(describe_form(load_forms()[0])), encoding="utf-8")
    done = run_command("model", "cra", "--form", str(schema))
    assert (done.code, done.err) == (0, "")
    assert 'champ("Je", number=3566495, section="ÉVÉNEMENTS")' in done.out


def test_names_are_kept_from_a_model_written_before(config: Path, tmp_path: Path) -> None:
    first = run_command("model", "cra", config=config).out
    old = tmp_path / "old.py"
    old.write_text(first.replace("    precisez: ", "    type_precision: "), encoding="utf-8")
    assert run_command("model", "cra", "--names-from", str(old), config=config).out == old.read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "this is no JSON"),
        ("[]", "this is no démarche's form"),
        ("{}", "this document is not a démarche's form"),
        (
            '{"number": 1, "title": "T", "revision": {"champDescriptors": ["x"]}}',
            "its champs are not objects",
        ),
        (
            '{"number": 1, "title": "T", "revision": {"champDescriptors": '
            '[{"__typename": "TextChampDescriptor", "label": 3}]}}',
            "is not of the type it should be",
        ),
        ('{"number": 1, "title": "T", "activeRevision": null}', "this document describes no démarche"),
    ],
)
def test_a_file_that_is_no_form_is_one_clear_line(tmp_path: Path, content: str, complaint: str) -> None:
    file = tmp_path / "form.json"
    file.write_text(content, encoding="utf-8")
    done = run_command("model", "cra", "--form", str(file))
    assert (done.code, done.out) == (2, "")
    assert complaint in done.err
    assert str(file) in done.err
    assert done.err.count("\n") == 1


def test_what_cannot_be_read_or_written_is_one_clear_line(config: Path, tmp_path: Path) -> None:
    for arguments, complaint in (
        (("--form", "none.json"), "'none.json' cannot be read: No such file or directory"),
        (("--names-from", "none.py"), "'none.py' cannot be read: No such file or directory"),
        (("--names-from", str(config)), "no field of it has a champ's number"),
        (("--names-from", str(DOCS)), "this is no Python"),
        (("--form", "x.json", "--offline"), "--form and --offline: give one or the other"),
        (("-o", "nowhere/x.py"), "output 'nowhere/x.py' cannot be written: No such file or directory"),
        (("-o", str(tmp_path)), "it is a folder"),
    ):
        done = run_command("model", "cra", *arguments, config=config)
        assert (done.code, done.out) == (2, "")
        assert complaint in done.err
        assert done.err.count("\n") == 1


def test_the_guide_does_what_it_says(config: Path, tmp_path: Path, server: SandboxServer) -> None:
    text = DOCS.read_text(encoding="utf-8")
    commands = re.findall(r"<!-- run: \w+ -->\n```bash\nds-bridge (.*?)\n```", text)
    assert len(commands) == 2
    for command in commands:
        assert run_command(*command.split(), config=config).code == 0
    written = (tmp_path / "fourre.py").read_text(encoding="utf-8")
    for line in re.findall(r"<!-- excerpt -->\n```python\n(.*?)```", text, re.DOTALL)[0].splitlines():
        assert line in written
    code = re.findall(r"<!-- python: use -->\n```python\n(.*?)```", text, re.DOTALL)[0]
    environment = {"DS_BRIDGE_API__URL": server.url, "DS_BRIDGE_API__TOKEN": server.token}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(server.world.demarches[99001].dossiers)
