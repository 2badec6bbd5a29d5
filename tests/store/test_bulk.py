"""Many rows by one statement: columns are checked, values converted, nothing is sent for nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ds_bridge.store import Store
from ds_bridge.store.bulk import insert_many
from ds_bridge.store.columns import NaiveDatetimeError
from ds_bridge.store.tables import runs
from tests.store.samples import DEMARCHE, NOON
from tests.store.statements import recorded

NAMES = ("run_id", "demarche", "started_at", "summary")


def test_values_are_converted_as_their_columns_say(store: Store) -> None:
    rows = [("a\0b", DEMARCHE, NOON, {"seen": 3, "nom": "Zoé"}), ("c", DEMARCHE, NOON, None)]
    with store._write() as connection:
        insert_many(connection, runs.insert(), NAMES, iter(rows))
        found = connection.execute(select(*(runs.c[name] for name in NAMES)).order_by(runs.c.run_id)).all()
    assert [tuple(row) for row in found] == [("a\ufffdb", *rows[0][1:]), rows[1]]


def test_no_rows_are_no_statement(store: Store) -> None:
    with store._write() as connection, recorded(store) as sent:
        insert_many(connection, runs.insert(), NAMES, [])
    assert sent == []


def test_a_value_that_no_column_takes_writes_nothing(store: Store) -> None:
    rows = [("a", DEMARCHE, NOON, None), ("b", DEMARCHE, NOON.replace(tzinfo=None), None)]
    with pytest.raises(NaiveDatetimeError), store._write() as connection:
        insert_many(connection, runs.insert(), NAMES, rows)
    assert store.last_runs(DEMARCHE) == []


def test_columns_out_of_order_are_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="another order"), store._write() as connection:
        insert_many(connection, runs.insert(), ("demarche", "run_id"), [(1, "a")])
