"""Coverage: by identifier, then by draft; names alone only ever suggest."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ds_bridge.config import DemarcheSettings
from ds_bridge.errors import ConfigurationError
from ds_bridge.people.coverage import ADDED, Coverage, cover
from ds_bridge.people.roster import Roster, read_roster, write_roster
from ds_bridge.store import DossierEntry, Store
from tests.store.samples import DEMARCHE, make_deletion, make_draft, make_entry
from tests.stores import new_sqlite

SETTINGS = DemarcheSettings(number=DEMARCHE, champs={"identifiant": "Q2hhbXAtMw", "nom": "Q2hhbXAtMQ"})
MAY = dt.datetime(2024, 5, 1, 10, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
ROSTER = """nom;prénom;ID CoNum
NOËL;Zoé;4211
Petit;Ana;12
Le Gall;Jean-Pierre;77
Moreau;Luc;
Durand;Eva;12
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(new_sqlite(tmp_path)) as store:
        yield store


def deposit(
    number: int,
    identifiant: object = None,
    nom: str | None = None,
    prenom: str | None = None,
    *,
    day: int = 0,
    document: dict[str, Any] | None = None,
    demandeur: dict[str, Any] | None = None,
) -> DossierEntry:
    identite = {"nom": nom, "prenom": prenom, "identifiant": identifiant}
    entry = make_entry(number, document=document or {"dossier": {"number": number}, "identite": identite})
    raw = entry.raw | ({"demandeur": demandeur} if demandeur else {})
    return replace(entry, deposited_at=MAY + day * DAY, raw=raw)


def read(text: str = ROSTER) -> Roster:
    return read_roster(io.BytesIO(text.encode()))


def run(store: Store, entries: list[DossierEntry], roster: Roster | None = None, **period: Any) -> Coverage:
    store.save_page(DEMARCHE, entries, None)
    return cover(store, "cra", SETTINGS, roster or read(), **period)


def statuses(found: Coverage) -> list[str]:
    return [person.status for person in found.people]


def test_by_the_identifiant_typed_in_the_report(store: Store) -> None:
    found = run(
        store, [deposit(1, 4211, "Autre", "Nom"), deposit(2, "4211", day=3), deposit(3, 99, "Loin", "Tout")]
    )
    assert statuses(found) == ["deposited", "missing", "missing", "missing", "missing"]
    zoe = found.people[0]
    assert [(each.number, each.by) for each in zoe.deposits] == [(1, "identifiant"), (2, "identifiant")]
    assert [each.number for each in found.unmatched] == [3]
    assert found.describe() == (
        "5 people: 1 deposited, 0 possible, 4 missing; 1 dossier of nobody in the roster"
    )


def test_by_the_draft_it_was_made_from_second(store: Store) -> None:
    store.save_drafts(DEMARCHE, [make_draft(1, identifiant=77), make_draft(2, identifiant=77), make_draft(3)])
    found = run(store, [deposit(1, None), deposit(2, 4211), deposit(3, 5)])
    assert [(each.number, each.by) for each in found.people[2].deposits] == [(1, "draft")]
    assert [(each.number, each.by) for each in found.people[0].deposits] == [(2, "identifiant")]
    assert [each.number for each in found.unmatched] == [3]


def test_never_by_name_alone(store: Store) -> None:
    found = run(
        store,
        [
            deposit(1, None, "Noel", "ZOE"),
            deposit(2, 555, "Ana", "Petit"),
            deposit(3, None, "Legal", "Jean Pierre", demandeur={"nom": "Moreau", "prenom": "Luc"}),
            deposit(4, None, "Inconnu", "Total"),
        ],
    )
    assert statuses(found) == ["possible", "possible", "possible", "possible", "missing"]
    assert [[each.number for each in person.possible] for person in found.people] == [[1], [2], [3], [3], []]
    assert all(person.deposits == [] for person in found.people)
    assert [each.number for each in found.unmatched] == [1, 2, 3, 4]


def test_a_dossier_that_is_somebodys_is_no_possible_one_of_another(store: Store) -> None:
    found = run(store, [deposit(1, 77, "NOËL", "Zoé")])
    assert statuses(found) == ["missing", "missing", "deposited", "missing", "missing"]


def test_the_period_has_both_ends(store: Store) -> None:
    entries = [deposit(number, 4211, day=number) for number in range(5)]
    found = run(store, entries, since=MAY + DAY, until=MAY + 3 * DAY)
    assert [each.number for each in found.people[0].deposits] == [1, 2]
    assert statuses(run(store, [], since=MAY + 9 * DAY))[0] == "missing"


