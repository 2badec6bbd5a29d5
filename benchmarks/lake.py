"""Lake: measures what `ds-bridge lake` writes and its memory: the first time, and after nights with 1 %
changed.

The store is made here from pulled reports, copied under other numbers: 100,000 of them, or BENCH_LAKE. Their
raw JSON is left out, because a lake does not read it.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import orjson

from benchmarks.command import Done
from benchmarks.platform import CRA
from benchmarks.stores import NAME, pull_store, run_command, write_config
from benchmarks.table import Measure
from ds_bridge.store import DossierEntry, Store

SAMPLES, PAGE = 500, 500
FIRST = 20_000_000
MOST_MEMORY, MOST_WRITTEN = 1024, 3
SHARE = 0.01


def measure_lake() -> Iterator[Measure]:
    """Dossiers a second, peak memory, and the bytes of a night beside those of the lake."""
    count = int(os.environ.get("BENCH_LAKE", "100000"))
    samples = _read_samples()
    with tempfile.TemporaryDirectory(prefix="ds-bridge-lake-") as name:
        folder = Path(name)
        write_config(folder, "http://127.0.0.1:9")
        numbers = range(FIRST, FIRST + count)
        with Store.open(f"sqlite:///{folder / 'store.db'}") as store:
            store.save_form(CRA, NAME, _read_form())
            _save(store, samples, numbers, turn=0)
        first, kept = _keep(folder)
        yield Measure(f"lake of {count}, first time", count / first.seconds, "/s", details=kept)
        yield Measure("lake, first time: memory", first.peak, "MiB", target=f"< {MOST_MEMORY} MiB")
        changed = round(count * SHARE)
        nights: dict[str, Sequence[int]] = {
            "nothing": [],
            "1 % changed, the newest": numbers[-changed:],
            "1 % changed, newest and ten old": [
                *range(FIRST, FIRST + count // 2, count // 20),
                *numbers[10 - changed :],
            ],
            "1 % changed, any": sorted(random.Random(count).sample(numbers, changed)),
        }
        for turn, (what, some) in enumerate(nights.items(), start=1):
            with Store.open(f"sqlite:///{folder / 'store.db'}") as store:
                _save(store, samples, some, turn=turn)
            night, kept = _keep(folder)
            target = f"< {MOST_WRITTEN} %" if "newest" in what else ""
            yield Measure(f"lake, {what}", night.seconds, "s", first.seconds, details=kept)
            share = 100 * kept["written"] / kept["size"]
            yield Measure(f"lake, {what}: written", share, "%", target=target)
            yield Measure(f"lake, {what}: memory", night.peak, "MiB", target=f"< {MOST_MEMORY} MiB")


def _keep(folder: Path) -> tuple[Done, dict[str, int]]:
    done = run_command(folder, "lake", NAME, "--to", "lake", "--json", watch=True)
    return done, orjson.loads(done.output)


def _read_samples() -> list[DossierEntry]:
    with Store.open_to_read(f"sqlite:///{pull_store(SAMPLES).folder / 'store.db'}") as store:
        return [
            DossierEntry(
                number=each.number,
                state=each.state,
                archived=each.archived,
                deposited_at=each.deposited_at,
                modified_at=each.modified_at,
                revision=each.revision,
                raw={},
                document=each.document,
                valid=each.valid,
            )
            for each in store.dossiers(CRA)
        ]


def _read_form() -> dict[str, object]:
    with Store.open_to_read(f"sqlite:///{pull_store(SAMPLES).folder / 'store.db'}") as store:
        return store.read_form(CRA) or {}


def _save(store: Store, samples: Sequence[DossierEntry], numbers: Iterable[int], *, turn: int) -> None:
    page = []
    for number in numbers:
        sample = samples[(number + turn) % len(samples)]
        header = sample.document["dossier"] | {"number": number}
        document = sample.document | {"dossier": header}
        page.append(replace(sample, number=number, raw={"number": number}, document=document))
        if len(page) == PAGE:
            store.save_page(CRA, page, None)
            page = []
    store.save_page(CRA, page, None)
