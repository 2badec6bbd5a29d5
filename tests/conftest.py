"""What every test stands on. `pytest --long` runs the long ones too, `pytest --long -m long` only these."""

import functools
import os
import ssl
import sys
from pathlib import Path

import pytest

# Else each of the hundreds of processes that tests start would compile ds-bridge anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Each httpx client that a test makes would read all of certifi's certificates again: 20 ms, a thousand times.
ssl.create_default_context = functools.cache(ssl.create_default_context)

TESTS = Path(__file__).parent
SHARED = TESTS.parent.parent / "shared"

# They take long, and other tests run all or nearly all of the same branches. Coverage would double their
# time, so `.ci/run` plays them without. `--cov-context=test` tells which branches only one file runs.
UNMEASURED = [
    "actions/test_kill.py",
    "actions/test_random_actions.py",
    "api/test_options.py",
    "browser/test_report.py",
    "browser/test_service_page.py",
    "browser/test_who.py",
    "browser/test_whole_way.py",
    "cli/test_bad_input.py",
    "cli/test_commands.py",
    "cli/test_environment.py",
    "cli/test_logs.py",
    "cli/test_nothing_configured.py",
    "cli/test_notify.py",
    "cli/test_schema.py",
    "cli/test_secrets.py",
    "cli/test_start.py",
    "cli/test_streams.py",
    "cra/test_round_trip.py",
    "dump/test_memory.py",
    "dump/test_schema.py",
    "files/test_never_hangs.py",
    "lake/test_kill.py",
    "lake/test_lake.py",
    "model/test_any_form.py",
    "model/test_checkers.py",
    "report/test_audiences.py",
    "sandbox/test_drafts.py",
    "sandbox/test_server.py",
    "store/test_changes.py",
    "store/test_deletions.py",
    "store/test_pages.py",
    "store/test_streaming.py",
    "sync/test_changed_form.py",
    "sync/test_changes.py",
    "sync/test_faults.py",
    "sync/test_full.py",
    "sync/test_kill.py",
    "sync/test_lock.py",
    "sync/test_outages.py",
    "sync/test_parallel.py",
    "sync/test_parts.py",
    "sync/test_poison.py",
    "sync/test_purged.py",
    "sync/test_random_nights.py",
    "sync/test_remap.py",
    "sync/test_run.py",
    "tables/test_views.py",
    "test_analysts.py",
    "test_readme.py",
    "test_wheel.py",
    "web/test_description.py",
    "web/test_logs.py",
    "web/test_stop.py",
]


def pytest_addoption(parser):
    """Here rather than beside their tests: only then does a run of the whole suite take them."""
    parser.addoption("--long", action="store_true", help="The long tests too: more of the same chance.")
    parser.addoption("--nights", type=int, help="Of test_random_nights: 20, or 200 with --long.")
    parser.addoption("--nights-seed", type=int, default=2026, help="Seed of the first of them.")
    parser.addoption("--action-rounds", type=int, help="Of test_random_actions: 4, or 50 with --long.")
    parser.addoption("--action-size", type=int, default=300, help="Actions a round.")
    parser.addoption("--action-seed", type=int, default=1, help="Seed of the first round.")
    parser.addoption("--fuzz", type=int, default=30, metavar="N", help="Examples of each fuzz test.")


def pytest_collection_modifyitems(config, items):
    unmeasured = {TESTS / name for name in UNMEASURED}
    for item in items:
        if item.path in unmeasured:
            item.add_marker(pytest.mark.unmeasured)
    if config.getoption("--long"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if not item.get_closest_marker("long")]


def pytest_configure():
    if gone := [name for name in UNMEASURED if not (TESTS / name).exists()]:
        raise pytest.UsageError(f"tests/conftest.py names files that are gone: {', '.join(gone)}")


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
