"""The wheel holds everything: built, installed elsewhere, the demo runs from there."""

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from ds_bridge.errors import MissingExtraError

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    # A copy: a build leaves folders behind, and a checkout is not the place for them.
    source = folder / "source"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    # As operations.md says, but for what a build asks of the network.
    command = ["make", "dist", f"PYTHON={sys.executable}", "PIP_OPTIONS=--no-build-isolation"]
    built = subprocess.run(command, cwd=source, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    [wheel] = (source / "dist").glob("*.whl")
    return wheel


def test_everything_that_is_not_python_is_in_it(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {f"ds_bridge/queries/{file.name}" for file in (ROOT / "queries").glob("*.graphql")}
    for pattern in (
        "sandbox/*.graphql",
        "sandbox/forms/*.json",
        "sandbox/pages/*.*",
        "report/pages/*.*",
        "store/migrations/**/*.py",
    ):
        wanted |= {
            f"ds_bridge/{file.relative_to(ROOT / 'ds_bridge')}" for file in (ROOT / "ds_bridge").glob(pattern)
        }
    wanted |= {"ds_bridge/py.typed"}
    assert {name for name in wanted if name not in names} == set()
    assert not [name for name in names if name.startswith(("tests/", "queries/"))]


def unmeasured():
    """The environment without what measures coverage: what is installed here is a copy."""
    return {key: value for key, value in os.environ.items() if not key.startswith("COV")}


def test_the_demo_runs_from_where_it_is_installed(wheel, tmp_path):
    home = tmp_path / "elsewhere"
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "-q", "--target", home, wheel]
    subprocess.run(command, check=True, capture_output=True)
    environment = unmeasured() | {"PYTHONPATH": str(home)}
    code = "import ds_bridge, ds_bridge.queries as queries; print(ds_bridge.__file__, queries.__file__)"
    where = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.split() == [
        str(home / "ds_bridge/__init__.py"),
        str(home / "ds_bridge/queries/__init__.py"),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "ds_bridge", "demo"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["identite"]["prenom"] == "Zoé"
    page = re.search(r"the coordinator's report, in French: (.*)", done.stderr)
    assert page
    assert "NOËL" in Path(page[1]).read_text(encoding="utf-8")


def test_its_name_and_its_extras_are_those_that_everybody_is_told(wheel):
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    pages = [*ROOT.glob("README*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("ds_bridge/**/*.py")]
    told = [
        found
        for page in pages
        for found in re.findall(r"[\w./{}-]+\.whl\[[\w,]+\]", page.read_text(encoding="utf-8"))
    ]
    assert len(told) >= 4
    for found in told:
        name, _, extra = found.rstrip("]").rpartition("/")[2].partition("[")
        assert name == wheel.name
        assert set(extra.split(",")) <= set(extras)
    assert wheel.name in str(MissingExtraError("x", "dump"))
    for page in pages:
        assert not re.search(r"install[^\n]*'ds-bridge\[", page.read_text(encoding="utf-8")), page


@pytest.mark.long
def test_it_is_installed_in_a_fresh_environment_with_an_extra(wheel, tmp_path):
    """pip takes the wheel as the pages write it. What it depends on is lent by this environment."""
    clean = {key: value for key, value in unmeasured().items() if key != "PYTHONPATH"}
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True, capture_output=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = [python, "-m", "pip", "install", "-q", "--no-index", "--no-deps", f"{wheel}[postgres]"]
    # A PYTHONPATH to a checkout would make pip believe that it is installed already.
    subprocess.run(install, check=True, capture_output=True, env=clean)
    folder = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    lent = [path for path in sys.path if path.endswith("site-packages") and Path(path).is_dir()]
    (Path(folder) / "zz_lent.pth").write_text("\n".join(lent) + "\n")
    command = python.with_name("ds-bridge")
    where = subprocess.run(
        [python, "-P", "-c", "import ds_bridge; print(ds_bridge.__file__)"],
        cwd=tmp_path, env=clean, capture_output=True, text=True,
    )  # fmt: skip
    assert (where.returncode, where.stderr) == (0, "")
    assert where.stdout.startswith(folder)
    for arguments, words in (("--version", "ds-bridge 0."), ("--help", "Commands:")):
        done = subprocess.run([command, arguments], cwd=tmp_path, env=clean, capture_output=True, text=True)
        assert words in done.stdout
    # The completion that --install-completion puts into a shell asks the command in this way.
    asked = {"_DS_BRIDGE_COMPLETE": "complete_bash", "COMP_WORDS": "ds-bridge sto", "COMP_CWORD": "1"}
    done = subprocess.run([command], env=clean | asked, capture_output=True, text=True)
    assert done.stdout.split() == ["store"]
    home = {"HOME": str(tmp_path), "SHELL": "/bin/bash"}
    done = subprocess.run(
        [command, "--show-completion", "bash"], env=clean | home, capture_output=True, text=True
    )
    assert "_DS_BRIDGE_COMPLETE=complete_bash" in done.stdout
