"""A run is killed at any point: the lake shows its old or its new state, and the next run completes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from ds_bridge.store import Store
from tests.dump.conftest import CRA
from tests.lake.lakes import NAME, assert_shows, fill, keep, list_samples, read_dump
from tests.store.samples import at

ROOT = Path(__file__).parent.parent.parent


def list_named(table: Path) -> list[str]:
    """The files that the table's current version names."""
    return DeltaTable(str(table)).file_uris()


def run_until(url: str, lake: Path, step: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.lake.kill_target", url, str(lake), str(step)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


# Ten files are written, then five tables are committed, `dossiers` last, then files are taken away.
@pytest.mark.parametrize(
    "step", [pytest.param(4, marks=pytest.mark.long), 15, pytest.param(17, marks=pytest.mark.long)]
)
def test_the_next_run_completes(synced: Store, tmp_path: Path, step: int) -> None:
    url, lake = f"sqlite:///{tmp_path / 'store.db'}", tmp_path / "lake"
    samples = list_samples(synced)
    with Store.open(url) as store:
        store.save_form(CRA.number, NAME, synced.read_form(CRA.number) or {})
        fill(store, samples, range(100))
        fill(store, samples, [30], hours=-9)
        keep(store, lake, size=20)
        before = read_dump(store)
        fill(store, samples, [5, 95, 101], hours=1)
        store.purge(CRA.number, at(-5))
        after = read_dump(store)
        done = run_until(url, lake, step)
        assert done.returncode == -9, (done.stdout, done.stderr)
        for table in before:
            seen = pl.read_delta(f"{lake}/{NAME}/{table}")
            assert seen.height in (before[table].height, after[table].height)
        kept = keep(store, lake, size=20, vacuum=True)
        assert not kept.whole
        assert_shows(lake, store)
        named = {Path(uri) for table in before for uri in list_named(lake / NAME / table)}
        assert set(lake.rglob("*.parquet")) == named, "nothing of the killed run is left"


def test_killed_in_its_first_run(synced: Store, synced_url: str, tmp_path: Path) -> None:
    done = run_until(synced_url, tmp_path, 17)
    assert done.returncode == -9, (done.stdout, done.stderr)
    assert keep(synced, tmp_path, vacuum=True).whole
    assert_shows(tmp_path, synced)
