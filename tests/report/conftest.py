"""A store that a sync filled from the sandbox, its dump as tables, and a roster of some of its people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from ds_bridge.config import Settings, load_settings
from ds_bridge.sandbox.server import SandboxServer
from tests.cli.commands import run_command, write_sandbox_config

DEMARCHES = """
[demarches.cra]
number = 82349
model = "ds_bridge.cra:CompteRendu"
[demarches.tout]
number = 99001
"""
ABSENT = [(90001, "Λευτέρης", "Ζαχαρόπουλος"), (90002, "Zoé", "<b>NOËL</b>")]


@dataclass(frozen=True)
class Filled:
    """A folder with `ds-bridge.toml`, `store.db`, `roster.csv`, and the dump's tables in `dump/`."""

    folder: Path
    config: Path

    @property
    def settings(self) -> Settings:
        return load_settings(self.config)

    @property
    def roster(self) -> Path:
        return self.folder / "roster.csv"

    def table(self, name: str, demarche: str = "cra") -> pl.DataFrame:
        return pl.read_parquet(self.folder / "dump" / demarche / f"{name}.parquet")


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Not to be written."""
    return fill(tmp_path_factory.mktemp("report"))


def fill(folder: Path) -> Filled:
    """240 reports over 2024 and 2025; 60 dossiers of a démarche without a model."""
    with SandboxServer(seed=1, dossiers=240, requests_per_minute=None) as server:
        server.world.seed_dossiers(60, 99001)
        config = write_sandbox_config(folder, server, DEMARCHES, requests_per_minute=10_000)
        assert run_command("sync", config=config).code == 0
    (folder / "dump").mkdir()
    for name in ("cra", "tout"):
        out = str(folder / "dump" / name)
        assert run_command("dump", name, "--format", "parquet", "-o", out, config=config).code == 0
    filled = Filled(folder, config)
    dossiers = filled.table("dossiers").drop_nulls("identite_identifiant")
    people = dossiers.select(
        "identite_identifiant", "identite_prenom", "identite_nom", "identite_structure_identifiant"
    )
    rows = [*people.rows()[:150], *((*each, 87) for each in ABSENT)]
    lines = [f'{number},"{first}","{last}",{structure or ""}' for number, first, last, structure in rows]
    text = "\n".join(["identifiant,prénom,nom,structure_identifiant", *lines])
    filled.roster.write_text(text + "\n", encoding="utf-8")
    return filled
