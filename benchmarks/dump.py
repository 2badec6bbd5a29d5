"""Dump: `ds-bridge dump` of a large store, beside a process that reads the same documents and copies them.

`python -m benchmarks.dump FORMAT STORE OUT OURS` is that process.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson

from benchmarks.command import run_python
from benchmarks.stores import NAME, list_sizes, pull_store, run_command
from benchmarks.table import Measure

FORMATS = ("ndjson", "parquet")


def measure_dump() -> Iterator[Measure]:
    """Dossiers a second and peak memory, of each format."""
    *_, count = list_sizes()
    store = pull_store(count).folder
    _read_once(store / "store.db")
    with tempfile.TemporaryDirectory() as name:
        for form in FORMATS:
            out, bare_out = Path(name) / form, Path(name) / f"bare-{form}"
            ours = run_command(store, "dump", NAME, "--format", form, "-o", str(out), watch=True)
            copy = ("-m", "benchmarks.dump", form, str(store / "store.db"), str(bare_out), str(out))
            bare = run_python(*copy, watch=True)
            yield Measure(f"dump {count} to {form}", count / ours.seconds, "/s", count / bare.seconds)
            yield Measure(f"memory: dump {count} to {form}", ours.peak, "MiB", bare.peak)


def _read_once(file: Path) -> None:
    """Else the first one measured would also pay for reading the disk."""
    with file.open("rb", buffering=0) as stream:
        while stream.read(2**24):
            pass


def copy_ndjson(documents: Iterator[str], out: Path) -> None:
    """Write the stored text, a line each."""
    with out.open("w", encoding="utf-8") as stream:
        stream.writelines(f"{document}\n" for document in documents)
        os.fsync(stream.fileno())


def copy_parquet(documents: Iterator[str], out: Path, ours: Path) -> None:
    """Decode each document, then have polars write the tables of our dump again."""
    import polars as pl  # here, so that it is not in the memory of the other copy

    for document in documents:
        orjson.loads(document)
    out.mkdir()
    for table in ours.glob("*.parquet"):
        pl.scan_parquet(table).sink_parquet(out / table.name)


def main() -> None:
    """Copy."""
    form, store, out, ours = sys.argv[1], *map(Path, sys.argv[2:])
    database = sqlite3.connect(store)
    documents = (text for (text,) in database.execute("SELECT document FROM dossiers ORDER BY number"))
    if form == "ndjson":
        copy_ndjson(documents, out)
    else:
        copy_parquet(documents, out, ours)
    database.close()


if __name__ == "__main__":
    main()
