"""The code of docs/service.md runs as it stands, in JavaScript and in Python, against the service."""

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ds_bridge.config import load_settings
from ds_bridge.sandbox.rack import parse_nested_query
from ds_bridge.web.keys import Keyring
from ds_bridge.web.problems import KINDS
from tests.cli.commands import run_command

GUIDE = (Path(__file__).parent.parent.parent / "docs" / "service.md").read_text(encoding="utf-8")


def block(name):
    found = re.search(rf"<!-- {name} -->\n```\w+\n(.*?)```", GUIDE, re.DOTALL)
    assert found, name
    return found[1]


def run(service, folder, *command):
    environment = {
        "PATH": os.environ["PATH"],
        "PREFILL_SERVICE": service.url,
        "PREFILL_KEY": service.keys.full,
    }
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def read(url):
    return parse_nested_query(urlsplit(url.strip()).query)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_javascript_asks_for_a_link(service, tmp_path):
    (tmp_path / "prefill.mjs").write_text(block("javascript"), encoding="utf-8")
    (tmp_path / "use.mjs").write_text(block("javascript: use"), encoding="utf-8")
    done = run(service, tmp_path, "node", "use.mjs")
    assert done.returncode == 0, done.stderr
    sent = read(done.stdout)
    assert (sent["identite_nom"], sent["champ_Q2hhbXAtMzU2NjUyMw"]) == ("NOËL", "4211")
    assert sent["champ_Q2hhbXAtMzU2NjUyMQ"] == "Mairie d’Évry & Cie"


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_javascript_that_has_not_loaded_its_data(service, tmp_path):
    (tmp_path / "prefill.mjs").write_text(block("javascript"), encoding="utf-8")
    code = """
    import { prefill } from "./prefill.mjs";
    const { url } = await prefill({ nom: undefined, prenom: null, identifiant: 4211 });
    console.log(url);
    await prefill({ nom: `${undefined}` }).catch((error) => console.log(error.message));
    """
    (tmp_path / "use.mjs").write_text(code, encoding="utf-8")
    done = run(service, tmp_path, "node", "use.mjs")
    assert done.returncode == 0, done.stderr
    url, refusal = done.stdout.splitlines()
    assert read(url) == {"champ_Q2hhbXAtMzU2NjUyMw": "4211"}
    assert refusal.startswith("1 value cannot be sent: nothing was made. identity.nom: ")


def test_python_asks_for_a_link(service, tmp_path):
    done = run(service, tmp_path, sys.executable, "-c", block("python"))
    assert done.returncode == 0, done.stderr
    assert read(done.stdout)["identite_prenom"] == "Zoé"


def test_its_configuration_opens_the_service(tmp_path):
    file = tmp_path / "ds-bridge.toml"
    file.write_text(block("config"), encoding="utf-8")
    settings = load_settings(file)
    Keyring.from_settings(settings)
    assert [key.name for key in settings.web.keys] == ["dashboard", "stats"]
    assert [key.demarches for key in settings.web.keys] == [None, ("cra",)]


def test_its_statuses_are_those_of_the_service():
    told = {
        int(code) for cell in re.findall(r"^\| ([\d, ]+) \|", GUIDE, re.MULTILINE) for code in cell.split(",")
    }
    # 405 and 408 are for programs that no one writes on purpose.
    assert told == set(KINDS) - {405, 408}


def test_its_unit_starts_what_there_is():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read_string(block("unit: ds-bridge-web.service"))
    program, *arguments = shlex.split(unit["Service"]["ExecStart"])
    assert program.endswith("/bin/ds-bridge")
    shown = run_command("serve", "--help")
    assert shown.code == 0
    assert [each for each in arguments if each.startswith("--") and each not in shown.out] == []
    assert int(unit["Service"]["TimeoutStopSec"]) > 20 + 2


def test_every_page_it_names_is_there():
    for name in re.findall(r"\]\(([^)#]+)\)", GUIDE):
        assert (Path(__file__).parent.parent.parent / "docs" / name).exists(), name
