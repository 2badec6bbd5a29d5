"""Reports: time and memory of the programme's, a person's and the public's, on stores of every size.

A person's also over HTTP, the way the dashboard asks: the slowest of a few people, once with the service just
started.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import httpx
import orjson

from benchmarks.command import Done
from benchmarks.service import start_process
from benchmarks.stores import NAME, list_sizes, pull_store, run_command
from benchmarks.table import Measure
from ds_bridge.web.keys import make_key

SECONDS, MEMORY, HTTP_SECONDS = 60, 500, 1
PEOPLE = 10


def measure_report() -> Iterator[Measure]:
    """Seconds and peak memory of each report as PDF; the smallest store is the baseline of the others."""
    fewest, *others = list_sizes()
    smallest = _make(pull_store(fewest).folder)
    yield Measure(f"report of {fewest}", smallest.seconds, "s")
    for count in others:
        folder = pull_store(count).folder
        whole = _make(folder)
        yield Measure(f"report of {count}", whole.seconds, "s", smallest.seconds, f"< {SECONDS} s")
        yield Measure(f"memory: report of {count}", whole.peak, "MiB", smallest.peak, f"< {MEMORY} MiB")
    public = _make(folder, "--public")
    yield Measure(f"public report of {count}", public.seconds, "s", whole.seconds, f"< {SECONDS} s")
    people = list(islice(_find_people(folder), PEOPLE))
    person = _make(folder, "--for", "personne", "--id", str(people[0]))
    yield Measure(f"a person's report among {count}", person.seconds, "s", smallest.seconds)
    for form, first, slowest in _ask(folder, people):
        what = f"a person's report among {count} over HTTP, {form}"
        yield Measure(f"{what}: the first", first, "s", target=f"< {HTTP_SECONDS} s")
        yield Measure(f"{what}: slowest of {PEOPLE}", slowest, "s", target=f"< {HTTP_SECONDS} s")


def _make(folder: Path, *options: str) -> Done:
    return run_command(folder, "report", NAME, "--format", "pdf", "-o", "report.pdf", *options, watch=True)


def _find_people(folder: Path) -> Iterator[int]:
    """The numbers of people who filed."""
    dump = run_command(folder, "dump", NAME, "--format", "ndjson", "--since", "2024-01-01")
    found = (orjson.loads(line).get("identite", {}).get("identifiant") for line in dump.output.splitlines())
    return iter(dict.fromkeys(number for number in found if number))


def _ask(folder: Path, people: list[int]) -> Iterator[tuple[str, float, float]]:
    """For each format: seconds of the first report, and of the slowest of the others."""
    key, line = make_key("bench")
    with (folder / "ds-bridge.toml").open("a") as config:
        config.write(f"\n[web]\nkeys = [{line}]\n")
    for form in ("html", "pdf"):
        with (
            start_process(folder, "ds_bridge", "serve", "--port", "0", "--log-format", "json") as url,
            httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client,
        ):
            first, *others = (_time(client, form, person) for person in (people[0], *people))
        yield form, first, max(others)


def _time(client: httpx.Client, form: str, person: int) -> float:
    started = time.perf_counter()
    asked = {"for": "personne", "id": str(person), "format": form}
    client.get(f"/v1/demarches/{NAME}/report", params=asked).raise_for_status()
    return time.perf_counter() - started
