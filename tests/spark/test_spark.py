"""Spark: mapping on a cluster is remap's, row for row; a lake's files are read as what the dump writes."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable

from ds_bridge.errors import ConfigurationError, MappingError
from ds_bridge.spark import map_dossiers
from ds_bridge.store import DossierEntry, Store
from ds_bridge.store.encoding import encode_json
from ds_bridge.sync.remap import remap_demarche
from tests.dump.conftest import CRA, DEMARCHES, EVERY_KIND
from tests.lake.lakes import keep, read_dump
from tests.store.samples import at

pytestmark = pytest.mark.long  # each starts Java, and a cluster
PAGE = 500
GUIDE = (Path(__file__).parent.parent.parent / "docs" / "scale.md").read_text(encoding="utf-8")


def copy_raw(synced: Store, demarche: int, count: int, store: Store) -> list[str]:
    """So many raw dossiers, of the synced ones under other numbers, in a store that has not mapped them."""
    samples = list(synced.dossiers(demarche))
    store.save_form(demarche, "any", synced.read_form(demarche) or {})
    raws = []
    for number in range(count):
        raw = samples[number % len(samples)].raw | {"number": 1000 + number}
        if number % 97 == 5:
            raw = raw | {"champs": [{"__typename": "TextChamp", "id": 12}, *raw["champs"][1:]]}
        raws.append(raw)
    for start in range(0, count, PAGE):
        entries = [
            DossierEntry(
                number=raw["number"], state=raw["state"], archived=False, deposited_at=at(0),
                modified_at=at(0), revision=None, raw=raw, document={}, valid=False,
            )
            for raw in raws[start : start + PAGE]
        ]  # fmt: skip
        store.save_page(demarche, entries, None)
    return [encode_json(raw).decode() for raw in raws]


def read_remapped(store: Store, demarche: int) -> dict[int, Any]:
    """What remap wrote: document, validity, and the anomalies and ids of rows that stand beside it."""
    anomalies: dict[int, list[Any]] = {}
    for each in store.anomalies(demarche):
        anomalies.setdefault(each.number, []).append((each.path, each.code, each.severity, each.message))
    return {
        each.number: (each.valid, each.document, anomalies.get(each.number, []), each.row_ids)
        for each in store.documents(demarche, also={"row_ids"})
    }


@pytest.mark.parametrize("name", ["cra", "tout"])
def test_every_dossier_is_mapped_as_remap_does(
    spark: Any, synced: Store, tmp_path: Path, request: pytest.FixtureRequest, name: str
) -> None:
    demarche = DEMARCHES[name]
    count = request.config.getoption("--spark-dossiers") if name == "cra" else 100
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store:
        raws = copy_raw(synced, demarche.number, count, store)
        assert remap_demarche(name, demarche, store).seen == count
        expected = read_remapped(store, demarche.number)
        form = store.read_form(demarche.number) or {}
    file = tmp_path / "raw.ndjson"  # as `dump --raw --format ndjson`
    file.write_text("".join(f"{raw}\n" for raw in [*raws, '{"number": 3}', "not JSON"]), encoding="utf-8")
    frame = spark.read.text(str(file)).repartition(4)
    mapped = map_dossiers(frame, model=demarche.model, form=form).collect()
    unreadable = [row for row in mapped if row.number is None]
    assert [(row.valid, row.document, row.anomalies[0].code) for row in unreadable] == [
        (False, None, "unreadable")
    ] * 2
    found = {
        row.number: (
            row.valid,
            json.loads(row.document),
            [tuple(each) for each in row.anomalies],
            {(each.block, each.position): each.row_id for each in row.rows},
        )
        for row in mapped
        if row.number is not None
    }
    assert len(mapped) == count + 2
    assert found == expected
    assert {each[0] for each in expected.values()} == {True, False}


def test_the_guides_code_runs(
    spark: Any, synced: Store, synced_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raws = (encode_json(each.raw).decode() for each in synced.dossiers(CRA.number))
    (tmp_path / "raw.ndjson").write_text("".join(f"{raw}\n" for raw in raws), encoding="utf-8")
    found = re.search(r"<!-- python: spark -->\n```python\n(.*?)```", GUIDE, re.DOTALL)
    assert found
    code = (
        found[1].replace("sqlite:///ds-bridge.db", synced_url).replace("raw.ndjson", f"{tmp_path}/raw.ndjson")
    )
    names = {"spark": spark}
    exec(code, names)
    counts = {row["type"]: row["count"] for row in names["by_kind"].collect()}
    expected = read_dump(synced)["evenements"]["type"].value_counts()
    assert counts == dict(expected.iter_rows())


def test_both_workers_work(spark: Any) -> None:
    workers = spark.sparkContext.parallelize(range(6), 6).map(lambda _: os.getppid()).distinct().collect()
    assert len(workers) == 2


def test_what_cannot_be_mapped_is_told_before_anything_runs(
    spark: Any, synced: Store, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ds_bridge.spark.dossiers.find_spec", lambda module: None)
        with pytest.raises(ConfigurationError, match="needs the extra spark: pip install"):
            map_dossiers(None, form={})
    frame = spark.createDataFrame([("{}", 1)], "raw string, number int")
    form = synced.read_form(CRA.number) or {}
    with pytest.raises(ConfigurationError, match="column= one of raw, number"):
        map_dossiers(frame, form=form)
    with pytest.raises(MappingError):
        map_dossiers(frame, model=CRA.model, form=synced.read_form(EVERY_KIND.number) or {}, column="raw")
    with pytest.raises(ConfigurationError, match="cannot be read: FileNotFoundError"):
        map_dossiers(frame, form=tmp_path / "form.json", column="raw")


@pytest.mark.parametrize("name", ["cra", "tout"])
def test_the_files_of_a_lake_are_the_dump(spark: Any, synced: Store, tmp_path: Path, name: str) -> None:
    keep(synced, tmp_path, size=9, name=name)
    for table, expected in read_dump(synced, name).items():
        files = DeltaTable(str(tmp_path / name / table)).file_uris()
        if not files:
            assert expected.is_empty()
            continue
        frame = spark.read.parquet(*files)
        assert frame.columns == expected.columns
        rows = [row.asDict(recursive=True) for row in frame.collect()]
        found = pl.DataFrame(rows, schema=expected.schema)
        key = ["dossier"] if table == "dossiers" else ["dossier", "position"]
        assert found.sort(key).equals(expected.sort(key)), table
