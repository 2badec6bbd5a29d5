"""The public version gives no small group back: every difference of what it tells is tried.

What stands behind each number is counted here from the documents, not by the code that decides what is told.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import orjson
import pytest

from ds_bridge.cra.figures import FIGURES
from ds_bridge.report import Breakdown, Figure, Filed, Left, Setting
from ds_bridge.report.crowd import Crowd, unite
from ds_bridge.report.gather import DEPOSITS, Gatherer
from ds_bridge.report.period import Period, find_day
from ds_bridge.report.public import FEWEST, round_people
from ds_bridge.store import StoredDocument

YEARS = (2025, 2024)
KINDS = ["Forum", "Salon", "Atelier", "Rare", "Très rare"]
BREAKDOWNS = [
    DEPOSITS,
    *(figure for part in FIGURES.programme for figure in part.figures if isinstance(figure, Breakdown)),
]
SEEDS = range(12)


def invent(seed: int) -> list[dict[str, Any]]:
    """Reports of few people, with rare kinds, missing answers and impossible dates."""
    chance = random.Random(seed)
    people = chance.choice([6, 9, 14, 30, 60])
    documents = []
    for number in range(1, people * 4):
        year = chance.choice(YEARS)
        person = (
            chance.choice([None, *range(1, people + 1)]) if chance.random() < 0.1 else 1 + number % people
        )
        day = f"{year}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        documents.append(
            {
                "dossier": {
                    "number": number,
                    "state": chance.choice(
                        ["accepte", "en_construction", "refuse", "sans_suite"][: 2 + seed % 3]
                    ),
                    "date_depot": f"{day}T10:00:00+01:00",
                },
                "identite": {"identifiant": person},
                "evenements": [invent_event(chance, day) for _ in range(chance.randint(0, 3))],
                "partenariats": [invent_partnership(chance) for _ in range(chance.randint(0, 2))],
                "accompagnements": [invent_support(chance) for _ in range(chance.randint(0, 2))],
                "temps_hebdomadaire": {"total": chance.choice([None, 3, 5, 70])},
                "anomalies": invent_anomalies(chance),
            }
        )
    return documents


def pick(chance: random.Random) -> str | None:
    return chance.choices([*KINDS, None], [30, 20, 15, 2, 1, 1])[0]


def pick_many(chance: random.Random) -> list[str]:
    return sorted({kind for _ in range(chance.randint(0, 3)) if (kind := pick(chance))})


def invent_event(chance: random.Random, day: str) -> dict[str, Any]:
    date = chance.choices([day, None, "2030-01-01", "2001-01-01"], [30, 1, 1, 1])[0]
    return {"type": pick(chance), "organisateurs": pick_many(chance), "date": date}


def invent_partnership(chance: random.Random) -> dict[str, Any]:
    return {"structure_type": pick(chance), "natures": pick_many(chance)}


def invent_support(chance: random.Random) -> dict[str, Any]:
    target = chance.choices(["structure", "mediateur", None], [20, 5, 1])[0]
    return {"cible": target, "problematiques": pick_many(chance), "actions": pick_many(chance)}


def invent_anomalies(chance: random.Random) -> list[dict[str, Any]]:
    codes = chance.choices([[], ["missing_precision"], ["invalid_email", "missing_detail"]], [9, 3, 1])[0]
    return [{"code": code, "path": "identite.email", "severity": "warning", "message": ""} for code in codes]


def make_public(documents: list[dict[str, Any]]) -> dict[str, Figure]:
    period = Period.of_year(2025)
    stored = (
        StoredDocument(each["dossier"]["number"], True, json.dumps(each), None, None) for each in documents
    )
    gatherer = Gatherer(FIGURES, Setting(period, period.before, public=True), {})
    chapters = gatherer.gather(stored, FIGURES.programme)
    return {figure.id: figure for chapter in chapters for figure in chapter.figures}


def read_things(
    spec: Breakdown, documents: list[dict[str, Any]], year: int
) -> Iterator[tuple[int | None, set[str], str | None, str | None]]:
    """Whose, in which rows, in which column, why not counted."""
    for document in documents:
        deposited = find_day(document["dossier"]["date_depot"])
        if deposited.year != year:
            continue
        reason = FIGURES.left_states.get(document["dossier"]["state"])
        left = Left(reason) if reason else None
        filed = Filed(document["dossier"]["number"], document, deposited, YEARS.index(year), 1, left=left)
        if left and spec is not DEPOSITS:
            continue
        for item in spec.items(filed):
            rows = spec.rows(item, filed)
            person = document["identite"]["identifiant"]
            if isinstance(rows, Left):
                yield person, set(), None, rows.reason
            else:
                named = {rows} if isinstance(rows, str) else set(rows)
                yield person, named, spec.column(item) if spec.columns else None, None


def label(figure: Figure, row: str, year: int) -> str:
    if figure.show != "months":
        return row
    return Period.of_year(year).name_month(row) if row.startswith(str(year)) else "avant la période"


def tell(
    spec: Breakdown, figure: Figure, documents: list[dict[str, Any]], year: int
) -> tuple[list[frozenset[int]], list[int | None]]:
    """Everything told of a period as sets of things, checked to be what is told; and whose each thing is."""
    things = list(read_things(spec, documents, year))
    when = YEARS.index(year)
    told: list[frozenset[int]] = [frozenset(range(len(things)))]  # how many there are is told elsewhere
    kept = frozenset(place for place, thing in enumerate(things) if thing[3] is None)
    value = (figure.value, figure.before)[when]
    if value is not None:
        assert value == len(kept)
        told.append(kept)
    for left in figure.left_out:
        count = (left.count, left.before)[when]
        if count is not None:
            those = frozenset(place for place, thing in enumerate(things) if thing[3] == left.reason)
            assert count == len(those)
            told.append(those)
    columns = (*spec.columns, None)
    for row in figure.table.rows if figure.table else ():
        inside = {
            place
            for place, thing in enumerate(things)
            if row[0] in {label(figure, name, year) for name in thing[1]}
        }
        cells = dict(zip(columns, row[1:-1], strict=True)) if when == 0 else {None: row[-1]}
        for column, cell in cells.items():
            those = frozenset(p for p in inside if column is None or things[p][2] == column)
            if cell is not None:
                assert cell == len(those)
                told.append(those)
    return told, [thing[0] for thing in things]


def people_of(things: frozenset[int], owners: list[int | None]) -> int:
    """How many people; all whose person is not known may be one."""
    return len({owners[place] for place in things})


def is_safe(things: frozenset[int], owners: list[int | None]) -> bool:
    return people_of(things, owners) == 0 or people_of(things, owners) >= FEWEST


@pytest.mark.parametrize("seed", SEEDS)
def test_no_difference_gives_a_small_group_back(seed: int) -> None:
    documents = invent(seed)
    figures = make_public(documents)
    for spec in BREAKDOWNS:
        figure = figures[spec.id]
        for year in YEARS:
            told, owners = tell(spec, figure, documents, year)
            everything, *numbers = told
            for each in numbers:
                assert is_safe(each, owners), (spec.id, year)
            if not numbers:
                continue
            for one, other in combinations(set(told), 2):
                smaller, larger = sorted((one, other), key=len)
                if smaller < larger:
                    assert is_safe(larger - smaller, owners), (spec.id, year)
            # Totals less whole sets of rows that have nothing in common.
            for whole in {everything, *(each for each in numbers[:1] if len(each) > 0)}:
                rest = whole
                for each in sorted(numbers, key=len):
                    if each < whole and each <= rest:
                        rest -= each
                        assert is_safe(rest, owners), (spec.id, year)


def test_enough_is_left_to_tell() -> None:
    """Suppressing everything would be safe too."""
    figures = make_public(invent(4))
    shown = [
        cell for figure in figures.values() if figure.table for row in figure.table.rows for cell in row[1:]
    ]
    assert sum(cell is not None for cell in shown) > len(shown) / 4
    assert sum(cell is None for cell in shown) > 5


@pytest.mark.parametrize("seed", SEEDS)
def test_numbers_of_people_are_multiples_of_five(seed: int) -> None:
    figures = make_public(invent(seed))
    for name in ("personnes", "personnes_par_mois"):
        figure = figures[name]
        assert figure.table
        told = [figure.value, figure.before, *(cell for row in figure.table.rows for cell in row[1:])]
        assert all(cell is None or cell % 5 == 0 for cell in told)
        assert all(left.count in (None, 0) for left in figure.left_out)
    hours = figures["temps_hebdomadaire"].table
    assert hours
    assert [row[1] for row in hours.rows] == [None, None, None]


def test_rounding() -> None:
    counts = (0, 1, 4, 5, 7, 8, 12, 13)
    assert [round_people(count) for count in counts] == [0, None, None, 5, 5, 10, 10, 15]


def test_crowds() -> None:
    one, other = Crowd(), Crowd()
    for place in (0, 7, 8, 100_000):
        one.add(place)
    other.add(7)
    other.add(9)
    assert (len(one), len(other), len(unite((one, other)))) == (4, 2, 5)
    copied = one.copy()
    copied.add(1)
    assert (len(one), len(copied), len(unite(()))) == (4, 5, 0)


def test_nothing_of_a_dossier_is_in_it(filled: Any) -> None:
    import ds_bridge

    report = ds_bridge.report("cra", year=2025, roster=filled.roster, public=True, config=filled.config)
    text = orjson.dumps(report.to_json()).decode() + report.to_html()
    numbers = filled.table("dossiers")["dossier"].cast(str).to_list()
    assert not [number for number in numbers if number in text]
    people = filled.table("dossiers").drop_nulls("identite_nom")
    names = {f"{first} {last}" for first, last in people.select("identite_prenom", "identite_nom").rows()}
    assert not [name for name in names if name in text]
    assert all("dossiers" not in figure for figure in report.to_json()["figures"])
    assert "n. d." in report.to_html()
