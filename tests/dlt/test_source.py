"""A dlt pipeline into DuckDB: whole, then what changed, deletions and a purge: always what the dump says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ds_bridge.errors import ConfigurationError
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import Store
from tests.cli.commands import write_sandbox_config
from tests.dump.conftest import CRA
from tests.lake.lakes import fill, list_samples, read_dump
from tests.store.samples import at, make_deletion

PAGE = Path(__file__).parent.parent.parent / "docs" / "dlt.md"
GUIDE = PAGE.read_text(encoding="utf-8").split("<!-- python: dlt -->\n```python\n")[1].split("```")[0]
DEMARCHES = '[demarches.cra]\nnumber = 82349\nmodel = "ds_bridge.cra:CompteRendu"\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where dlt keeps what it keeps, and talks to nobody."""
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.setenv("RUNTIME__LOG_LEVEL", "ERROR")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(seed=6, dossiers=30, requests_per_minute=None) as server:
        yield server


class Loaded:
    """A pipeline, and what its destination holds."""

    def __init__(self, pipeline: Any, config: Path) -> None:
        self.config = config
        self.pipeline: Any = pipeline
        assert self.pipeline.run_context.runtime_config.dlthub_telemetry is False

    def run(self, *tables: str) -> None:
        import ds_bridge.dlt

        source = ds_bridge.dlt.read_demarche("cra", config=self.config, sync=False)
        self.pipeline.run(source.with_resources(*tables) if tables else source).raise_on_failed_jobs()

    def read(self, table: str, columns: list[str]) -> list[dict[str, Any]]:
        names = ", ".join(f'"{column}"' for column in columns)
        with self.pipeline.sql_client() as client:
            client.execute_sql("SET TimeZone = 'UTC'")
            rows = client.execute_sql(f"SELECT {names} FROM {table}")
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def assert_shows(self, store: Store) -> None:
        for table, expected in read_dump(store).items():
            lists = [name for name, dtype in expected.schema.items() if isinstance(dtype, pl.List)]
            rows = self.read(table, expected.columns)
            rows = [row | {name: json.loads(row[name] or "[]") for name in lists} for row in rows]
            key = ["dossier"] if table == "dossiers" else ["dossier", "position"]
            found = pl.DataFrame(rows, schema=expected.schema).sort(key)
            assert found.equals(expected.sort(key)), table
        gone = {(each.number, each.kind) for each in store.deletions(CRA.number)}
        rows = self.read("deletions", ["dossier", "kind"])
        assert {(row["dossier"], row["kind"]) for row in rows} == gone
        assert len(rows) == len(gone)


def test_whole_then_what_changed_with_deletions_and_a_purge(home: Path, server: SandboxServer) -> None:
    config = write_sandbox_config(home, server, DEMARCHES)
    names: dict[str, Any] = {}
    exec(GUIDE, names)
    loaded = Loaded(names["pipeline"], config)
    with Store.open(f"sqlite:///{home / 'store.db'}") as store:
        loaded.assert_shows(store)
        samples = list_samples(store)
        numbers = [each.number for each in samples]
        fill(store, samples, [*numbers[:2], 5], hours=500_000 / 60)
        store.save_deletions(CRA.number, "pending", [make_deletion(numbers[4], at(1))], None)
        loaded.run()
        loaded.assert_shows(store)
        assert loaded.pipeline.last_trace.last_normalize_info.row_counts["dossiers"] == 7, "4 marks, 3 rows"
        fill(store, samples, [numbers[4]], hours=500_000)  # it is back
        loaded.run("dossiers")
        loaded.run()
        loaded.assert_shows(store)
        store.save_deletions(CRA.number, "deleted", [make_deletion(numbers[7], at(-9))], None)
        store.purge(CRA.number, at(0))
        assert 0 < store.count(CRA.number) < len(numbers)
        loaded.run()
        loaded.assert_shows(store)


def test_what_cannot_be_is_told_before_anything_is_loaded(home: Path, server: SandboxServer) -> None:
    import ds_bridge.dlt

    config = write_sandbox_config(home, server, DEMARCHES)
    with pytest.raises(ConfigurationError, match="no démarche named 'cre'"):
        ds_bridge.dlt.read_demarche("cre", config=config)
    Store.open(f"sqlite:///{home / 'store.db'}").close()
    with pytest.raises(ConfigurationError, match="run ds-bridge sync cra first"):
        ds_bridge.dlt.read_demarche("cra", config=config, sync=False)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    import ds_bridge.dlt

    monkeypatch.setattr("ds_bridge.dlt.source.find_spec", lambda module: None)
    with pytest.raises(ConfigurationError, match="needs the extra dlt: pip install"):
        ds_bridge.dlt.read_demarche("cra")
