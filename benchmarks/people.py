"""Where a person is, over HTTP: eight clients, ten thousand people, a hundred thousand dossiers.

The store is filled with one report of the sandbox under other numbers. For a few hundred people the answers
are compared with a count over the store. Clients are threads of another process. Each figure is the middle
one of three rounds.
"""

from __future__ import annotations

import http.client
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.service import CONFIG, start_process
from benchmarks.table import Measure
from ds_bridge.api.client import Client
from ds_bridge.config import ApiSettings, DemarcheSettings, load_settings
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import DRAFT_LIFE, Store, StoredDraft
from ds_bridge.store.tables import dossiers
from ds_bridge.sync import sync_demarche

DEMARCHE, DOSSIERS, PEOPLE = 82349, 100_000, 10_000
CLIENTS, REQUESTS = 8, 250
FIRST = 30_000_000
CHECKED = 300
ROUNDS = 3
_PERSON = f"1 + (n * 7919) % {PEOPLE}"
_STATE = "CASE n % 3 WHEN 0 THEN 'en_construction' WHEN 1 THEN 'en_instruction' ELSE 'accepte' END"
MODEL = 'model = "ds_bridge.cra:CompteRendu"\n[demarches.cra.champs]'


def measure_people() -> Iterator[Measure]:
    """The slowest hundredth of all requests, the median, and how many a second."""
    from ds_bridge.web.keys import make_key

    key, line = make_key("bench")
    with tempfile.TemporaryDirectory() as name, SandboxServer(seed=5, dossiers=20) as sandbox:
        folder = Path(name)
        text = CONFIG.format(url=sandbox.url, key=line).replace("[demarches.cra.champs]", MODEL)
        (folder / "ds-bridge.toml").write_text(f'{text}\n[store]\nurl = "sqlite:///store.db"\n')
        counts = _fill(folder, sandbox)
        with start_process(folder, "ds_bridge", "serve", "--port", "0", "--log-format", "json") as url:
            _check(url, key, counts)
            rounds = [_ask(url, key) for _ in range(ROUNDS)]
    p99s, medians, rates = zip(*(_sum_up(*each) for each in rounds), strict=True)
    what = f"who, {CLIENTS} clients, {DOSSIERS} dossiers, {PEOPLE} people"
    yield Measure(f"{what}: p99", statistics.median(p99s), "ms", target="50 ms at most")
    yield Measure(f"{what}: median", statistics.median(medians), "ms")
    yield Measure(f"{what}: answers", statistics.median(rates), "/s")


def _sum_up(seconds: float, times: list[float]) -> tuple[float, float, float]:
    """The slowest hundredth and the median, in milliseconds, and the answers a second."""
    times.sort()
    slow = times[int(len(times) * 0.99)]
    return slow * 1e3, statistics.median(times) * 1e3, len(times) / seconds


def _fill(folder: Path, sandbox: SandboxServer) -> dict[int, Counter[str]]:
    """Fill in a hundred thousand dossiers. Gives how many dossiers of each state each person has."""
    settings = load_settings(folder / "ds-bridge.toml")
    demarche = DemarcheSettings(number=DEMARCHE, model="ds_bridge.cra:CompteRendu")
    api = ApiSettings.model_validate({"url": sandbox.url, "token": sandbox.token})
    with Client(api) as client, Store.open(settings.store.url) as store:
        sync_demarche("cra", demarche, client, store)
        by_length = sorted(store.dossiers(DEMARCHE), key=lambda one: len(one.raw_text))
        sample = by_length[len(by_length) // 2]
        with store._write() as connection:
            names = [column.name for column in dossiers.c]
            chosen = {"number": f"{FIRST} + n", "person": _PERSON, "state": _STATE, "change": f"{FIRST} + n"}
            connection.exec_driver_sql(
                f"WITH RECURSIVE many(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM many LIMIT {DOSSIERS})"
                f" INSERT INTO dossiers ({', '.join(names)})"
                f" SELECT {', '.join(chosen.get(name, name) for name in names)} FROM many, dossiers"
                f" WHERE number = {sample.number}"
            )
            query = "SELECT person, state, count(*) FROM dossiers WHERE deletion_kind IS NULL GROUP BY 1, 2"
            rows = connection.exec_driver_sql(query).all()
        now = sample.modified_at
        drafts = [StoredDraft(k, f"t{k}", now, now + DRAFT_LIFE, identifiant=k) for k in range(1, PEOPLE + 1)]
        store.save_drafts(DEMARCHE, drafts)
    counts: dict[int, Counter[str]] = {}
    for person, state, count in rows:
        counts.setdefault(person, Counter())[state] = count
    return counts


def _check(url: str, key: str, counts: dict[int, Counter[str]]) -> None:
    """Check for some people that the answers agree with the count."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.netloc, timeout=30)
    for person in random.Random(2).sample(range(1, PEOPLE + 1), CHECKED):
        told = Counter(each["state"] for each in _get(connection, key, person)["dossiers"])
        if told != counts.get(person, Counter()):
            raise RuntimeError(f"person {person}: {told} is told, {counts.get(person)} was counted")
    connection.close()


def _get(connection: http.client.HTTPConnection, key: str, person: int) -> dict[str, list[dict[str, str]]]:
    path = f"/v1/demarches/cra/people/{person}"
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    content: dict[str, list[dict[str, str]]] = json.loads(answer.read())
    if answer.status != 200:
        raise RuntimeError(f"HTTP {answer.status}: {content}")
    return content


def _ask(url: str, key: str) -> tuple[float, list[float]]:
    command = [sys.executable, "-m", "benchmarks.people", url, key]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, times = json.loads(done.stdout)
    return seconds, times


def _be_clients(url: str, key: str) -> tuple[float, list[float]]:
    address, times = urlsplit(url), list[float]()

    def ask(seed: int) -> None:
        chance, connection = random.Random(seed), http.client.HTTPConnection(address.netloc, timeout=30)
        _get(connection, key, 1)  # connected, and every store open
        for _ in range(REQUESTS):
            began = time.perf_counter()
            _get(connection, key, chance.randint(1, PEOPLE))
            times.append(time.perf_counter() - began)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began, times


if __name__ == "__main__":
    json.dump(_be_clients(*sys.argv[1:]), sys.stdout)
