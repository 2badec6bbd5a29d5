"""Where a person is, over HTTP: eight clients, ten thousand people, a hundred thousand dossiers.

The store is filled by the store's own way of saving, with one real report of the sandbox under other numbers;
what is told is counted again over the store for a few hundred people. Clients are threads of another process.
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
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.service import CONFIG, _start
from benchmarks.table import Measure
from ds_bridge.api.client import Client
from ds_bridge.config import ApiSettings, DemarcheSettings, load_settings
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import DRAFT_LIFE, DossierEntry, Store, StoredDraft
from ds_bridge.sync import sync_demarche
from ds_bridge.sync.content import pull_content
from ds_bridge.sync.entries import make_entry
from ds_bridge.sync.plan import build_person, build_plan
from ds_bridge.sync.pulled import Pulled

DEMARCHE, DOSSIERS, PEOPLE = 82349, 100_000, 10_000
CLIENTS, REQUESTS = 8, 1000
FIRST = 30_000_000
PAGE = 500
CHECKED = 300
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
        with _start(folder, "ds_bridge", "serve", "--port", "0", "--log-format", "json") as url:
            _check(url, key, counts)
            seconds, times = _ask(url, key)
    times.sort()
    p99 = times[int(len(times) * 0.99)] * 1e3
    what = f"who, {CLIENTS} clients, {DOSSIERS} dossiers, {PEOPLE} people"
    yield Measure(f"{what}: p99", p99, "ms", target="50 ms at most")
    yield Measure(f"{what}: median", statistics.median(times) * 1e3, "ms")
    yield Measure(f"{what}: answers", len(times) / seconds, "/s")


def _fill(folder: Path, sandbox: SandboxServer) -> dict[int, Counter[str]]:
    """A hundred thousand dossiers; gives how many of each state each person has."""
    settings = load_settings(folder / "ds-bridge.toml")
    demarche = DemarcheSettings(number=DEMARCHE, model="ds_bridge.cra:CompteRendu")
    api = ApiSettings.model_validate({"url": sandbox.url, "token": sandbox.token})
    chance = random.Random(1)
    counts: dict[int, Counter[str]] = {}
    with Client(api) as client, Store.open(settings.store.url) as store:
        sync_demarche("cra", demarche, client, store)
        for dossier in store.dossiers(DEMARCHE):
            counts.setdefault(store_person(store, dossier.number), Counter())[dossier.state] += 1
        sample = _make_sample(client, demarche, store)
        states = ("en_construction", "en_instruction", "accepte")
        for start in range(0, DOSSIERS, PAGE):
            entries = []
            for number in range(FIRST + start, FIRST + start + PAGE):
                person, state = chance.randint(1, PEOPLE), chance.choice(states)
                counts.setdefault(person, Counter())[state] += 1
                entries.append(replace(sample, number=number, person=person, state=state))
            store.save_page(DEMARCHE, entries, None)
        now = sample.modified_at
        drafts = [StoredDraft(k, f"t{k}", now, now + DRAFT_LIFE, identifiant=k) for k in range(1, PEOPLE + 1)]
        store.save_drafts(DEMARCHE, drafts)
    return counts


def store_person(store: Store, number: int) -> int:
    """Whose a dossier of the sandbox's own is; 0 when nobody's."""
    with store._read() as connection:
        query = "SELECT coalesce(person, 0) FROM dossiers WHERE number = %d" % number  # noqa: UP031 - a number
        return int(connection.exec_driver_sql(query).scalar_one())


def _make_sample(client: Client, demarche: DemarcheSettings, store: Store) -> DossierEntry:
    document = client.form_document(DEMARCHE)
    plan = build_plan(demarche, document)
    dossier = max(store.dossiers(DEMARCHE), key=lambda one: len(one.raw_text))
    pulled = Pulled.of(dossier.raw)
    content = pull_content(plan, pulled.node, DEMARCHE)
    return replace(make_entry(pulled, content, build_person(demarche, plan, document)), rows=())


def _check(url: str, key: str, counts: dict[int, Counter[str]]) -> None:
    """What is told of some people is what was counted."""
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
