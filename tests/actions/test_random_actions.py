"""Random actions: answers are lost, the platform fails, runs are killed, somebody else acts; each wish once.

    pytest --long tests/actions/test_random_actions.py                    50 rounds, half on each database
    pytest tests/actions/test_random_actions.py -k sqlite --action-rounds 1 --action-seed 2031

The second plays one round again.

A round has a world, a store and a seed of its own. Its file is given until it is done, killed again and again
on the way, and then once more: nothing may be done twice. The platform is in this process (`wire`), the time
is nobody's: what is drawn is the same again from the same seed.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ds_bridge.actions import Orders, prepare
from ds_bridge.config import DemarcheSettings
from ds_bridge.errors import DsBridgeError
from ds_bridge.store import Store
from ds_bridge.sync import sync_demarche
from tests.actions.chaos import Deadly, Killed, Rival, make_wishes
from tests.actions.conftest import DEMARCHE, OTHER_AGENT, Office
from tests.actions.oracle import PIECE, Oracle
from tests.actions.wire import Platform
from tests.postgres import shared_server
from tests.stores import new_sqlite

MOST_RUNS = 400
DOSSIERS = 12


class Round:
    """One file of actions, on one world and one store."""

    def __init__(self, seed: int, url: str, folder: Path, size: int, tally: Counter[str]) -> None:
        self.chance, self.url, self.folder, self.tally = random.Random(seed), url, folder, tally
        self.platform = Platform(seed)
        self.platform.world.seed_dossiers(DOSSIERS, DEMARCHE)
        kept = self.platform.world.demarches[DEMARCHE].dossiers.values()
        numbers = [each.number for each in kept if each.is_given and not each.user_deleted]
        self.rows = make_wishes(self.chance, numbers, size)
        self.oracle = Oracle(self.platform, self.rows, numbers)
        self.rival = Rival(self.chance, self.platform, numbers)
        (folder / "pièce.pdf").write_bytes(PIECE)

    def play(self) -> None:
        if self.chance.random() < 0.5:  # its dossiers are known: read by pages
            self.sync()
        with self.platform.client(self.chance) as client:
            assert any(self.run_once(client, deaths=0.005) for _ in range(MOST_RUNS)), "never done"
        self.oracle.check(self.entries())
        self.give_again()

    def sync(self) -> None:
        with Store.open(self.url) as store, self.platform.client() as client:
            sync_demarche("notes", DemarcheSettings(number=DEMARCHE), client, store)

    def run_once(self, client: Any, deaths: float) -> bool:
        """Give the file once. Whether it was carried out to its end."""
        self.tally["runs"] += 1
        with Store.open(self.url) as store, store.lock(DEMARCHE, "act"):
            try:
                return self.try_once(client, store, deaths)
            except Killed:
                self.tally["kills"] += 1
                return False

    def try_once(self, client: Any, store: Store, deaths: float) -> bool:
        self.oracle.begin_run()
        try:
            rows = Office(None, store, self.folder).read(*self.rows)  # type: ignore[arg-type]  # asks nobody
            orders = Orders(OTHER_AGENT, 45)
            job = prepare(client, store, DEMARCHE, rows, orders, clock=self.platform.now)
        except DsBridgeError:  # while it read: nothing was sent
            return False
        job.backend = Deadly(  # type: ignore[assignment]  # the same methods
            job.backend, self.chance, self.rival, deaths, self.oracle.note
        )
        summary = job.carry_out(sleep=self.platform.sleep, check_stop=lambda: None)
        return summary.error is None

    def give_again(self) -> None:
        """The same file, on a platform that answers: only what was refused may be done now."""
        self.rival.is_away = True
        over = {each.key for each in self.entries() if each.state != "refused"}
        before = Counter(each.key for each in self.platform.effects)
        with self.platform.client() as client:
            assert self.run_once(client, deaths=0)
        after = Counter(each.key for each in self.platform.effects)
        assert {key: after[key] for key in over} == {key: before[key] for key in over}
        self.oracle.check(self.entries())

    def entries(self) -> list[Any]:
        with Store.open(self.url) as store:
            return store.outbox.entries(DEMARCHE)

    def count(self) -> None:
        """For docs/actions.md."""
        for entry in self.entries():
            self.tally[f"actions {entry.state}"] += 1
        self.tally["rival"] += self.rival.done
        self.tally["requests"] += self.platform.requests
        self.tally["lost"] += self.platform.lost


def set_up_without_fsync(connection: Any, record: Any) -> None:
    """Processes die here, machines do not: what is written need not reach the disk."""
    del record
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = OFF")


@pytest.mark.timeout(0)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_each_wish_comes_true_once(
    database: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    option = request.config.getoption
    rounds = option("--action-rounds") or (50 if option("--long") else 4)
    size, first = option("--action-size"), option("--action-seed")
    tally: Counter[str] = Counter()
    monkeypatch.setattr("ds_bridge.store.sqlite._set_up", set_up_without_fsync)
    # One database has the even places, the other the odd ones; a single round is of both.
    for seed in range(first + (database == "postgresql" and rounds > 1), first + rounds, min(rounds, 2)):
        folder = tmp_path / str(seed)
        folder.mkdir()
        url = new_sqlite(folder) if database == "sqlite" else shared_server().create_store()
        one = Round(seed, url, folder, size, tally)
        monkeypatch.setattr("ds_bridge.api.mutations.put_blob", one.platform.put)
        try:
            one.play()
        except AssertionError as error:
            again = f"-k {database} --action-rounds 1 --action-size {size} --action-seed {seed}"
            error.add_note(f"again: pytest {Path(__file__).name} {again}")
            raise
        one.count()
        if database == "postgresql":
            shared_server().give_back(url)
    if path := os.environ.get("ACTIONS_TALLY"):
        Path(path).with_suffix(f".{database}.json").write_text(json.dumps(dict(sorted(tally.items()))))
