"""Views for SQL users: names, columns, live dossiers only, made again only when they differ."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text

from ds_bridge.errors import StoreError
from ds_bridge.store import Store
from ds_bridge.store.views import fit_name
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


@pytest.mark.parametrize("block", ["rows", "evenements"])
def test_somebody_elses_table_or_view_is_not_touched(store: Store, block: str) -> None:
    with store._write() as connection:
        connection.exec_driver_sql("CREATE VIEW block_evenements AS SELECT 1 AS one")
    with pytest.raises(StoreError, match=f"'block_{block}' cannot be made"):
        store.publish_views(DEMARCHE, "block", {block: FIELDS})
    assert select(store, "SELECT * FROM block_evenements") == [{"one": 1}]
