"""Every figure of the activity report, counted again from the dump by polars and DuckDB."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import duckdb
import polars as pl
import pytest

import ds_bridge
from ds_bridge.report.period import Period
from tests.report.conftest import Filled

YEARS = (2025, 2024)
DOUBTFUL = "durées incohérentes"


@pytest.fixture(scope="module")
def report(filled: Filled) -> dict[str, Any]:
    """The report of 2025 beside 2024, as report.json has it."""
    made = ds_bridge.report("cra", year=2025, roster=filled.roster, config=filled.config)
    return {figure["id"]: figure for figure in made.to_json()["figures"]}


@pytest.fixture(scope="module")
def sql(filled: Filled) -> Iterator[duckdb.DuckDBPyConnection]:
    """The dump's tables in DuckDB. `kept` are the dossiers that count; blocks without repeated rows."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Europe/Paris'")
    for name in ("dossiers", "evenements", "partenariats", "accompagnements", "anomalies"):
        file = filled.folder / "dump" / "cra" / f"{name}.parquet"
        connection.execute(f"CREATE VIEW {name}_all AS SELECT * FROM read_parquet('{file}')")
    connection.execute(
        "CREATE VIEW deposited AS SELECT *, year(date_depot) AS y, strftime(date_depot, '%Y-%m') AS month"
        " FROM dossiers_all"
    )
    connection.execute(
        "CREATE VIEW kept AS SELECT * FROM deposited WHERE state NOT IN ('refuse', 'sans_suite')"
    )
    for name in ("evenements", "partenariats", "accompagnements"):
        connection.execute(
            f"CREATE VIEW {name} AS SELECT r.*, k.y, k.date_depot"
            f" FROM {name}_all r JOIN kept k USING (dossier)"
            " WHERE NOT EXISTS (SELECT 1 FROM anomalies_all a WHERE a.dossier = r.dossier"
            f" AND a.path = '{name}[' || r.position || ']'"
            " AND a.code IN ('empty_row', 'duplicate_row'))"
        )
    yield connection
    connection.close()


def ask(sql: duckdb.DuckDBPyConnection, query: str) -> dict[Any, Any]:
    """Two columns as a mapping."""
    return dict(sql.execute(query).fetchall())


def pair(sql: duckdb.DuckDBPyConnection, counted: str) -> list[int]:
    """A count for each year: `counted` gives y and a count."""
    found = ask(sql, counted)
    return [found.get(year, 0) for year in YEARS]


def rows_of(figure: dict[str, Any]) -> dict[str, list[Any]]:
    return {row[0]: row[1:] for row in figure["table"]["rows"]}


def counted_rows(sql: duckdb.DuckDBPyConnection, query: str) -> dict[str, list[int]]:
    """name, y, count → name: [2025, 2024]."""
    found: dict[str, list[int]] = {}
    for name, year, count in sql.execute(query).fetchall():
        found.setdefault(name, [0, 0])[YEARS.index(year)] = count
    return found


def name_month(month: int) -> str:
    return Period.of_year(2025).name_month(f"2025-{month:02d}")


def traced(sql: duckdb.DuckDBPyConnection, query: str) -> list[int]:
    return [number for (number,) in sql.execute(query + " ORDER BY 1").fetchall()]


def test_there_is_a_test_for_every_figure(report: dict[str, Any]) -> None:
    assert set(report) == {
        "depots",
        "personnes",
        "personnes_par_mois",
        *BLOCKS,
        *(figure for figure, *_ in SINGLE + SEVERAL),
        "evenements_par_mois",
        "accompagnements_par_cible",
        *PROBLEMS,
        "temps_hebdomadaire",
        "comptes_rendus_avec_anomalie",
        "anomalies",
    }


def test_deposits(report: dict[str, Any], sql: duckdb.DuckDBPyConnection) -> None:
    figure = report["depots"]
    assert [figure["value"], figure["before"]] == pair(sql, "SELECT y, count(*) FROM kept GROUP BY 1")
    months = ask(sql, "SELECT month, count(*) FROM kept GROUP BY 1")
    expected = {
        name_month(month): [months.get(f"{year}-{month:02d}", 0) for year in YEARS] for month in range(1, 13)
    }
    assert rows_of(figure) == expected
    left = {each["reason"]: [each["count"], each["before"]] for each in figure["left_out"]}
    states = counted_rows(sql, "SELECT state, y, count(*) FROM deposited GROUP BY 1, 2")
    assert left == {
        "refusés par l'administration": states["refuse"],
        "classés sans suite": states["sans_suite"],
    }
    assert figure["dossiers"] == traced(sql, "SELECT dossier FROM kept WHERE y = 2025")
    assert figure["dossiers_before"] == traced(sql, "SELECT dossier FROM kept WHERE y = 2024")
    refused = next(each for each in figure["left_out"] if each["reason"].startswith("refusés"))
    assert refused["dossiers"] == traced(
        sql, "SELECT dossier FROM deposited WHERE y = 2025 AND state = 'refuse'"
    )


