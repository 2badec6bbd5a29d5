"""Reports on wrong input: rosters of other people, dossiers that nobody can read."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ds_bridge
from ds_bridge.config import Settings
from ds_bridge.cra.figures import FIGURES
from ds_bridge.errors import ConfigurationError
from ds_bridge.report import Chapter, Figure, Setting
from ds_bridge.report.filed import find, find_number
from ds_bridge.report.gather import UNREADABLE, Gatherer
from ds_bridge.report.general import declare_general
from ds_bridge.report.make import Request
from ds_bridge.report.period import Period
from ds_bridge.store import Store, StoredDocument
from tests.report.conftest import Filled

PERIOD = Period.of_year(2025)


@pytest.fixture
def copied(filled: Filled, tmp_path: Path) -> Filled:
    """The same, to be written."""
    shutil.copytree(filled.folder, tmp_path / "copied")
    return Filled(tmp_path / "copied", tmp_path / "copied" / "ds-bridge.toml")


def read(documents: list[dict[str, Any]]) -> Iterator[StoredDocument]:
    return (
        StoredDocument(number, True, json.dumps(document), None, None)
        for number, document in enumerate(documents, start=1)
    )


def figures_of(chapters: tuple[Chapter, ...]) -> dict[str, Figure]:
    return {figure.id: figure for chapter in chapters for figure in chapter.figures}


def test_a_roster_that_matches_nobody(filled: Filled, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("identifiant,nom\n800001,A\n800002,B\n,C\n", encoding="utf-8")
    report = ds_bridge.report("cra", year=2025, roster=roster, config=filled.config)
    assert report.notes == (
        "Aucun identifiant de la liste des postes ne se retrouve dans les comptes rendus de la période :"
        " vérifiez que cette liste est la bonne.",
    )
    table = report.figures["personnes"].table
    assert table
    assert [row[1] for row in table.rows] == [3, 0, 3]
    public = ds_bridge.report("cra", year=2025, roster=roster, public=True, config=filled.config)
    assert public.notes == ()


def test_a_roster_of_other_structures(filled: Filled, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("identifiant,structure_identifiant\n1,800000\n", encoding="utf-8")
    report = ds_bridge.report("cra", for_="structure", id=87, year=2025, roster=roster, config=filled.config)
    assert report.notes[-1] == "La liste des postes fournie ne contient personne qui relève de ce rapport."


def test_dossiers_set_aside_and_a_walk_never_finished(copied: Filled) -> None:
    with Store.open(copied.settings.store.url) as store:
        store.set_aside(82349, 17, "timeout", dt.datetime.now(dt.UTC))
    assert ds_bridge.report("cra", year=2025, config=copied.config).notes == (
        "1 dossier(s) que la plateforme n'a pas su donner manquent à ce rapport ; la période de leur dépôt"
        " n'est pas connue.",
    )
    forget_runs(copied.settings)
    report = ds_bridge.report("cra", year=2025, config=copied.config)
    assert report.as_of is None
    assert report.notes[0].startswith("La collecte des dossiers n'est jamais allée à son terme")
    assert "collecte jamais terminée" in report.to_html()


def forget_runs(settings: Settings) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(settings.store.url.removeprefix("sqlite:///"))) as database:
        database.execute("DELETE FROM runs")
        database.commit()


def test_dossiers_that_cannot_be_read() -> None:
    header = {"number": 3, "state": "accepte", "date_depot": "2025-02-01T10:00:00+01:00"}
    documents = [
        {"dossier": {**header, "date_depot": "bientôt"}, "anomalies": []},
        {"dossier": None, "anomalies": []},
        {"dossier": header, "identite": {"identifiant": True}, "anomalies": []},
        {"dossier": {**header, "date_depot": "2019-02-01T10:00:00+01:00"}, "identite": {}, "anomalies": []},
    ]
    setting = Setting(PERIOD, PERIOD.before)
    found = figures_of(Gatherer(FIGURES, setting, {3: 4211}).gather(read(documents), FIGURES.programme))
    deposits = found["depots"]
    assert (deposits.value, list(deposits.dossiers)) == (1, [3])
    assert [(left.reason, left.count, list(left.dossiers)) for left in deposits.left_out] == [
        (UNREADABLE, 2, [1, 2])
    ]
    assert found["personnes"].value == 1  # by its draft


def test_without_a_roster_names_are_those_that_were_filed() -> None:
    header = {"state": "accepte", "date_depot": "2025-02-01T10:00:00+01:00"}
    earlier = {"state": "accepte", "date_depot": "2024-02-01T10:00:00+01:00"}
    identity = {"identifiant": 7, "nom": "NOËL", "prenom": "Zoé", "structure_identifiant": 87}
    documents = [
        {"dossier": header, "identite": identity, "anomalies": []},
        {"dossier": earlier, "identite": identity, "partenariats": [{"nom": "Hub"}], "anomalies": []},
    ]
    setting = Setting(PERIOD, PERIOD.before, person_name=FIGURES.person_name)
    gatherer = Gatherer(FIGURES, setting, {}, structure=87)
    found = figures_of(gatherer.gather(read(documents), FIGURES.structures))
    people = found["liste_personnes"].table
    assert people
    assert people.rows == ((7, "Zoé NOËL", 1, "1er février 2025"),)
    assert found["liste_partenaires"].value == 0


def test_places_in_a_document() -> None:
    assert find({"a": 1}, ("a", "b")) is None
    assert find({"a": {"b": 2}}, ()) is None
    numbers = [find_number({"n": value}, ("n",)) for value in (True, 7, " 08 ", "7.5", "9" * 30, None)]
    assert numbers == [None, 7, 8, None, None, None]


def test_nobody_else_is_a_report_for() -> None:
    with pytest.raises(ConfigurationError, match="one of programme, structure, personne"):
        Request(audience="departement").check()  # type: ignore[arg-type]  # what Python lets through


def test_delays_until_instruction(filled: Filled) -> None:
    """Told where the démarche asks for its traitements."""
    from ds_bridge.health.status import open_existing
    from ds_bridge.tables import describe

    with open_existing(filled.settings) as store:
        declared = declare_general(describe(store, "tout", filled.settings.demarche("tout")))
    header = {"number": 1, "state": "accepte", "date_depot": "2025-02-01T10:00:00+01:00"}
    steps = [
        {"event": "depose", "date_traitement": "2025-02-01T10:00:00+01:00"},
        {"event": "passe_en_instruction", "date_traitement": "2025-02-03T22:00:00+01:00"},
        {"event": "passe_en_instruction", "date_traitement": "2025-03-03T22:00:00+01:00"},
    ]
    documents = [{"dossier": header, "champs": [], "traitements": steps, "anomalies": []}]
    found = figures_of(
        Gatherer(declared, Setting(PERIOD, PERIOD.before), {}).gather(read(documents), declared.programme)
    )
    table = found["delais"].table
    assert table
    assert table.rows[1] == ("Passage en instruction", 1, 2.5, 2.5, 2.5, None)
