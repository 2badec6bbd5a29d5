"""Start: a link needs no GraphQL and no database, and a command loads what it is for."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from typer import Typer

from ds_bridge import cli
from ds_bridge.cli.app import COMMANDS, GROUPS
from tests.cli.conftest import Command

HEAVY = {"alembic", "fastapi", "gql", "graphql", "jinja2", "polars", "sqlalchemy", "uvicorn", "xlsxwriter"}
PROGRAM = """
import atexit, sys
from ds_bridge.__main__ import main
atexit.register(lambda: print(*(name for name in sys.modules if sys.modules[name]), file=sys.stderr))
main()
"""
LINK = ("prefill", "link", "cra", "--nom", "NOËL", "--identifiant", "4211")


def find_heavy(command: Command, *arguments: str, **environment: str) -> set[str]:
    """The heavy modules that the command has loaded when it is done."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=command.folder,
        env=command.environment(**environment),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout
    return HEAVY & set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("sync", "--help"), ("serve", "--help")])
def test_help_loads_nothing_heavy(command: Command, arguments: tuple[str, ...]) -> None:
    assert find_heavy(command, *arguments) == set()


def test_a_link_needs_neither_the_api_nor_a_store(configured: Command, tmp_path: Path) -> None:
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert find_heavy(configured, *LINK, "--offline") == set()
    assert find_heavy(configured, *LINK, **cache) == set()


def test_a_link_of_the_library_needs_neither_either() -> None:
    program = "import sys, ds_bridge; ds_bridge.build_link; ds_bridge.PublicClient; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()


def test_a_quiet_night_loads_what_asks_and_what_keeps(configured: Command) -> None:
    configured("sync")
    assert find_heavy(configured, "sync", "--json") == {"gql", "graphql", "sqlalchemy"}


def test_every_command_is_known_by_its_name() -> None:
    names = {each.name for each in pkgutil.iter_modules(cli.__path__)}
    modules = {name: import_module(f"ds_bridge.cli.{name}") for name in names - {"app"}}
    assert set(COMMANDS) == {name for name, module in modules.items() if is_command(name, module)}
    assert set(GROUPS) == {name for name, module in modules.items() if is_group(module)}


def is_command(name: str, module: ModuleType) -> bool:
    own = getattr(module, name, None)
    return is_group(module) or getattr(own, "__module__", "") == module.__name__


def is_group(module: ModuleType) -> bool:
    return isinstance(getattr(module, "app", None), Typer)