def test_people(report: dict[str, Any], filled: Filled) -> None:
    roster = pl.read_csv(filled.roster)["identifiant"]
    kept = filled.table("dossiers").filter(~pl.col("state").is_in(["refuse", "sans_suite"]))
    by_year = {
        year: kept.filter(pl.col("date_depot").dt.year() == year)["identite_identifiant"]
        .drop_nulls()
        .unique()
        for year in YEARS
    }
    filed = [by_year[year].is_in(roster.implode()).sum() for year in YEARS]
    figure = report["personnes"]
    assert [figure["value"], figure["before"]] == filed
    assert rows_of(figure) == {
        "Attendues (liste des postes financés)": [152, 152],
        "Ont déposé au moins un compte rendu": filed,
        "N'ont rien déposé": [152 - each for each in filed],
    }
    outside, unknown = figure["left_out"]
    assert [outside["count"], outside["before"]] == [
        len(by_year[year]) - count for year, count in zip(YEARS, filed, strict=True)
    ]
    nobody = kept.filter(pl.col("identite_identifiant").is_null())
    assert unknown["count"] == nobody.filter(pl.col("date_depot").dt.year() == 2025).height
    months = kept.filter(pl.col("identite_identifiant").is_in(roster.implode())).group_by(
        month=pl.col("date_depot").dt.strftime("%Y-%m")
    )
    counts = dict(months.agg(pl.col("identite_identifiant").n_unique()).rows())
    assert rows_of(report["personnes_par_mois"]) == {
        name_month(month): [counts.get(f"{year}-{month:02d}", 0) for year in YEARS] for month in range(1, 13)
    }


BLOCKS = ("evenements", "partenariats", "accompagnements")


@pytest.mark.parametrize("block", BLOCKS)
def test_totals(report: dict[str, Any], sql: duckdb.DuckDBPyConnection, block: str) -> None:
    figure = report[block]
    assert [figure["value"], figure["before"]] == pair(sql, f"SELECT y, count(*) FROM {block} GROUP BY 1")
    assert figure["value"] > 100
    assert figure["dossiers"] == traced(sql, f"SELECT DISTINCT dossier FROM {block} WHERE y = 2025")
    repeated = pair(
        sql,
        "SELECT y, count(*) FROM anomalies_all a JOIN kept USING (dossier) WHERE code = 'duplicate_row'"
        f" AND path LIKE '{block}[%' GROUP BY 1",
    )
    told = {each["reason"]: [each["count"], each["before"]] for each in figure["left_out"]}
    assert told.get("lignes identiques à une autre du même compte rendu", [0, 0]) == repeated


SINGLE = [
    ("evenements_par_type", "evenements", "type"),
    ("partenariats_par_structure", "partenariats", "structure_type"),
]
SEVERAL = [
    ("evenements_par_organisateur", "evenements", "organisateurs"),
    ("partenariats_par_nature", "partenariats", "natures"),
]


@pytest.mark.parametrize(("name", "block", "column"), SINGLE)
def test_single_choices(report: dict[str, Any], sql: Any, name: str, block: str, column: str) -> None:
    query = f"SELECT {column}, y, count(*) FROM {block} WHERE {column} IS NOT NULL GROUP BY 1, 2"
    figure = report[name]
    assert rows_of(figure) == counted_rows(sql, query)
    assert figure["value"] == sum(row[0] for row in rows_of(figure).values())
    missing = pair(sql, f"SELECT y, count(*) FROM {block} WHERE {column} IS NULL GROUP BY 1")
    assert [[each["count"], each["before"]] for each in figure["left_out"]] == [missing]


@pytest.mark.parametrize(("name", "block", "column"), SEVERAL)
def test_several_choices(report: dict[str, Any], sql: Any, name: str, block: str, column: str) -> None:
    figure = report[name]
    query = f"SELECT v, y, count(*) FROM (SELECT unnest({column}) AS v, y FROM {block}) GROUP BY 1, 2"
    assert rows_of(figure) == counted_rows(sql, query)
    having = pair(sql, f"SELECT y, count(*) FROM {block} WHERE len({column}) > 0 GROUP BY 1")
    assert [figure["value"], figure["before"]] == having
    assert figure["dossiers"] == traced(
        sql, f"SELECT DISTINCT dossier FROM {block} WHERE len({column}) > 0 AND y = 2025"
    )
    sizes = [row[1] for row in figure["table"]["rows"]]
    assert sizes == sorted(sizes, reverse=True)


