"""The README's words are true: its commands run, its configuration loads, its code works."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ds_bridge.sandbox.server import SandboxServer

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FRENCH = (ROOT / "README.fr.md").read_text(encoding="utf-8")
pages = pytest.mark.parametrize("page", [README, FRENCH], ids=["english", "french"])


def block(name, page=README):
    match = re.search(rf"<!-- {name} -->\n```\w+\n(.*?)```", page, re.DOTALL)
    assert match, name
    return match[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the README's configuration, on a sandbox."""
    folder = tmp_path_factory.mktemp("readme")
    with SandboxServer(seed=4, dossiers=40, requests_per_minute=None) as server:
        config = block("config") + f'\n[api]\nurl = "{server.url}"\ntoken = "{server.token}"\n'
        (folder / "ds-bridge.toml").write_text(config, encoding="utf-8")
        yield folder


def run(folder, *command):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


@pages
def test_the_configuration_is_the_examples(page):
    example = tomllib.loads((ROOT / "config.example.toml").read_text(encoding="utf-8"))
    assert tomllib.loads(block("config", page))["demarches"] == example["demarches"]


@pytest.mark.parametrize(
    "page", [README, pytest.param(FRENCH, marks=pytest.mark.long)], ids=["english", "french"]
)
def test_every_command_runs_in_order(folder, page):
    lines = block("commands", page).splitlines()
    assert len(lines) >= 5
    for line in lines:
        program, *arguments = shlex.split(line)
        assert program == "ds-bridge"
        done = run(folder, sys.executable, "-m", "ds_bridge", *arguments)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
    reports = [json.loads(line) for line in (folder / "reports.ndjson").read_text().splitlines()]
    assert len(reports) > 20


def test_the_python_runs(folder):
    code = block("python")
    done = run(folder, sys.executable, "-c", code + "\nprint(link)")
    assert done.returncode == 0, done.stderr
    *dossiers, link = done.stdout.splitlines()
    assert len(dossiers) > 20
    assert all(re.fullmatch(r"\d+ \w+", line) for line in dossiers)
    assert link.endswith("&champ_Q2hhbXAtMzU2NjUyMw=4211")


def test_the_dashboards_python_runs(folder):
    done = run(folder, sys.executable, "-c", block("dashboard python"))
    assert done.returncode == 0, done.stderr
    method, url = done.stdout.split()
    assert method == "link"
    assert "champ_Q2hhbXAtMzU2NjUyMw=4211" in url
    assert url.endswith("=5")


def test_the_dashboards_commands_run_in_order(folder):
    rows = [f"Nom{number};Prénom;{number};Téléphone" for number in range(1, 5)]
    (folder / "roster.csv").write_text("\n".join(["nom;prénom;ID CoNum;autre", *rows]), encoding="cp1252")
    assert run(folder, sys.executable, "-m", "ds_bridge", "sync").returncode == 0
    told = []
    for line in block("dashboard commands").splitlines():
        program, *arguments = shlex.split(line)
        assert program == "ds-bridge"
        done = run(folder, sys.executable, "-m", "ds_bridge", *arguments)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        told.append(done.stderr.splitlines()[-1])
    assert told[:3] == [
        "4 rows: 4 links, 0 drafts, 0 with a problem",
        "4 rows: 0 links, 4 drafts, 0 with a problem",
        "cra: 4 drafts (4 prefilled), 0 with news",
    ]
    assert told[3].startswith("cra: 4 people: ")


def test_the_two_commands_are_what_ci_runs():
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert block("demo") == block("demo", FRENCH)
    assert block("demo").strip().endswith(".venv/bin/ds-bridge demo")
    assert block("test").strip().endswith("&& .venv/bin/pytest")
    assert "<!-- demo -->" in gate
    assert "<!-- test -->" in gate


@pages
def test_every_page_it_names_is_there(page):
    for name in re.findall(r"\]\(([^)#]+)\)", page.replace("#more", "")):
        assert (ROOT / name).exists(), name


@pages
def test_its_exit_codes_are_the_programs(page):
    from ds_bridge import errors

    told = {
        int(code) for cell in re.findall(r"^\| ([\d, ]+) \|", page, re.MULTILINE) for code in cell.split(",")
    }
    raised = {
        getattr(kind, "exit_code", None)
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.DsBridgeError)
    }
    assert raised - {None} <= told
    assert told == {0, 1, 2, 3, 4, 5, 6, 130, 143}
