"""What happens around a run: a database pulled out, a disk that fills up, a token that ends, a signal."""

import datetime as dt
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.store import Store
from ds_bridge.sync import Stop
from tests.postgres import PostgresServer
from tests.stores import new_sqlite
from tests.sync.conftest import PLAIN, Night, small_sandbox

PASSWORD = "s3cret-of-the-store"


@pytest.fixture
def server():
    with small_sandbox() as server:
        yield server


@pytest.fixture
def sqlite_night(server, tmp_path):
    with Store.open(new_sqlite(tmp_path)) as store:
        night = Night(server, store)
        night.demarche = PLAIN
        yield night


def once(pages, act):
    """What acts once, behind so many pages: a run's `progress`, or its `behind_page`."""

    def strike(reached):
        if getattr(reached, "pages", reached) == pages:
            act()

    return strike


# --- the database


@pytest.fixture
def own_postgres():
    server = PostgresServer().start()
    yield server
    server.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped in order", "crashed"])
def test_a_database_stopped_in_the_middle(server, own_postgres, how):
    url = own_postgres.create_database().replace("tester@", f"tester:{PASSWORD}@")
    with Store.open(url) as store:
        night = Night(server, store)
        night.demarche = PLAIN
        summary = night.run(progress=once(2, lambda: own_postgres.stop(how)))
        assert (summary.outcome, summary.exit_code, summary.seen) == ("failed", 1, 50)
        assert summary.error.startswith(f"store PostgreSQL 127.0.0.1:{own_postgres.port}/test_1: ")
        assert "\n" not in summary.error
        assert PASSWORD not in summary.error

        again = night.run()
        assert (again.outcome, again.exit_code, again.requests) == ("failed", 1, 0)
        assert "the server does not answer or refuses" in again.error

        own_postgres.start()
        rest = night.run()
        assert (rest.outcome, rest.resumed, rest.created) == ("complete", True, 70)
        assert night.stored() == night.shown()


# --- the disk


def test_a_quota_that_runs_out_loses_the_page_in_hand_only(server, tmp_path):
    url = new_sqlite(tmp_path)
    command = [sys.executable, "-m", "tests.sync.kill_target", server.url, server.token, url, "10"]
    full = subprocess.run([*command, "small"], capture_output=True, text=True, timeout=60)
    assert full.returncode == 1, full.stderr
    assert full.stdout == (
        f"go\nfailed 1 store '{tmp_path / 'store.db'}': reading or writing failed:"
        " check the disk's free space, quota and health, then run again\n"
    )
    with Store.open(url) as store:
        kept = store.count(CRA_NUMBER)
        assert 0 < kept < 120
        assert kept % 10 == 0
        rest = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert (rest.returncode, rest.stdout) == (0, "go\ncomplete 0 None\n")
        night = Night(server, store)
        assert night.stored() == night.shown()


def mount(folder, *options):
    return subprocess.run(
        ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)], capture_output=True
    ).returncode


@pytest.fixture
def small_disk(tmp_path):
    """A disk of a megabyte, where this machine lets one be made."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if mount(folder, "size=1m") != 0:
        pytest.xfail("no disk can be mounted here: the quota above shows the same")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_loses_the_page_in_hand_only(server, small_disk):
    url = new_sqlite(small_disk)
    with Store.open(url) as store:
        night = Night(server, store)
        night.demarche, night.page_size = PLAIN, 10
        summary = night.run()
        assert (summary.outcome, summary.exit_code) == ("failed", 1)
        assert summary.error == (
            f"store '{small_disk / 'store.db'}': the disk is full: free some space, then run again"
            " (nothing saved before is lost)"
        )
        kept = store.count(CRA_NUMBER)
        assert (0 < kept < 120, kept, kept % 10) == (True, summary.created, 0)
        # As long as it is full: the same line, nothing lost.
        again = night.run()
        assert (again.exit_code, store.count(CRA_NUMBER)) == (1, kept)
        assert mount(small_disk, "remount", "size=64m") == 0
        rest = night.run()
        assert (rest.outcome, rest.resumed, rest.created) == ("complete", True, 120 - kept)
        assert night.stored() == night.shown()


# --- the token


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"expires_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, "the token has expired"),
        ({"demarches": frozenset()}, "the token does not cover it: widen the token's démarches"),
        ({"refused_network": True}, "forbidden network"),
    ],
    ids=["expires", "is narrowed", "is refused from here"],
)
def test_a_token_that_ends_in_the_middle(sqlite_night, change, words):
    night, world = sqlite_night, sqlite_night.server.world
    token = world.tokens["full"]

    def spoil():
        world.tokens["full"] = replace(token, **change)

    summary = night.run(behind_page=once(2, spoil))
    assert (summary.outcome, summary.exit_code, summary.seen, summary.requests) == ("failed", 3, 50, 4)
    assert words in summary.error
    assert token.secret not in summary.error
    assert night.waits == []

    again = night.run()
    assert (again.exit_code, again.requests) == (3, 1)
    rest = night.run(token=world.token("readonly"))
    assert (rest.outcome, rest.resumed, rest.created) == ("complete", True, 70)
    assert night.stored() == night.shown()


# --- the signal (whole processes: tests/cli/test_bad_input.py)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_wait_at_once(sqlite_night, sent, code):
    """The platform is down; the run sleeps between two tries when the signal comes."""
    night, stop, waits = sqlite_night, Stop(), []

    def sleep(seconds):
        waits.append(seconds)
        stop.request(sent)
        stop.sleep(seconds)

    strike = once(2, lambda: night.server.faults.add(Fault(action="status", status=503)))
    summary = night.run(stop=stop, sleep=sleep, behind_page=strike)
    assert (summary.outcome, summary.exit_code, summary.seen) == ("interrupted", code, 50)
    assert summary.error == f"stopped by {sent.name} after a whole page; run the same command again to go on"
    assert len(waits) == 1
    night.server.faults.clear()
    rest = night.run()
    assert (rest.outcome, rest.resumed, rest.created) == ("complete", True, 70)


@pytest.mark.parametrize("pages", [5, 6, 7, 8])
def test_a_stop_in_every_later_step(sqlite_night, pages):
    """Behind the last page of dossiers, behind either stream of deletions, in the census."""
    night, stop = sqlite_night, Stop()
    summary = night.run(stop=stop, full=True, progress=once(pages, stop.request))
    assert (summary.outcome, summary.exit_code, summary.created) == ("interrupted", 130, 120)
    assert night.run(full=True).outcome == "complete"
    assert night.stored() == night.shown()
