"""Views for SQL users: names, columns, live dossiers only, made again only when they differ."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from ds_bridge.store import Store
from ds_bridge.store.tables import published_views
from ds_bridge.store.view_columns import View, ViewColumn, fit_name
from ds_bridge.store.views import name_view
from tests.store.samples import DEMARCHE, SampleRow, at, make_deletion, make_entry, make_views
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
    store.publish_views(DEMARCHE, "cra", make_views({"evenements": FIELDS, "partenariats": ["nom"]}))
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
    store.publish_views(DEMARCHE, "cra", make_views({"evenements": FIELDS, "partenariats": ["nom"]}))
    with recorded(store) as sent:
        store.publish_views(DEMARCHE, "cra", make_views({"evenements": FIELDS, "partenariats": ["nom"]}))
    assert not [statement for statement in sent if "VIEW" in statement]
    with recorded(store) as sent:
        store.publish_views(DEMARCHE, "cra", make_views({"evenements": FIELDS, "accompagnements": ["cible"]}))
    changes = [statement.split(" AS ")[0] for statement in sent if " VIEW " in statement]
    assert changes == ['DROP VIEW "cra_partenariats"', 'CREATE VIEW "cra_accompagnements"']


def test_a_view_somebody_dropped_is_made_again(store: Store) -> None:
    store.publish_views(DEMARCHE, "cra", make_views({"evenements": FIELDS}))
    with store._write() as connection:
        connection.exec_driver_sql("DROP VIEW cra_evenements")
    store.publish_views(DEMARCHE, "cra", make_views({"evenements": FIELDS}))
    assert select(store, "SELECT * FROM cra_evenements") == []


def test_a_changed_view_has_its_new_columns(store: Store) -> None:
    store.save_page(DEMARCHE, [make_entry(2, rows=make_rows())], None)
    store.publish_views(DEMARCHE, "cra", make_views({"evenements": ["nom"]}))
    store.publish_views(DEMARCHE, "cra", make_views({"evenements": ["date", "nom"]}))
    rows = select(store, "SELECT * FROM cra_evenements WHERE position = 0")
    assert rows == [{"dossier": 2, "state": "en_construction", "position": 0, "date": None, "nom": "L'été"}]


def test_a_name_that_moves_to_another_demarche_takes_its_view_along(store: Store) -> None:
    store.save_page(7, [make_entry(2, rows=make_rows())], None)
    store.publish_views(DEMARCHE, "cra", make_views({"evenements": FIELDS}))
    store.publish_views(7, "cra", make_views({"evenements": FIELDS}))
    assert len(select(store, "SELECT * FROM cra_evenements")) == 2
    store.publish_views(DEMARCHE, "old", make_views({}))
    assert len(select(store, "SELECT * FROM cra_evenements")) == 2


def test_names_are_data_never_sql(store: Store) -> None:
    fields = ['a"b', "a'b", "a%b", "a:b", "é è", "a;--", "a\\b", "$.x", "dossier", "Dossier_", "a.b[0]"]
    data = {field: position for position, field in enumerate(fields)}
    block = "bl\"o'c%k:1;--"
    store.save_page(DEMARCHE, [make_entry(1, rows=[SampleRow(block, 0, None, data)])], None)
    store.publish_views(DEMARCHE, "my 'cra'", make_views({block: fields}))
    store.publish_views(DEMARCHE, "my 'cra'", make_views({block: fields}))
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
    store.publish_views(DEMARCHE, "cra", make_views(blocks))
    store.publish_views(DEMARCHE, "cra", make_views(blocks))
    assert len(select(store, "SELECT name FROM published_views")) == 2


@pytest.mark.parametrize("block", ["theirs", "evenements"])
def test_somebody_elses_table_or_view_is_not_touched(store: Store, block: str) -> None:
    with store._write() as connection:
        connection.exec_driver_sql("CREATE VIEW block_evenements AS SELECT 1 AS one")
        connection.exec_driver_sql("CREATE TABLE block_theirs (one INTEGER)")
    views = make_views({block: FIELDS, "partenariats": ["nom"]})
    assert store.publish_views(DEMARCHE, "block", views) == [f"block_{block}"]
    assert store.list_views(DEMARCHE) == ["block_partenariats"]
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
            store.publish_views(number, demarche, make_views({block: ["nom"]}))
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
    store.publish_views(DEMARCHE, "a", make_views({"b_c": ["nom"]}))
    with store._write() as connection:  # as it was made before
        definition = connection.execute(text("SELECT definition FROM published_views")).scalar_one()
        connection.execute(text(f'DROP VIEW "{new}"'))
        before = definition.replace(new, old)
        connection.exec_driver_sql(before)
        connection.execute(published_views.update().values(name=old, definition=before))
        if connection.dialect.name != "sqlite":
            connection.exec_driver_sql(f'GRANT SELECT ON "{old}" TO PUBLIC')
    store.publish_views(DEMARCHE, "a", make_views({"b_c": ["nom"]}))
    assert store.list_views(DEMARCHE) == [new]
    assert select(store, f'SELECT nom FROM "{new}"') == [{"nom": "Hub"}]
    with store._read() as connection:
        if connection.dialect.name != "sqlite":
            query = text("SELECT has_table_privilege('public', :view, 'SELECT')")
            assert connection.execute(query, {"view": new}).scalar_one()
    with recorded(store) as sent:
        store.publish_views(DEMARCHE, "a", make_views({"b_c": ["nom"]}))
    assert not [statement for statement in sent if "VIEW" in statement]


KINDS = {
    "integer": ("12", "-9007199254740993", "douze", "99999999999999999999"),
    "decimal": ("1.5", "2e3", "un"),
    "boolean": ("true", "false", "oui"),
    "date": ("2024-02-29", "2023-02-29", "0000-01-01", "hier"),
    "datetime": ("2024-03-31T00:59:59+00:00", "2024-03-31T03:00:00+02:00", "2024-13-01T10:00:00Z", "tard"),
}
READ = {
    "integer": [12, -9007199254740993, None, None],
    "decimal": [1.5, 2000, None],
    "boolean": [True, False, None],
    "date": [dt.date(2024, 2, 29), None, None, None],
    "datetime": ["2024-03-31 01:59:59", "2024-03-31 03:00:00", "None", "None"],
}


def test_postgresql_gives_real_types_and_null_for_what_is_not_of_the_type(store: Store) -> None:
    texts = [{kind: KINDS[kind][at] for kind in KINDS if at < len(KINDS[kind])} for at in range(4)]
    rows = [SampleRow("evenements", position, None, data) for position, data in enumerate(texts)]
    store.save_page(DEMARCHE, [make_entry(1, rows=rows)], None)
    columns = tuple(ViewColumn(kind, kind, "data", (kind,)) for kind in KINDS)
    store.publish_views(DEMARCHE, "cra", [View("evenements", columns, "evenements")])
    found = select(store, "SELECT * FROM cra_evenements")
    assert len(found) == 4
    if store._engine.dialect.name == "postgresql":
        for row in found:
            row["datetime"] = str(row["datetime"])  # the time in Paris, with no offset
        assert {kind: [row[kind] for row in found][: len(KINDS[kind])] for kind in KINDS} == READ
    else:
        assert [row["datetime"] for row in found[:2]] == ["2024-03-31 01:59:59", "2024-03-31 03:00:00"]


def test_what_was_granted_stays_when_a_view_is_made_again(store: Store) -> None:
    granting = store._engine.dialect.name != "sqlite"  # SQLite has no accounts
    store.publish_views(DEMARCHE, "cra", make_views({"evenements": ["nom"]}))
    if granting:
        with store._write() as connection:
            connection.exec_driver_sql("GRANT SELECT ON cra_evenements TO PUBLIC")
            connection.exec_driver_sql("GRANT SELECT (nom, state) ON cra_evenements TO PUBLIC")
    store.publish_views(DEMARCHE, "cra", make_views({"evenements": ["date"]}))
    assert select(store, "SELECT date FROM cra_evenements") == []
    if granting:
        query = "SELECT has_table_privilege('public', 'cra_evenements', 'SELECT') AS granted"
        assert select(store, query) == [{"granted": True}]
        own = "SELECT attname FROM pg_attribute WHERE attacl IS NOT NULL AND attname IN ('nom', 'state')"
        assert select(store, own) == [{"attname": "state"}]


def test_a_view_that_others_are_made_of_stays_and_is_told(store: Store) -> None:
    store.publish_views(DEMARCHE, "cra", make_views({"evenements": ["nom"], "partenariats": ["nom"]}))
    with store._write() as connection:
        connection.exec_driver_sql("CREATE VIEW mine AS SELECT nom FROM cra_evenements")
    left = store.publish_views(
        DEMARCHE, "cra", make_views({"evenements": ["date"], "partenariats": ["date"]})
    )
    assert select(store, "SELECT date FROM cra_partenariats") == []
    if store._engine.dialect.name == "sqlite":  # a view there may be made of nothing
        assert left == []
        return
    assert left == ["cra_evenements"]
    assert select(store, "SELECT nom FROM cra_evenements") == []
    assert store.publish_views(DEMARCHE, "cra", make_views({"partenariats": ["date"]})) == ["cra_evenements"]
    with store._write() as connection:
        connection.exec_driver_sql("DROP VIEW mine")
    assert store.publish_views(DEMARCHE, "cra", make_views({"partenariats": ["date"]})) == []
    assert store.list_views(DEMARCHE) == ["cra_partenariats"]


def test_postgresql_says_what_columns_mean(store: Store) -> None:
    column = ViewColumn("nom", "text", "data", ("nom",), "Nom de l'événement, 100 %")
    view = View("evenements", (column,), "evenements", label="ÉVÉNEMENT")
    store.publish_views(DEMARCHE, "cra", [view])
    with recorded(store) as sent:
        store.publish_views(DEMARCHE, "cra", [replace(view, columns=(replace(column, meaning="Nom"),))])
    changes = [statement for statement in sent if statement.startswith(("CREATE", "DROP", "COMMENT"))]
    if store._engine.dialect.name == "sqlite":
        assert changes == []
        return
    assert changes == [
        """COMMENT ON VIEW "cra_evenements" IS 'ÉVÉNEMENT'""",
        """COMMENT ON COLUMN "cra_evenements"."nom" IS 'Nom'""",
    ]
    query = "SELECT col_description('cra_evenements'::regclass, 1) AS told"
    assert select(store, query.replace(":", "\\:")) == [{"told": "Nom"}]
