"""Views for SQL users: names, columns, live dossiers only, made again only when they differ."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text

from ds_bridge.errors import StoreError
from ds_bridge.store import Store
from ds_bridge.store.tables import published_views
from ds_bridge.store.views import fit_name, name_view
from tests.store.samples import DEMARCHE, SampleRow, at, make_deletion, make_entry
from tests.store.statements import recorded

FIELDS = ["nom", "organisateurs", "date"]


def select(store: Store, query: str) -> list[dict[str, Any]]:
    with store._read() as connection:
        return [dict(row) for row in connection.execute(text(query)).mappings()]


def make_rows() -> list[SampleRow]:
    return [
        SampleRow(
            "evenements", 0, "a", {"nom": "L'été", "organisateurs": ["Une, (commune)", "b"], "date": None}
        ),
        SampleRow("evenements", 1, "b", {"nom": "Salon", "organisateurs": []}),
        SampleRow("partenariats", 0, "c", {"nom": "Hub"}),
    ]


def test_a_view_has_a_column_a_field_and_a_line_a_row(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(2, rows=make_rows(), state="accepte"), make_entry(1)], None)
    store.save_page(7, [make_entry(3)], None)
    store.save_deletions(DEMARCHE, "deleted", [make_deletion(1, at(1))], None)
    store.publish_views(DEMARCHE, "cra", {"evenements": FIELDS, "partenariats": ["nom"]})
    rows = select(store, "SELECT * FROM cra_evenements ORDER BY dossier, position")
    assert list(rows[0]) == ["dossier", "state", "position", "nom", "organisateurs", "date"]
    lists = [json.loads(row.pop("organisateurs")) for row in rows]
    assert lists == [["Une, (commune)", "b"], []]
    assert rows == [
        {"dossier": 2, "state": "accepte", "position": 0, "nom": "L'été", "date": None},
        {"dossier": 2, "state": "accepte", "position": 1, "nom": "Salon", "date": None},
    ]
    assert select(store, "SELECT nom FROM cra_partenariats") == [{"nom": "Hub"}]


def test_views_are_made_again_only_when_they_differ(store: Store) -> None:
    store.publish_views(DEMARCHE, "cra", {"evenements": FIELDS, "partenariats": ["nom"]})
    with recorded(store) as sent:
        store.publish_views(DEMARCHE, "cra", {"evenements": FIELDS, "partenariats": ["nom"]})
    assert not [statement for statement in sent if "VIEW" in statement]
    with recorded(store) as sent:
        store.publish_views(DEMARCHE, "cra", {"evenements": FIELDS, "accompagnements": ["cible"]})
    changes = [statement.split(" AS ")[0] for statement in sent if " VIEW " in statement]
    assert changes == ['DROP VIEW "cra_partenariats"', 'CREATE VIEW "cra_accompagnements"']


def test_a_view_somebody_dropped_is_made_again(store: Store) -> None:
    store.publish_views(DEMARCHE, "cra", {"evenements": FIELDS})
    with store._write() as connection:
        connection.exec_driver_sql("DROP VIEW cra_evenements")
    store.publish_views(DEMARCHE, "cra", {"evenements": FIELDS})
    assert select(store, "SELECT * FROM cra_evenements") == []


def test_a_changed_view_has_its_new_columns(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(2, rows=make_rows())], None)
    store.publish_views(DEMARCHE, "cra", {"evenements": ["nom"]})
    store.publish_views(DEMARCHE, "cra", {"evenements": ["date", "nom"]})
    rows = select(store, "SELECT * FROM cra_evenements WHERE position = 0")
    assert rows == [{"dossier": 2, "state": "en_construction", "position": 0, "date": None, "nom": "L'été"}]


def test_a_name_that_moves_to_another_demarche_takes_its_view_along(store: Store) -> None:
    store.save_page(7, [make_entry(2, rows=make_rows())], None)
    store.publish_views(DEMARCHE, "cra", {"evenements": FIELDS})
    store.publish_views(7, "cra", {"evenements": FIELDS})
    assert len(select(store, "SELECT * FROM cra_evenements")) == 2
    store.publish_views(DEMARCHE, "old", {})
    assert len(select(store, "SELECT * FROM cra_evenements")) == 2


def test_names_are_data_never_sql(store: Store) -> None:
    fields = ['a"b', "a'b", "a%b", "a:b", "é è", "a;--", "a\\b", "$.x", "dossier", "Dossier_", "a.b[0]"]
    data = {field: position for position, field in enumerate(fields)}
    block = "bl\"o'c%k:1;--"
    store.save_page(DEMARCHE, [make_entry(1, rows=[SampleRow(block, 0, None, data)])], None)
    store.publish_views(DEMARCHE, "my 'cra'", {block: fields})
    store.publish_views(DEMARCHE, "my 'cra'", {block: fields})
    quoted = '"' + f"my 'cra'_{block}".replace('"', '""') + '"'
    with store._read() as connection:
        driver = connection.execution_options(no_parameters=True)
        (row,) = driver.exec_driver_sql(f"SELECT * FROM {quoted}").all()
    assert [int(value) for value in row[3:]] == list(range(len(fields)))


def test_a_long_name_is_cut_and_stays_distinct(store: Store) -> None:
    long = "é" * 60
    assert len(fit_name(long + "a").encode()) <= 63
    assert fit_name(long + "a") != fit_name(long + "b")
    blocks = {long + "a": [long + "x", long + "y"], long + "b": ["nom"]}
    store.publish_views(DEMARCHE, "cra", blocks)
    store.publish_views(DEMARCHE, "cra", blocks)
    assert len(select(store, "SELECT name FROM published_views")) == 2


@pytest.mark.parametrize("block", ["theirs", "evenements"])
def test_somebody_elses_table_or_view_is_not_touched(store: Store, block: str) -> None:
    with store._write() as connection:
        connection.exec_driver_sql("CREATE VIEW block_evenements AS SELECT 1 AS one")
        connection.exec_driver_sql("CREATE TABLE block_theirs (one INTEGER)")
    with pytest.raises(StoreError, match=f"'block_{block}' cannot be made"):
        store.publish_views(DEMARCHE, "block", {block: FIELDS})
    assert select(store, "SELECT * FROM block_evenements") == [{"one": 1}]


MEETING = [
    [("recrutement", "coordinateur_missions"), ("recrutement_coordinateur", "missions")],
    [("a", "b__c"), ("a__b", "c"), ("a_", "b_c"), ("a", "_b_c"), ("a_b", "_c"), ("a_", "_b_c")],
    [("cra", "atelier"), ("CRA", "atelier"), ("cra", "Atelier"), ("Cra", "ATELIER")],
    [("b" * 40, "c" * 40), ("b" * 40, "c" * 41), ("b" * 41, "c" * 39)],
    [("block", "rows"), ("published", "views"), ("sqlite", "master"), ("pg", "class")],
]


@pytest.mark.parametrize("names", MEETING)
def test_views_of_names_that_would_meet_stand_side_by_side(
    store: Store, names: list[tuple[str, str]]
) -> None:
    for number, (_, block) in enumerate(names, 1):
        row = SampleRow(block, 0, "a", {"nom": str(number)})
        store.save_page(number, [make_entry(number, rows=[row])], None)
    for _ in range(2):
        for number, (demarche, block) in enumerate(names, 1):
            store.publish_views(number, demarche, {block: ["nom"]})
    for number, (demarche, block) in enumerate(names, 1):
        view = name_view(demarche, block)
        assert store.list_views(number) == [view]
        assert len(view.encode()) <= 63
        assert view == view.lower()
        assert select(store, f'SELECT nom FROM "{view}"') == [{"nom": str(number)}]
    with store._read() as connection:
        assert connection.execute(text("SELECT count(*) FROM published_views")).scalar_one() == len(names)


def test_plain_names_are_plain_and_the_same_on_every_database() -> None:
    assert name_view("cra", "evenements") == "cra_evenements"
    assert name_view("recrutement", "coordinateur_missions") == "recrutement__coordinateur_missions"
    assert name_view("recrutement_coordinateur", "missions") == "recrutement_coordinateur__missions"
    assert name_view("CRA", "evenements").startswith("cra_evenements___")
    assert name_view("block", "rows").startswith("block_rows___")
    assert name_view("sqlite", "master").startswith("v_sqlite_master___")


def test_a_view_of_an_older_version_takes_its_new_name_and_keeps_what_was_granted(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(1, rows=[SampleRow("b_c", 0, "a", {"nom": "Hub"})])], None)
    new, old = name_view("a", "b_c"), "a_b_c"
    store.publish_views(DEMARCHE, "a", {"b_c": ["nom"]})
    with store._write() as connection:  # as it was made before
        definition = connection.execute(text("SELECT definition FROM published_views")).scalar_one()
        connection.execute(text(f'DROP VIEW "{new}"'))
        before = definition.replace(new, old)
        connection.exec_driver_sql(before)
        connection.execute(published_views.update().values(name=old, definition=before))
        if connection.dialect.name != "sqlite":
            connection.exec_driver_sql(f'GRANT SELECT ON "{old}" TO PUBLIC')
    store.publish_views(DEMARCHE, "a", {"b_c": ["nom"]})
    assert store.list_views(DEMARCHE) == [new]
    assert select(store, f'SELECT nom FROM "{new}"') == [{"nom": "Hub"}]
    with store._read() as connection:
        if connection.dialect.name != "sqlite":
            query = text("SELECT has_table_privilege('public', :view, 'SELECT')")
            assert connection.execute(query, {"view": new}).scalar_one()
    with recorded(store) as sent:
        store.publish_views(DEMARCHE, "a", {"b_c": ["nom"]})
    assert not [statement for statement in sent if "VIEW" in statement]