def test_a_deleted_report_does_not_count(store: Store) -> None:
    store.save_page(DEMARCHE, [deposit(1, 4211)], None)
    store.save_deletions(DEMARCHE, "deleted", [make_deletion(1, MAY + 30 * DAY)], None)
    assert statuses(run(store, []))[0] == "missing"


def test_what_is_wrong_in_the_roster_is_told(store: Store) -> None:
    store.begin_run(DEMARCHE, "r", MAY)
    store.finish_run("r", {"outcome": "complete"}, MAY)
    found = run(store, [deposit(1, 12), deposit(2, 12)])
    assert statuses(found) == ["missing", "deposited", "missing", "missing", "deposited"]
    assert found.warnings == (
        "as of the last good sync, 2024-05-01T10:00+00:00",
        "1 person without an identifiant that can be read, so nothing is sure: rows 5",
        "2 rows share their identifiant with another: rows 3, 6",
        "2 people deposited more than once: rows 3, 6",
    )
    assert found.people[1].problems == ("ID CoNum: the same stands on row 6",)
    assert found.people[3].problems == ("ID CoNum: empty: it cannot tie the dossier to this person",)


def test_a_demarche_never_synced_is_told(store: Store) -> None:
    assert "never been synced whole" in run(store, []).warnings[0]


@pytest.mark.parametrize(
    "document",
    [
        {"identifiant": 4211},
        {"qui": {"identifiant": "4211 "}},
        {"champs": [{"id": "Q2hhbXAtMg==", "value": 1}, {"id": "Q2hhbXAtMw==", "value": 4211}]},
        {"champs": [{"id": "Q2hhbXAtMw==", "value": "4211"}]},
    ],
)
def test_whatever_the_model_looks_like(store: Store, document: dict[str, Any]) -> None:
    found = run(store, [deposit(1, document={"dossier": {"identifiant": 7}} | document)])
    assert statuses(found)[0] == "deposited"


@pytest.mark.parametrize("value", [True, None, 4211.5, "abc", [4211], "²", "9" * 30])
def test_what_is_no_identifiant(store: Store, value: object) -> None:
    assert run(store, [deposit(1, value)]).unmatched[0].number == 1


def test_a_roster_of_names_only_gives_possible_ones_only(store: Store) -> None:
    found = run(store, [deposit(1, 4211, "Noël", "Zoé")], read("Nom,Prénom\nNoël,Zoé\nPetit,Ana\n"))
    assert statuses(found) == ["possible", "missing"]


def test_a_roster_that_names_nobody(store: Store) -> None:
    with pytest.raises(ConfigurationError, match="no column that says who people are"):
        run(store, [], read("Nom;Structure\nNoël;Mairie\n"))


def test_as_json_and_as_columns_behind_the_roster(store: Store) -> None:
    found = run(store, [deposit(1, 4211), deposit(2, 4211, day=2), deposit(3, None, "Petit", "Ana")])
    person = found.to_json()["people"][0]
    assert person == {
        "row": 2,
        "identifiant": 4211,
        "nom": "NOËL",
        "prenom": "Zoé",
        "status": "deposited",
        "dossiers": [
            {"number": 1, "state": "en_construction", "deposited_at": "2024-05-01T10:00:00+00:00",
             "by": "identifiant"},
            {"number": 2, "state": "en_construction", "deposited_at": "2024-05-03T10:00:00+00:00",
             "by": "identifiant"},
        ],
        "possible": [],
        "problems": [],
    }  # fmt: skip
    assert found.to_json()["counts"] == {"deposited": 1, "possible": 1, "missing": 3, "people": 5}
    out = io.BytesIO()
    write_roster(read(), ((each.row, each.to_cells()) for each in found.people), ADDED, out)
    assert out.getvalue().decode().splitlines()[:3] == [
        "nom;prénom;ID CoNum;status;deposits;dossiers;last_deposited_at;possible;problem",
        'NOËL;Zoé;4211;deposited;2;"1; 2";2024-05-03T10:00:00+00:00;;',
        "Petit;Ana;12;possible;0;;;3;ID CoNum: the same stands on row 6",
    ]


def test_the_labels_of_the_stored_form_name_columns(store: Store) -> None:
    champ = {"__typename": "TextChampDescriptor", "id": "Q2hhbXAtMw==", "label": "Votre numéro d’agent"}
    nom = {"__typename": "TextChampDescriptor", "id": "Q2hhbXAtMQ==", "label": "Nom"}
    revision = {"id": "r", "champDescriptors": [nom, champ]}
    store.save_form(DEMARCHE, "cra", {"number": DEMARCHE, "title": "CRA", "activeRevision": revision})
    mapped = {"dossier": {"number": 1}, "identifiant": 4211}
    found = run(store, [deposit(1, document=mapped)], read("Numéro d'agent;autre\n4211;x\n"))
    assert statuses(found) == ["deposited"]
