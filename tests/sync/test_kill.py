"""SIGKILL at random moments: nothing lost, nothing twice, the same dump as an unbroken run's."""

import io
import random
import subprocess
import sys
import threading

import pytest

from ds_bridge.dump import dump_dossiers
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.store import Store
from tests.postgres import shared_server
from tests.sync.conftest import Night, small_sandbox

DOSSIERS = 120  # for each kill


def run_until_killed(server, url, seconds):
    """True when the run ended before the kill."""
    command = [sys.executable, "-m", "tests.sync.kill_target", server.url, server.token, url, "50"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "go\n"
        timer = threading.Timer(seconds, process.kill)
        timer.start()
        process.wait()
        timer.cancel()
        return process.returncode == 0


@pytest.mark.parametrize("backend", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def test_a_sync_killed_again_and_again_ends_as_an_unbroken_one(request, tmp_path, backend):
    times = 10 if request.config.getoption("--long") else 3
    chance = random.Random(7)
    broken_url = (
        f"sqlite:///{tmp_path / 'broken.db'}" if backend == "sqlite" else shared_server().create_database()
    )
    with small_sandbox(DOSSIERS * times, seed=5) as server:
        kills = sum(not run_until_killed(server, broken_url, chance.uniform(0.1, 0.6)) for _ in range(times))
        with Store.open(broken_url) as broken, Store.open(f"sqlite:///{tmp_path / 'whole.db'}") as whole:
            assert Night(server, broken).run().outcome == "complete"
            assert Night(server, whole).run().outcome == "complete"
            dumps = []
            for store in (broken, whole):
                out = io.BytesIO()
                dump_dossiers(store, CRA_NUMBER, format="ndjson", out=out)
                dumps.append(out.getvalue())
    assert kills >= times // 2
    assert dumps[0].count(b"\n") == DOSSIERS * times
    assert dumps[0] == dumps[1]
