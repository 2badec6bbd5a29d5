"""What every test stands on."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).parent.parent.parent / "shared"


def pytest_addoption(parser):
    """Here rather than beside their tests: only then does a run of the whole suite take them."""
    parser.addoption("--action-rounds", type=int, default=6, help="Of test_random_actions.")
    parser.addoption("--action-size", type=int, default=300, help="Actions a round.")
    parser.addoption("--action-seed", type=int, default=1, help="Seed of the first round.")


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
