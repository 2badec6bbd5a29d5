"""The `parquet` format: one file a table, typed columns, lists as lists, exact text.

Rows of all tables come mixed, and a table is read by column. So each table is first written in parts, then
joined without holding all of it in memory. The file's metadata has the table's description under `ds_bridge`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

import orjson
import polars as pl

from ds_bridge.dump.frames import make_frame
from ds_bridge.dump.manifest import describe_table
from ds_bridge.tables.columns import Table
from ds_bridge.tables.layout import Cells

ENDING = ".parquet"
_CELLS_A_PART = 40_000  # held in memory for a table; wide tables have fewer rows in a part
_CELLS_A_GROUP = 400_000  # the same for what a reader takes at once


def write(tables: Sequence[Table], rows: Iterable[tuple[str, Cells]], folder: Path) -> dict[str, int]:
    """Write the tables. Returns the number of rows of each."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{folder.name}.parts.") as parts:
        spools = {table.name: _Spool(table, Path(parts)) for table in tables}
        for name, cells in rows:
            spools[name].add(cells)
        for spool in spools.values():
            spool.join(folder / f"{spool.table.name}{ENDING}")
    return {name: spool.count for name, spool in spools.items()}


def write_one(table: Table, rows: Iterable[tuple[str, Cells]], out: BinaryIO, *, beside: Path) -> int:
    """Write one table to a stream. Its parts lie in a private folder beside the path `beside`."""
    with tempfile.TemporaryDirectory(dir=beside.parent, prefix=f".{beside.name}.parts.") as parts:
        spool = _Spool(table, Path(parts))
        for _, cells in rows:
            spool.add(cells)
        whole = Path(parts) / f"whole{ENDING}"
        spool.join(whole)
        with whole.open("rb") as written:
            shutil.copyfileobj(written, out)
    return spool.count


class _Spool:
    """The parts of one table."""

    def __init__(self, table: Table, folder: Path) -> None:
        self.table = table
        self.count = 0
        self._folder = folder
        self._size = max(100, _CELLS_A_PART // len(table.columns))
        self._rows: list[Cells] = []
        self._parts: list[Path] = []

    def add(self, cells: Cells) -> None:
        self._rows.append(cells)
        self.count += 1
        if len(self._rows) == self._size:
            self._flush()

    def join(self, path: Path) -> None:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        metadata = {"ds_bridge": orjson.dumps(describe_table(self.table)).decode()}
        if not self._parts:
            make_frame(self.table, self._rows).write_parquet(path, metadata=metadata)
            return
        self._flush()
        group = max(1000, _CELLS_A_GROUP // len(self.table.columns))
        frame = pl.scan_ipc(self._parts)
        frame.sink_parquet(path, metadata=metadata, row_group_size=group, maintain_order=True)
        for part in self._parts:
            part.unlink()

    def _flush(self) -> None:
        if not self._rows:
            return
        part = self._folder / f"{self.table.name}.{len(self._parts)}.arrow"
        make_frame(self.table, self._rows).write_ipc(part, compression="lz4")
        self._parts.append(part)
        self._rows = []
