"""One run at a time for a démarche and a store, across processes, and no lock that outlives its holder."""

import os
import signal
import subprocess
import sys

import pytest

from ds_bridge.config import DemarcheSettings
from ds_bridge.errors import StoreError
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.store import Store
from tests.postgres import PostgresServer
from tests.sync.conftest import PLAIN, Night, small_sandbox


@pytest.fixture(scope="module")
def server():
    with small_sandbox(40) as server:
        yield server


@pytest.fixture
def night(server, store):
    night = Night(server, store)
    night.demarche = PLAIN
    return night


@pytest.fixture
def holder(server, store_url):
    """A run in another process that stands still after its first page."""
    command = [
        sys.executable,
        "-m",
        "tests.sync.kill_target",
        server.url,
        server.token,
        store_url,
        "10",
        "hold",
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "go\n"
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_run_says_who_holds_the_lock_since_when(night, holder):
    began = night.store.last_runs(CRA_NUMBER, 1)[0]["started_at"]
    summary = night.run()
    assert (summary.outcome, summary.exit_code, summary.requests) == ("failed", 6, 0)
    assert summary.error.startswith(
        f"another run of démarche {CRA_NUMBER} is under way on this store: process {holder.pid} on "
    )
    since = summary.error.rpartition(" holds it since ")[2]
    assert abs(began.__class__.fromisoformat(since) - began).total_seconds() < 30
    # A second look still knows, and another démarche is not held up.
    assert night.run().error == summary.error
    other = next(number for number in night.server.world.demarches if number != CRA_NUMBER)
    assert night.run(demarche=DemarcheSettings(number=other)).outcome == "complete"

    holder.stdin.close()
    assert holder.wait(30) == 0
    assert night.run().outcome == "complete"
    assert night.stored() == night.shown()


def test_a_holder_that_was_killed_holds_nothing(night, holder):
    assert night.run().exit_code == 6
    holder.send_signal(signal.SIGKILL)
    holder.wait(30)
    # PostgreSQL notices when it next reads from the dead client: at once on loopback, not in zero time.
    summary = next(found for found in (night.run() for _ in range(200)) if found.exit_code != 6)
    assert (summary.outcome, summary.resumed, summary.created) == ("complete", True, 30)
    assert night.stored() == night.shown()
    killed = night.store.last_runs(CRA_NUMBER, 1000)[-1]
    assert (killed["finished_at"], killed["summary"]) == (None, None)


def test_the_run_says_its_own_name_while_it_holds(night):
    held = []
    night.run(progress=lambda _: held.append(night.store.find_lock_holder(CRA_NUMBER)))
    assert f"process {os.getpid()} on " in held[0]
    assert night.store.find_lock_holder(CRA_NUMBER) is None


@pytest.fixture
def own_postgres():
    server = PostgresServer().start()
    yield server
    server.close()


def test_a_run_whose_lock_was_taken_away_writes_no_more(server, own_postgres):
    """The server restarts between two pages: another run could have begun since."""
    with Store.open(own_postgres.create_database()) as store:
        night = Night(server, store)
        night.demarche, night.page_size = PLAIN, 10

        def restart(summary):
            if summary.pages == 2:
                own_postgres.stop(signal.SIGQUIT)
                own_postgres.start()

        summary = night.run(progress=restart)
        assert (summary.outcome, summary.exit_code, summary.seen) == ("failed", 1, 20)
        assert "was lost" in summary.error or "server refuses or stopped" in summary.error
        # How it ended is written down all the same.
        assert night.store.last_runs(CRA_NUMBER, 1)[0]["summary"]["error"] == summary.error
        rest = night.run()
        assert (rest.outcome, rest.resumed, rest.created) == ("complete", True, 20)
        assert night.stored() == night.shown()


def test_a_lock_lost_once_stays_lost(own_postgres):
    with Store.open(own_postgres.create_database()) as store, store.lock(CRA_NUMBER):
        own_postgres.stop(signal.SIGQUIT)
        own_postgres.start()
        for _ in range(3):
            with pytest.raises(StoreError):
                store.clear_set_aside(CRA_NUMBER, 1)
