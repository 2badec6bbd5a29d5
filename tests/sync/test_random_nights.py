"""Random nights: the platform changes, answers badly, runs are killed; in the end the store equals it.

    pytest tests/sync/test_random_nights.py --nights 4000                  rounds, half on each database
    pytest tests/sync/test_random_nights.py -k sqlite --nights 1 --nights-seed 2031

The second plays one series again.

Rounds come in series of ten, each with a world, a store and a seed of its own. A series that fails names its
seed. Every few rounds the faults are taken away and one clean run (a sweep too, if something happened that no
date shows) must make the store equal to the sandbox: numbers, states, dates, raw content, tombstones.
"""

import datetime as dt
import json
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from ds_bridge.errors import LockedError
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import CRA_NUMBER, World
from ds_bridge.store import Checkpoint, Store
from ds_bridge.sync import Parallel, Stop, Summary
from ds_bridge.sync.parts import MOST_WALKERS, WAYS
from tests.postgres import shared_server
from tests.stores import new_sqlite
from tests.sync.chaos import DAY, Changes, script_faults
from tests.sync.conftest import PLAIN, Night, fingerprint_of, read_raw

ROUNDS_A_SERIES = 10
BASE = dt.datetime(2026, 3, 2, 3, 0, tzinfo=dt.UTC)
# done, sweep refused, platform failing, interrupted: never 1, which would be a fault of ours
EXPECTED_CODES = {0, 2, 4, 130}


class Killed(BaseException):
    """The run dies here, as far as anything but the machine's memory can tell."""


