"""The wheel holds everything: built, installed elsewhere, the demo runs from there."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

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
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "-q",
        "-w",
        folder,
        source,
    ]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return next(folder.glob("ds_bridge-*.whl"))


def test_everything_that_is_not_python_is_in_it(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {f"ds_bridge/queries/{file.name}" for file in (ROOT / "queries").glob("*.graphql")}
    for pattern in (
        "sandbox/*.graphql",
        "sandbox/forms/*.json",
        "sandbox/pages/*.*",
        "store/migrations/**/*.py",
    ):
        wanted |= {
            f"ds_bridge/{file.relative_to(ROOT / 'ds_bridge')}" for file in (ROOT / "ds_bridge").glob(pattern)
        }
    wanted |= {"ds_bridge/py.typed"}
    assert {name for name in wanted if name not in names} == set()
    assert not [name for name in names if name.startswith(("tests/", "queries/"))]


def test_the_demo_runs_from_where_it_is_installed(wheel, tmp_path):
    home = tmp_path / "elsewhere"
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "-q", "--target", home, wheel]
    subprocess.run(command, check=True, capture_output=True)
    environment = os.environ | {"PYTHONPATH": str(home)}
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
