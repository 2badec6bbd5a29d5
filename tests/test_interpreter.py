"""What a process of ours asks of Python, seen from outside of it."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import atexit, gc, sys
from ds_bridge.__main__ import main
atexit.register(lambda: print(gc.get_threshold(), gc.get_freeze_count() > 0))
sys.argv = ["ds-bridge", *sys.argv[1:]]
main()
"""


@pytest.mark.parametrize(
    ("arguments", "code", "pace"),
    [
        (["--version"], 0, "(50000, 20, 20)"),
        (["sync", "--config", "nowhere.toml"], 2, "(50000, 20, 20)"),
        (["sync"], 2, "(5000, 20, 20)"),  # there is no démarche: what may be long had begun
    ],
)
def test_a_command_looks_for_circles_rarely_and_takes_nothing_apart_at_its_end(
    arguments: list[str], code: int, pace: str, tmp_path: Path
) -> None:
    """That took half a second after a run."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (code, f"{pace} True")


@pytest.mark.parametrize(("said", "kept"), [(None, "__all__"), ("", "")])
def test_plugins_of_pydantic_stay_away_unless_somebody_says_otherwise(said: str | None, kept: str) -> None:
    """They see every value."""
    name = "PYDANTIC_DISABLE_PLUGINS"
    environment = {key: value for key, value in os.environ.items() if key != name}
    if said is not None:
        environment[name] = said
    program = (
        "import os; from ds_bridge.interpreter import start_quickly; start_quickly();"
        f"print(os.environ[{name!r}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{kept}\n"


def test_a_program_that_runs_commands_keeps_its_own_pace(tmp_path: Path) -> None:
    program = (
        "import gc; from ds_bridge.cli.app import run; run(['sync']);"
        "print(gc.get_threshold(), gc.get_freeze_count())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{gc.get_threshold()} 0\n"