def test_events_by_month(report: dict[str, Any], filled: Filled, sql: Any) -> None:
    sane = "date >= DATE '2020-01-01' AND date <= CAST(date_depot AS DATE)"
    found = sql.execute(
        f"SELECT y, strftime(date, '%Y-%m'), count(*) FROM evenements WHERE {sane} GROUP BY 1, 2"
    )
    expected = {name_month(month): [0, 0] for month in range(1, 13)}
    for year, month, count in found.fetchall():
        own = month.startswith(str(year))
        row = name_month(int(month[5:])) if own else "avant la période"
        expected.setdefault(row, [0, 0])[YEARS.index(year)] += count
    figure = report["evenements_par_mois"]
    assert rows_of(figure) == expected
    left = {each["reason"]: [each["count"], each["before"]] for each in figure["left_out"]}
    assert left.get("sans date", [0, 0]) == pair(
        sql, "SELECT y, count(*) FROM evenements WHERE date IS NULL GROUP BY 1"
    )
    late = pair(sql, "SELECT y, count(*) FROM evenements WHERE date > CAST(date_depot AS DATE) GROUP BY 1")
    assert left["datés d'après le dépôt du compte rendu"] == late
    assert sum(late) > 3


def test_supports_by_target(report: dict[str, Any], sql: Any) -> None:
    query = "SELECT cible, y, count(*) FROM accompagnements WHERE cible IS NOT NULL GROUP BY 1, 2"
    found = counted_rows(sql, query)
    names = {"structure": "Structures", "mediateur": "Médiateurs numériques"}
    assert rows_of(report["accompagnements_par_cible"]) == {names[key]: row for key, row in found.items()}


PROBLEMS = {
    "accompagnements_par_problematique": "problematiques",
    "accompagnements_par_action": "actions",
}


@pytest.mark.parametrize(("name", "column"), PROBLEMS.items())
def test_supports_by_problem_and_target(report: dict[str, Any], sql: Any, name: str, column: str) -> None:
    query = f"""
        SELECT v, count(*) FILTER (y = 2025 AND cible = 'structure'),
               count(*) FILTER (y = 2025 AND cible = 'mediateur'),
               count(*) FILTER (y = 2025), count(*) FILTER (y = 2024)
        FROM (SELECT unnest({column}) AS v, y, cible FROM accompagnements) GROUP BY 1
    """
    figure = report[name]
    assert rows_of(figure) == {key: list(row) for key, *row in sql.execute(query).fetchall()}
    assert figure["table"]["columns"][1:] == [
        "Structures",
        "Médiateurs numériques",
        "Ensemble",
        "Ensemble 2024",
    ]


def test_hours(report: dict[str, Any], sql: Any) -> None:
    sane = "dossier NOT IN (SELECT dossier FROM anomalies_all WHERE path LIKE 'temps_hebdomadaire%')"
    expected = {}
    names = {
        "total": "Communication et animation",
        "communication": "Communication",
        "animation": "Animation du réseau",
    }
    for column, name in names.items():
        spread = [
            sql.execute(
                f"SELECT count(v), quantile_cont(v, 0.25), quantile_cont(v, 0.5), quantile_cont(v, 0.75)"
                f" FROM (SELECT temps_hebdomadaire_{column} AS v FROM kept WHERE y = {year} AND {sane})"
            ).fetchone()
            for year in YEARS
        ]
        expected[name] = [*spread[0], spread[1][2]]
    figure = report["temps_hebdomadaire"]
    assert {name: pytest.approx(row) for name, row in expected.items()} == rows_of(figure)
    assert figure["value"] == expected["Communication et animation"][2]
    doubtful = pair(
        sql,
        f"SELECT y, count(*) FROM kept WHERE NOT ({sane}) AND temps_hebdomadaire_total IS NOT NULL"
        " GROUP BY 1",
    )
    left = [each for each in figure["left_out"] if each["reason"].startswith("Communication et animation : ")]
    assert [[each["count"], each["before"]] for each in left] == [doubtful]
    assert sum(doubtful) > 2


def test_anomalies(report: dict[str, Any], sql: Any) -> None:
    from ds_bridge.cra.codes import CODES
    from ds_bridge.report.words import CODES as GENERAL

    query = "SELECT code, y, count(*) FROM anomalies_all JOIN kept USING (dossier) GROUP BY 1, 2"
    found = counted_rows(sql, query)
    assert rows_of(report["anomalies"]) == {(GENERAL | CODES)[code]: row for code, row in found.items()}
    with_some = "dossier IN (SELECT dossier FROM anomalies_all)"
    assert rows_of(report["comptes_rendus_avec_anomalie"]) == {
        "Sans anomalie": pair(sql, f"SELECT y, count(*) FROM kept WHERE NOT {with_some} GROUP BY 1"),
        "Avec au moins une anomalie": pair(sql, f"SELECT y, count(*) FROM kept WHERE {with_some} GROUP BY 1"),
    }


def test_every_trace_is_of_the_period(report: dict[str, Any], filled: Filled) -> None:
    days = dict(filled.table("dossiers").select("dossier", pl.col("date_depot").dt.date()).rows())
    for figure in report.values():
        assert figure["dossiers"]
        assert {days[number].year for number in figure["dossiers"]} == {2025}
        assert {days[number].year for number in figure["dossiers_before"]} == {2024}
        for left in figure["left_out"]:
            assert {days[number].year for number in left["dossiers"]} <= {2025}
    assert dt.date(2025, 1, 1) <= max(days.values())
