"""Reports: time and memory of the programme's, a person's and the public's, on stores of every size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson

from benchmarks.command import Done
from benchmarks.stores import NAME, list_sizes, pull_store, run_command
from benchmarks.table import Measure

SECONDS, MEMORY = 60, 500


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
    person = _make(folder, "--for", "personne", "--id", str(_find_person(folder)))
    yield Measure(f"a person's report among {count}", person.seconds, "s", smallest.seconds)


def _make(folder: Path, *options: str) -> Done:
    return run_command(folder, "report", NAME, "--format", "pdf", "-o", "report.pdf", *options, watch=True)


def _find_person(folder: Path) -> int:
    """The number of a person who filed."""
    lines = run_command(
        folder, "dump", NAME, "--format", "ndjson", "--since", "2024-01-01"
    ).output.splitlines()
    found = (orjson.loads(line).get("identite", {}).get("identifiant") for line in lines)
    return next(number for number in found if number)
