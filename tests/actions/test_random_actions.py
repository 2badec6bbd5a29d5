"""Random actions: answers are lost, the platform fails, runs are killed, somebody else acts; each wish once.

    pytest tests/actions/test_random_actions.py --action-rounds 17 --action-size 300     half on each database
    pytest tests/actions/test_random_actions.py -k sqlite --action-rounds 1 --action-seed 2031       one again

A round has a world, a store and a seed of its own. Its file is given until it is done, killed again and again
on the way, and then once more: nothing may be done twice. The oracle is the sandbox's own world: how often
each message, decision, row, file and label is there.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ds_bridge.errors import DsBridgeError
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import Store
from tests.actions.chaos import (
    Deadly,
    Killed,
    Rival,
    make_wishes,
    script_faults,
)
from tests.actions.conftest import AGENT, DEMARCHE, OTHER_AGENT, Office
from tests.postgres import shared_server
from tests.sync.conftest import new_sqlite

MOST_RUNS = 400
MOVES_WITHOUT_WORDS = {
    "passer_en_instruction": "passe_en_instruction",
    "repasser_en_construction": "repasse_en_construction",
    "repasser_en_instruction": "repasse_en_instruction",
}


class Round:
    """One file of actions, on one world and one store."""

    def __init__(self, seed: int, url: str, folder: Path, size: int, tally: Counter[str]) -> None:
        self.chance, self.url, self.folder, self.tally = random.Random(seed), url, folder, tally
        self.server = SandboxServer(seed=seed, dossiers=1, requests_per_minute=None)
        self.size, self.sent = size, 0
        (folder / "pièce.pdf").write_bytes(b"%PDF-1.4 vide")

    def play(self) -> None:
        world = self.server.world
        with self.server:
            self.server.faults.clear()
            kept = [each for each in world.demarches[DEMARCHE].dossiers.values() if each.is_given]
            self.numbers = [each.number for each in kept if each.groupe == 0 and not each.user_deleted]
            self.before = {each: self.count_rows(each) for each in self.numbers}
            self.first = {each: self.next_message(each) for each in self.numbers}
            self.rows = make_wishes(self.chance, self.numbers, self.size, f"souhait-{self.chance.random()}")
            with self.new_office(None).client() as other:
                self.rival = Rival(self.chance, other, DEMARCHE, self.numbers)
                self.run_to_the_end()
            self.check()
            self.give_again()
            self.check()

    def new_office(self, store: Any) -> Office:
        office = Office(self.server, store, self.folder)
        office.instructeur, office.timeout = OTHER_AGENT, 10.0
        return office

    def run_to_the_end(self) -> None:
        script_faults(self.server.faults, self.chance)
        for _ in range(MOST_RUNS):
            if self.run_once(deaths=0.01):
                return
        raise AssertionError("the file is never done")

    def run_once(self, deaths: float) -> bool:
        """Give the file once. Whether it was carried out to its end."""
        self.tally["runs"] += 1
        with Store.open(self.url) as store, store.lock(DEMARCHE, "act"):
            office = self.new_office(store)
            office.timeout = 5.0
            with office.client() as client:
                return self.try_once(office, client, deaths)

    def try_once(self, office: Office, client: Any, deaths: float) -> bool:
        backend: Deadly | None = None
        try:
            job = office.prepare(client, *self.rows)
            backend = Deadly(job.backend, self.chance, self.rival, deaths)
            job.backend = backend  # type: ignore[assignment]  # the same four methods
            summary = job.carry_out(sleep=self.wait(office), check_stop=office.check_stop)
        except DsBridgeError:  # while it read: nothing was sent
            self.tally["ended early"] += 1
            return False
        except Killed:
            self.tally["kills"] += 1
            self.settle_down()
            return False
        finally:
            self.tally["requests"] += client.requests
        self.tally["ended early"] += summary.error is not None
        return summary.error is None

    def wait(self, office: Office) -> Any:
        def wait(seconds: float) -> None:
            office.sleep(seconds)
            self.tally["waits"] += 1
            self.settle_down()

        return wait

    def settle_down(self) -> None:
        """Until nothing is at work on the platform any more: what its 30 seconds stand for."""
        deadline = time.monotonic() + 30
        while self.is_working() and time.monotonic() < deadline:
            time.sleep(0.01)

    def is_working(self) -> bool:
        late = sum(
            struck for fault, struck in self.server.faults.scripted().values() if fault.action == "late"
        )
        over = sum(entry.fault == "late" for entry in self.server.journal.entries())
        return late > over

    def give_again(self) -> None:
        """The same file, on a platform that answers: only what was refused may be done now."""
        self.server.faults.clear()
        self.rival.is_away = True
        done = {each.key for each in self.entries() if each.state in ("done", "unknown")}
        before = self.counts()
        assert any(self.run_once(deaths=0) for _ in range(MOST_RUNS))
        after = self.counts()
        for key in done:
            assert after[key] == before[key], key
        with Store.open(self.url) as store:
            assert store.outbox.entries(DEMARCHE, states=("planned", "sent")) == []

    # --- the oracle

    def entries(self) -> list[Any]:
        with Store.open(self.url) as store:
            return store.outbox.entries(DEMARCHE)

    def held(self, number: int) -> Any:
        dossier = self.server.world.dossier(number)
        assert dossier is not None
        return self.server.world.read_instruction(dossier)

    def next_message(self, number: int) -> int:
        """The first id that a message of this round may have."""
        return max((each.id for each in self.held(number).messages), default=0) + 1

    def count_rows(self, number: int) -> int:
        return len(self.held(number).annotations.get(700914) or ())

    def counts(self) -> Counter[str]:
        """Key → how often what it says is there, of the wishes whose words are theirs alone."""
        found: Counter[str] = Counter()
        for row in self.rows:
            words, held = row.get("motivation") or row.get("message"), self.held(row["dossier"])
            if row.get("message"):
                found[row["key"]] = sum(each.body == words for each in held.messages)
            elif words:
                found[row["key"]] = sum(each.motivation == words for each in held.traitements)
        return found

    def check(self) -> None:
        entries = {each.key: each for each in self.entries()}
        counts = self.counts()
        assert set(entries) == {row["key"] for row in self.rows}
        for row in self.rows:
            entry = entries[row["key"]]
            assert entry.state in ("done", "refused", "unknown"), entry
            if row.get("message") or row.get("motivation"):
                self.check_words(row, entry, counts[row["key"]])
        for number in self.numbers:
            self.check_dossier(number, [each for each in entries.values() if each.dossier == number])

    def check_words(self, row: dict[str, Any], entry: Any, count: int) -> None:
        """Once where it is done, unless it was so already; never where it was refused; never twice."""
        assert count <= 1, (row, entry)
        if entry.state == "done" and not entry.reason:
            assert count == 1, (row, entry)
        if entry.state == "refused" or (entry.state == "done" and entry.reason):
            assert count == 0, (row, entry)
        if entry.state == "unknown":
            assert self.was_touched(row), (row, entry)
        if row.get("piece") and count:
            message = next(each for each in self.held(row["dossier"]).messages if each.body == row["message"])
            assert len(message.files) == 1

    def was_touched(self, row: dict[str, Any]) -> bool:
        what = {"changer_groupe": "groupe", "ajouter_ligne": "row", "modifier_annotations": "shared"}
        return self.rival.touched[row["dossier"], what.get(row["action"], "state")] > 0

    def check_dossier(self, number: int, entries: list[Any]) -> None:
        held = self.held(number)
        assert len(set(held.labels)) == len(held.labels)
        assert len(set(held.followers)) == len(held.followers)
        self.check_rows(number, entries)
        for action, event in MOVES_WITHOUT_WORDS.items():
            done = [each for each in entries if each.action == action and each.state == "done"]
            ours = [each for each in held.traitements if each.event == event and each.agent == OTHER_AGENT]
            # Before the run nobody but the first instructeur had acted; a correction sends back as well.
            sent_back = sum(
                each.correction is not None and each.sender == OTHER_AGENT for each in held.messages
            )
            more = sent_back if action == "repasser_en_construction" else 0
            wished = sum(each.reason is None for each in done)
            assert wished <= len(ours) <= wished + more, (number, action, wished, len(ours))
        for entry in entries:
            if entry.state == "unknown":
                row = next(each for each in self.rows if each["key"] == entry.key)
                assert self.was_touched(row), entry
        self.check_mails(number, held)

    def check_mails(self, number: int, held: Any) -> None:
        """One for each message and each decision that is to be told, and no other."""
        mails = Counter(kind for of, kind in self.server.world.mails if of == number)
        sent = sum(
            each.id >= self.first[number] and each.sender in (AGENT, OTHER_AGENT) for each in held.messages
        )
        assert mails["message"] == sent, (number, mails, sent)

    def check_rows(self, number: int, entries: list[Any]) -> None:
        """As many rows as were wished for, the rival's aside, of which one may be taken for ours."""
        ours = [each for each in entries if each.action == "ajouter_ligne"]
        done = sum(each.state == "done" for each in ours)
        unknown = sum(each.state == "unknown" for each in ours)
        theirs = self.rival.touched[number, "row"]
        added = self.count_rows(number) - self.before[number]
        assert added <= done + unknown + theirs, (number, added, done, unknown, theirs)
        if not theirs:
            assert added == done, (number, added, done)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_each_wish_comes_true_once(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    option = request.config.getoption
    rounds, size, first = (
        option("--action-rounds", 1),
        option("--action-size", 60),
        option("--action-seed", 1),
    )
    tally: Counter[str] = Counter()
    for seed in range(first, first + rounds):
        folder = tmp_path / str(seed)
        folder.mkdir()
        url = new_sqlite(folder) if database == "sqlite" else shared_server().create_database()
        one = Round(seed, url, folder, size, tally)
        try:
            one.play()
        except AssertionError as error:
            again = f"-k {database} --action-rounds 1 --action-size {size} --action-seed {seed}"
            raise AssertionError(f"pytest {Path(__file__).name} {again}: {error}") from error
        for entry in one.entries():
            tally[f"actions {entry.state}"] += 1
        tally["rival"] += one.rival.done
        tally["faults"] += sum(each.fault is not None for each in one.server.journal.entries())
        if os.environ.get("ACTIONS_TALLY"):
            print(database, seed, dict(sorted(tally.items())), flush=True)  # noqa: T201 - for docs/actions.md
