"""What the tests of lakes share: stores of any size, lakes read back, dumps to compare with."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from deltalake import DeltaTable
from polars.testing import assert_frame_equal

from ds_bridge.config import DemarcheSettings
from ds_bridge.lake import AT_ONCE, Kept, LakeOrders, keep_lake
from ds_bridge.store import DossierEntry, Store
from tests.dump.conftest import CRA, DEMARCHES
from tests.dump.reading import dump
from tests.store.samples import at

NAME = "cra"
TABLES = ("dossiers", "evenements", "partenariats", "accompagnements", "anomalies")


def list_samples(synced: Store) -> list[Any]:
    """Mapped reports to make dossiers of."""
    return [each for each in synced.dossiers(CRA.number) if len(each.document) > 2]


def make_report(sample: Any, number: int, *, modified_at: datetime, nom: str | None = None) -> DossierEntry:
    """The sample under another number, perhaps another person's."""
    document = sample.document | {"dossier": sample.document["dossier"] | {"number": number}}
    if nom is not None:
        document["identite"] = document["identite"] | {"nom": nom}
    return DossierEntry(
        number=number,
        state=sample.state,
        archived=False,
        deposited_at=at(-1),
        modified_at=modified_at,
        revision=None,
        raw={"number": number, "nom": nom, "champs": []},
        document=document,
        valid=True,
    )


def fill(
    store: Store, samples: Sequence[Any], numbers: Iterable[int], *, nom: str | None = None, hours: float = 0
) -> None:
    """Save these dossiers, as modified so many hours after noon."""
    store.save_page(
        CRA.number,
        [
            make_report(samples[(number + int(hours)) % len(samples)], number, modified_at=at(hours), nom=nom)
            for number in numbers
        ],
        None,
    )


def keep(
    store: Store, lake: Path | str, *, size: int | None = None, vacuum: bool = False, name: str = NAME,
    demarche: DemarcheSettings | None = None,
) -> Kept:  # fmt: skip
    """Bring the lake to the store."""
    orders = LakeOrders(dossiers_a_file=size, **({"keep": AT_ONCE} if vacuum else {}))
    return keep_lake(name, demarche or DEMARCHES[name], store, str(lake), orders)


def in_utc(frame: pl.DataFrame) -> pl.DataFrame:
    """The same moments on Delta's clock."""

    def change(dtype: Any) -> Any:
        if isinstance(dtype, pl.Datetime):
            return pl.Datetime("us", "UTC")
        if isinstance(dtype, pl.List):
            return pl.List(change(dtype.inner))
        if isinstance(dtype, pl.Struct):
            return pl.Struct([pl.Field(each.name, change(each.dtype)) for each in dtype.fields])
        return dtype

    return frame.cast({name: change(dtype) for name, dtype in frame.schema.items()})


def read_dump(store: Store, name: str = NAME) -> dict[str, pl.DataFrame]:
    """The tables of the dump."""
    with tempfile.TemporaryDirectory() as folder:
        dump(store, name, "parquet", Path(folder) / "out")
        return {file.stem: in_utc(pl.read_parquet(file)) for file in (Path(folder) / "out").glob("*.parquet")}


def assert_shows(lake: Path | str, store: Store, name: str = NAME, **options: Any) -> None:
    """The lake's tables, as polars reads them, are the dump's: columns, types, rows."""
    for table, expected in read_dump(store, name).items():
        found = pl.read_delta(f"{lake}/{name}/{table}", **options)
        key = ["dossier"] if table == "dossiers" else ["dossier", "position"]
        assert_frame_equal(found.sort(key), expected.sort(key))


def read_with_duckdb(lake: Path, table: str, name: str = NAME) -> list[dict[str, Any]]:
    """The Parquet files that the table's current version names, as DuckDB reads them, in UTC."""
    files = DeltaTable(str(lake / name / table)).file_uris()
    if not files:
        return []
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        result = connection.execute("SELECT * FROM read_parquet($files)", {"files": files})
        columns = [column[0] for column in result.description]
        return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def holds(folder: Path, text: str) -> list[str]:
    """The files below the folder in which the text stands, as bytes or in a cell."""
    found = []
    for file in sorted(folder.rglob("*")):
        if file.is_dir():
            continue
        cells = repr(pl.read_parquet(file).to_dicts()) if file.suffix == ".parquet" else ""
        if text.encode() in file.read_bytes() or text in cells:
            found.append(file.name)
    return found
