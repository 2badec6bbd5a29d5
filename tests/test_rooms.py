"""The rooms of the house: each imports only rooms below it, and no module imports itself in a circle."""

import ast
import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "ds_bridge"

GROUND = {"errors", "ids", "form", "config", "log"}
# From the ground up: a room may import the ground and any room before it in this list.
ROOMS = [
    "api",
    "mapping",
    "model",
    "prefill",
    "store",
    "tables",
    "sync",
    "people",
    "files",
    "dump",
    "lake",
    "spark",
    "dlt",
    "actions",
    "health",
    "report",
    "cra",
    "notebook",
    "sandbox",
    "web",
    "cli",
]
# What is narrower than the list: rooms that must not know another one, although it lies below them.
APART = {
    "mapping": {"config"},
    "model": {"api", "config"},
    "prefill": {"model"},
    "store": {"api", "model", "prefill"},
    "cra": {
        "api",
        "config",
        "log",
        "store",
        "sync",
        "people",
        "files",
        "dump",
        "lake",
        "spark",
        "dlt",
        "actions",
        "health",
    },
    # The core knows no form: the declared report is one model among others.
    "notebook": {"cra"},
    "sandbox": {"cra"},
    "web": {"cra"},
    "cli": {"cra"},
}
TOP = {"__init__", "__main__", "config", "errors", "form", "ids", "log", "notebook"}


def find_modules():
    modules = {}
    for file in PACKAGE.rglob("*.py"):
        parts = file.relative_to(ROOT).with_suffix("").parts
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return modules


MODULES = find_modules()


def list_imports(module):
    """Every module of ours that this one imports, wherever the line stands, for types too."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in MODULES else node.module)
    return {name for name in found if name in MODULES and name != module}


GRAPH = {module: list_imports(module) for module in MODULES if module != "ds_bridge"}


def room_of(module):
    return module.split(".")[1] if "." in module else module


def test_no_import_goes_round_in_a_circle():
    # The public surface imports everything, on first use, and nobody imports it.
    assert [module for module, imports in GRAPH.items() if "ds_bridge" in imports] == []
    try:
        order = list(TopologicalSorter(GRAPH).static_order())
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' <- '.join(error.args[1])}")
    assert set(order) >= set(GRAPH)


def test_a_room_imports_only_rooms_below_it():
    upward = []
    for module, imports in GRAPH.items():
        here = room_of(module)
        if here == "__main__":
            continue
        below = set(ROOMS[: ROOMS.index(here)]) if here in ROOMS else set()
        allowed = {here, *GROUND, *below} - APART.get(here, set())
        upward += [f"{module} imports {name}" for name in imports if room_of(name) not in allowed]
    assert upward == []


def test_only_the_entry_imports_the_command_line():
    users = [
        m for m, imports in GRAPH.items() if room_of(m) != "cli" and any(room_of(i) == "cli" for i in imports)
    ]
    assert users == ["ds_bridge.__main__"]


def test_nothing_lies_loose_at_the_top():
    files = {path.stem for path in PACKAGE.glob("*.py")}
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert files | (folders & GROUND) == TOP
    assert folders - GROUND == set(ROOMS) - {"notebook"} - {"actions", "report"} | (
        folders & {"actions", "report"}
    )


def test_the_wheel_holds_every_room():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = [module for module, file in MODULES.items() if file.name == "__init__.py"]
    assert project["tool"]["setuptools"]["packages"] == sorted([*packages, "ds_bridge.queries"])
