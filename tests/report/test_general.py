"""A démarche that declares no figures: what is said of it, counted again from its dump."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

import ds_bridge
from tests.report.conftest import Filled


@pytest.fixture(scope="module")
def report(filled: Filled) -> dict[str, Any]:
    made = ds_bridge.report("tout", year=2025, config=filled.config)
    assert made.title == "Fourre-tout : un champ de chaque sorte"
    return {figure["id"]: figure for figure in made.to_json()["figures"]}


@pytest.fixture(scope="module")
def dossiers(filled: Filled) -> pl.DataFrame:
    return filled.table("dossiers", "tout").with_columns(year=pl.col("date_depot").dt.year())


def rows_of(figure: dict[str, Any]) -> dict[str, list[Any]]:
    return {row[0]: row[1:] for row in figure["table"]["rows"]}


def by_year(frame: pl.DataFrame) -> list[int]:
    return [frame.filter(pl.col("year") == year).height for year in (2025, 2024)]


def test_states_and_delays(report: dict[str, Any], dossiers: pl.DataFrame) -> None:
    names = {
        "en_construction": "En construction",
        "en_instruction": "En instruction",
        "accepte": "Accepté",
        "refuse": "Refusé",
        "sans_suite": "Classé sans suite",
    }
    assert rows_of(report["dossiers_par_etat"]) == {
        name: by_year(dossiers.filter(pl.col("state") == state)) for state, name in names.items()
    }
    days = dossiers.filter(pl.col("year") == 2025).select(
        (pl.col("date_traitement") - pl.col("date_depot")).dt.total_seconds() / 86_400
    )["date_traitement"]
    decided = days.drop_nulls()
    spread = rows_of(report["delais"])["Décision"]
    expected = [decided.quantile(share, "linear") for share in (0.25, 0.5, 0.75)]
    assert spread[0] == len(decided) > 3
    assert spread[1:4] == pytest.approx(expected, abs=0.006)
    assert rows_of(report["delais"])["Passage en instruction"] == [0, None, None, None, None]


def test_answers(report: dict[str, Any], dossiers: pl.DataFrame, filled: Filled) -> None:
    single = report["reponses_champ_700128"]
    assert single["title"] == "Réponses : Couleur"
    options = dossiers["champ_700128"].drop_nulls().unique().to_list()
    assert rows_of(single) == {
        option: by_year(dossiers.filter(pl.col("champ_700128") == option)) for option in options
    }
    assert single["left_out"][0]["count"] == by_year(dossiers.filter(pl.col("champ_700128").is_null()))[0]
    several = report["reponses_champ_700129"]
    days = dossiers.explode("champ_700129").drop_nulls("champ_700129")
    assert {key: row[0] for key, row in rows_of(several).items()} == dict(
        days.filter(pl.col("year") == 2025).group_by("champ_700129").len().rows()
    )
    ticked = rows_of(report["reponses_champ_700127"])
    assert {key: row[0] for key, row in ticked.items()} == {
        "Oui": by_year(dossiers.filter(pl.col("champ_700127")))[0],
        "Non": by_year(dossiers.filter(~pl.col("champ_700127")))[0],
    }
    block = filled.table("champ_700147", "tout").join(dossiers.select("dossier", "year"), on="dossier")
    public = report["reponses_champ_700147_champ_700155"]
    assert {key: row[0] for key, row in rows_of(public).items()} == dict(
        block.filter((pl.col("year") == 2025) & pl.col("champ_700155").is_not_null())
        .group_by("champ_700155")
        .len()
        .rows()
    )


def test_numbers_and_completeness(report: dict[str, Any], dossiers: pl.DataFrame) -> None:
    now = dossiers.filter(pl.col("year") == 2025)
    numbers = rows_of(report["nombres"])
    assert set(numbers) == {"Nombre d'agents", "Montant (€)"}
    for label, column in (("Nombre d'agents", "champ_700124"), ("Montant (€)", "champ_700125")):
        told = now[column].drop_nulls().cast(pl.Float64)
        expected = [told.quantile(share, "linear") for share in (0.25, 0.5, 0.75)]
        assert numbers[label][0] == len(told) > 10
        assert numbers[label][1:4] == pytest.approx(expected, abs=0.006)
    filled = rows_of(report["champs_remplis"])
    assert filled["Couleur"] == by_year(dossiers.drop_nulls("champ_700128"))
    assert report["champs_remplis"]["value"] == now.height


def test_only_for_the_programme(filled: Filled) -> None:
    with pytest.raises(ds_bridge.DsBridgeError, match="tout declares no figures for a personne"):
        ds_bridge.report("tout", for_="personne", id=1, config=filled.config)