class Series:
    """Ten rounds on one world and one store."""

    def __init__(self, seed: int, store_url: str, tally: Counter) -> None:
        self.chance = random.Random(seed)
        self.url = store_url
        self.tally = tally
        world = World.open(seed=seed, dossiers=30, clock=lambda: BASE)
        self.server = SandboxServer(world=world, requests_per_minute=None)
        self.changes = Changes(world, self.chance)
        self.unsure: set[int] = set()
        self.die_at_request = 0

    def play(self) -> None:
        with self.server, Store.open(self.url) as store:
            self.night = Night(self.server, store)
            self.night.demarche, self.night.attempts = PLAIN, 2
            self.night.on_request = self._tick
            for number in range(1, ROUNDS_A_SERIES + 1):
                self.play_round()
                if number % 5 == 0 or self.chance.random() < 0.15:
                    self.check()
            self.tally["requests"] += self.night.asked()
            self.tally.update({f"change: {kind}": count for kind, count in self.changes.made.items()})

    def play_round(self) -> None:
        self.tally["rounds"] += 1
        self.changes.make(self.chance.randint(0, 6))
        self.changes.pass_time()
        script_faults(self.server.faults, self.changes.live(), self.chance)
        self.night.page_size = self.chance.randint(2, 12)
        if self.chance.random() < 0.02:
            self.run_and_kill_process()
        else:
            self.run_here()
        self.tally["faults struck"] += sum(hit for _, hit in self.server.faults.scripted().values())

    def run_here(self) -> None:
        """A run in this process: to its end, to a stop, or to a kill between two steps."""
        end = self.chance.choice(["end", "end", "end", "stop", "kill behind a page", "kill at a request"])
        self.at = self.chance.randint(1, 9)
        stop = Stop()
        self.die_at_request = self.at if end == "kill at a request" else 0
        self.busy = self.chance.random() < 0.5

        def change(page: int) -> None:
            if self.busy and self.chance.random() < 0.4:
                self.changes.make(self.chance.randint(1, 3))
            if self.busy and self.chance.random() < 0.25:
                self.server.world.advance(dt.timedelta(minutes=self.chance.choice([1, 20, 60, 1500])))

        def progress(summary: Summary) -> None:
            if summary.pages >= self.at and end == "stop":
                stop.request()
            if summary.pages >= self.at and end == "kill behind a page":
                raise Killed

        full = self.chance.random() < 0.12
        parallel = self.draw_parallel()
        self.tally["sweeps"] += full
        self.tally["runs"] += 1
        try:
            summary = self.night.run(
                stop=stop, full=full, parallel=parallel, progress=progress, behind_page=change
            )
        except Killed:
            self.tally["kills between steps"] += 1
        else:
            self.tally[f"run {summary.outcome}"] += 1
            self.tally["set aside"] += bool(summary.set_aside)
            assert summary.exit_code in EXPECTED_CODES, summary.error
        finally:
            self.die_at_request = 0

    def draw_parallel(self) -> Parallel | None:
        """Half of the runs may load in parallel: the first, and any that finds no date to start from."""
        if self.chance.random() < 0.15:
            self.night.store.save_checkpoint(CRA_NUMBER, Checkpoint("dossiers"))
        if self.chance.random() < 0.5:
            return None
        if self.night.store.read_load(CRA_NUMBER):
            self.tally["loads gone on with"] += 1
        return Parallel(self.chance.choice(WAYS), self.chance.randint(1, MOST_WALKERS))

    def run_and_kill_process(self) -> None:
        """A run in a process of its own, and a real SIGKILL at a random moment."""
        command = [
            sys.executable,
            "-m",
            "tests.sync.kill_target",
            self.server.url,
            self.server.token,
            self.url,
        ]
        command += [str(self.night.page_size), *(["full"] if self.chance.random() < 0.2 else [])]
        self.tally["runs"] += 1
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "go\n"
            timer = threading.Timer(self.chance.uniform(0, 0.8), process.kill)
            timer.start()
            process.wait()
            timer.cancel()
        self.tally["SIGKILL" if process.returncode < 0 else "run complete"] += 1
        self.wait_for_lock()

    def check(self) -> None:
        """Clear the sky, run once, compare."""
        self.tally["checks"] += 1
        self.server.faults.clear()
        if self.night.store.list_set_aside(CRA_NUMBER):
            self.server.world.advance(8 * DAY)  # all are due
        full = self.changes.needs_sweep()
        self.unsure |= self.changes.beyond_the_overlap()
        summary = self.night.run(full=full, may_empty=True)
        assert (summary.outcome, summary.error, summary.set_aside) == ("complete", None, 0)
        self.changes.forget()
        self.compare()

    def wait_for_lock(self) -> None:
        """PostgreSQL notices a dead client when it next reads from it: soon, but not in zero time."""
        for _ in range(5000):
            try:
                with self.night.store.lock(CRA_NUMBER):
                    return
            except LockedError:
                continue
        pytest.fail("the lock outlived its holder")

    def compare(self) -> None:
        store, truth = self.night.store, read_raw(self.server)
        stored = {each.number: each for each in store.dossiers(CRA_NUMBER)}
        assert sorted(stored) == sorted(truth)
        assert {number: fingerprint_of(each.raw) for number, each in stored.items()} == {
            number: fingerprint_of(raw) for number, raw in truth.items()
        }
        assert {n: (each.state, each.modified_at) for n, each in stored.items()} == {
            n: (raw["state"], dt.datetime.fromisoformat(raw["dateDerniereModification"]))
            for n, raw in truth.items()
        }
        demarche = self.server.world.demarches[CRA_NUMBER]
        deleted, hidden = {each.number for each in demarche.deleted.values()}, set(self.changes.hidden())
        tombstones = self.night.tombstones()
        assert set(tombstones) <= deleted | hidden
        # What carries an old date may only be seen by a sweep, or leave no trace when it came and went.
        sure = (deleted | hidden) - self.unsure
        assert {number: kind for number, kind in tombstones.items() if number in sure} == {
            number: "deleted" if number in deleted else "pending" for number in sure
        }
        checkpoint = store.read_checkpoint(CRA_NUMBER, "dossiers")
        assert checkpoint is None or checkpoint.cursor is None
        assert store.read_load(CRA_NUMBER) == []

    def _tick(self, operation: str, seconds: float) -> None:
        """Each request takes a moment of the world's time; the run may die at any of them."""
        self.server.world.advance(dt.timedelta(seconds=0.37))
        if self.die_at_request:
            self.die_at_request -= 1
            if self.die_at_request == 0:
                raise Killed


@pytest.fixture
def tally(request):
    """Counts over all series, written where NIGHTS_REPORT says: the numbers of docs/reliability.md."""
    counted = Counter()
    yield counted
    if path := os.environ.get("NIGHTS_REPORT"):
        report = Path(path).with_suffix(f".{request.node.callspec.id}.json")
        report.write_text(json.dumps(dict(sorted(counted.items())), indent=1))


@pytest.mark.timeout(0)
@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_whatever_happens_at_night_the_store_equals_the_platform(request, tmp_path, tally, backend):
    option = request.config.getoption
    nights, first = option("--nights") or (200 if option("--long") else 20), option("--nights-seed")
    for seed in range(first, first + max(1, nights // (2 * ROUNDS_A_SERIES))):
        if backend == "sqlite":
            folder = tmp_path / str(seed)
            folder.mkdir()
            url = new_sqlite(folder)
        else:
            url = shared_server().create_store()
        try:
            Series(seed, url, tally).play()
        except BaseException as error:
            error.add_note(
                f"seed {seed}, round {(tally['rounds'] - 1) % ROUNDS_A_SERIES + 1}; the same series again:"
                f" pytest {Path(__file__).name} -k {backend} --nights 1 --nights-seed {seed}"
            )
            raise
        if backend == "postgresql":
            shared_server().give_back(url)
    assert tally["checks"] > 0
