"""What every test stands on. `pytest --long` runs the long ones too, `pytest --long -m long` only these."""

import os
import sys
from pathlib import Path

import pytest

# Else each of the hundreds of processes that tests start would compile ds-bridge anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

SHARED = Path(__file__).parent.parent.parent / "shared"


def pytest_addoption(parser):
    """Here rather than beside their tests: only then does a run of the whole suite take them."""
    parser.addoption("--long", action="store_true", help="The long tests too: more of the same chance.")
    parser.addoption("--nights", type=int, default=200, help="Of test_random_nights, with --long.")
    parser.addoption("--nights-seed", type=int, default=2026, help="Seed of the first of them.")
    parser.addoption("--action-rounds", type=int, default=50, help="Of test_random_actions, with --long.")
    parser.addoption("--action-size", type=int, default=300, help="Actions a round.")
    parser.addoption("--action-seed", type=int, default=1, help="Seed of the first round.")
    parser.addoption("--fuzz", type=int, default=30, metavar="N", help="Examples of each fuzz test.")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--long"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if not item.get_closest_marker("long")]


def pytest_xdist_auto_num_workers():
    """One more than there are cores: many tests wait for a process, a socket or a time-out."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch, tmp_path_factory):
    """No setting, no configuration file, no token and no cache of the person who runs the tests."""
    for name in list(os.environ):
        if name.startswith("DS_BRIDGE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-configuration"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI everything optional is present: a skip is a failure.

    Unless the shared folder is missing, or the test is about what only root may do.
    """
    report = yield
    if (
        report.skipped
        and not hasattr(report, "wasxfail")
        and os.environ.get("TESTS_NEED_ALL")
        and SHARED.exists()
        and "root" not in str(report.longrepr)
    ):
        report.outcome = "failed"
        report.longrepr = f"skipped although everything must be here: {report.longrepr}"
    return report
