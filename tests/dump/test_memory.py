"""Memory does not grow with the number of dossiers, measured as the system sees it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ds_bridge.store import Store
from ds_bridge.store.entries import DossierEntry
from tests.dump.conftest import CRA
from tests.store.samples import at

# Few enough to be quick, enough to have filled every part once: what grows after that grows with dossiers.
FEW, MANY = 4_000, 12_000
PAGE = 500


@pytest.fixture(scope="module")
def large_url(synced: Store, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store of many reports, a few of which were modified lately."""
    url = f"sqlite:///{tmp_path_factory.mktemp('large') / 'store.db'}"
    samples = [each for each in synced.dossiers(CRA.number) if len(each.document) > 2]
    with Store.open(url) as store:
        store.save_form(CRA.number, "cra", synced.read_form(CRA.number) or {})
        for start in range(0, MANY, PAGE):
            entries = []
            for number in range(start, start + PAGE):
                sample = samples[number % len(samples)]
                header = sample.document["dossier"] | {"number": number}
                entry = DossierEntry(
                    number=number,
                    state=sample.state,
                    archived=False,
                    deposited_at=sample.deposited_at,
                    modified_at=at(1) if number < FEW else at(0),
                    revision=None,
                    raw={"number": number, "champs": []},
                    document=sample.document | {"dossier": header},
                    valid=True,
                )
                entries.append(replace(entry, modified_at=at(2)) if number < PAGE else entry)
            store.save_page(CRA.number, entries, None)
    return url


@pytest.mark.parametrize(
    "format_name", ["parquet", *(pytest.param(name, marks=pytest.mark.long) for name in ("csv", "xlsx"))]
)
def test_memory_is_flat(large_url: str, tmp_path: Path, format_name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.dump.memory_target", large_url, format_name, str(tmp_path)],
        cwd=Path(__file__).parent.parent.parent,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    (_, _), (few, before), (many, after) = (map(int, line.split()) for line in done.stdout.splitlines())
    assert (few, many) == (FEW, MANY)
    assert after - before < 25, f"{before} MB for {few} dossiers, {after} MB for {many}"
    assert after < 300
