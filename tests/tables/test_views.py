"""Views for SQL against the tables they show: the same rows, names and values, on both databases."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from ds_bridge.api.client import Client
from ds_bridge.config import ApiSettings, DemarcheSettings
from ds_bridge.dump import dump_dossiers
from ds_bridge.dump.csv import write_plain
from ds_bridge.form import read_forms
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import Store
from ds_bridge.store.encoding import encode_json
from ds_bridge.store.views import name_view
from ds_bridge.sync import sync_demarche
from ds_bridge.sync.remap import remap_demarche
from ds_bridge.tables import Described, describe
from ds_bridge.tables.layout import Facts
from ds_bridge.tables.views import list_views
from tests.model.generated import generated
from tests.postgres import shared_server

PARIS = ZoneInfo("Europe/Paris")
CRA = DemarcheSettings(number=82349, model="ds_bridge.cra:CompteRendu")
EVERY_KIND = DemarcheSettings(number=99001)
EVENTS = """
SELECT identite_structure_nom AS structure, substr(CAST(date AS text), 1, 7) AS month, count(*) AS events
FROM cra_evenements
GROUP BY 1, 2
"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Two démarches pulled from the sandbox, one without a model."""
    path: Path = tmp_path_factory.mktemp("views") / "store.db"
    url = f"sqlite:///{path}" if request.param == "sqlite" else shared_server().create_database()
    with SandboxServer(seed=3, dossiers=40, requests_per_minute=None) as server, Store.open(url) as store:
        server.world.seed_dossiers(20, EVERY_KIND.number)
        api = ApiSettings(url=server.url, token=SecretStr(server.token), requests_per_minute=10_000)
        with Client(api) as client:
            for name, demarche in (("cra", CRA), ("tout", EVERY_KIND)):
                assert sync_demarche(name, demarche, client, store).error is None
        yield store


def ask(store: Store, query: str) -> list[dict[str, Any]]:
    with store._read() as connection:
        return [dict(row) for row in connection.execute(text(query)).mappings()]


def plain(value: Any) -> Any:
    """A cell of a table or of either database, as SQLite would give it."""
    match value:
        case bool():
            return int(value)
        case Decimal():
            return float(value)
        case dt.datetime():
            local = value if value.tzinfo is None else value.astimezone(PARIS)
            return local.strftime("%Y-%m-%d %H:%M:%S")
        case dt.date():
            return value.isoformat()
        case list():
            return encode_json(write_plain(value)).decode()
        case _:
            return value


def unfold(record: dict[str, Any]) -> dict[str, Any]:
    """A table has the shape of an area as JSON text, in a list of areas; a view has the list as it is."""
    shape = record.get("geometry")
    return record | {"geometry": json.loads(shape)} if isinstance(shape, str) else record


def compare(store: Store, described: Described) -> dict[str, int]:
    """Each view against the rows of its table. Returns their counts."""
    layout = described.layout()
    expected: dict[str, list[dict[str, Any]]] = {table.name: [] for table in layout.tables}
    whole: dict[int, dict[str, Any]] = {}
    for each in store.documents(described.number, also={"row_ids"}):
        for table, cells in layout.split(each.document, Facts(each.number, each.valid, each.row_ids)):
            expected[table].append(cells)
            if table == "dossiers":
                whole[each.number] = cells
    names = {table.name: {column.name for column in table.columns} for table in layout.tables}
    for view in list_views(described):
        order = "dossier" if view.table == "dossiers" else "dossier, position"
        found = ask(store, f'SELECT * FROM "{name_view(described.name, view.table)}" ORDER BY {order}')
        columns = view.name_columns()
        assert len(found) == len(expected[view.table])
        for row, cells in zip(found, expected[view.table], strict=True):
            assert list(row) == [name for name, _ in columns]
            for name, column in columns:
                own = name in names[view.table]
                source = cells if own else whole[cells["dossier"]]
                value = plain(source.get(name.removeprefix("dossier_") if not own else name))
                shown = plain(row[name])
                if column.kind == "list":
                    shown, value = json.loads(shown), json.loads(value or "[]", object_hook=unfold)
                if column.kind == "datetime" and value and value < "1996":
                    continue  # summer time had other rules, which SQLite is not told
                assert shown == value, (view.table, name)
    return {table: len(rows) for table, rows in expected.items()}


def test_views_of_a_model_are_its_tables(store: Store) -> None:
    counts = compare(store, describe(store, "cra", CRA))
    assert list(counts) == ["dossiers", "evenements", "partenariats", "accompagnements", "anomalies"]
    assert min(counts.values()) > 20
    assert store.list_views(82349) == sorted(f"cra_{table}" for table in counts)


def test_events_by_structure_and_month_are_one_group_by(store: Store) -> None:
    out = io.BytesIO()
    dump_dossiers(store, 82349, format="ndjson", out=out)
    counted = Counter(
        (report["identite"]["structure_nom"], event["date"] and event["date"][:7])
        for report in map(json.loads, out.getvalue().splitlines())
        for event in report["evenements"]
    )
    found = {(row["structure"], row["month"]): row["events"] for row in ask(store, EVENTS)}
    assert found == counted
    assert counted.total() > 50


def test_views_without_a_model_and_of_a_generated_one(store: Store) -> None:
    counts = compare(store, describe(store, "tout", EVERY_KIND))
    assert sum(name.startswith("champ_") and count > 20 for name, count in counts.items()) == 2
    form = store.read_form(EVERY_KIND.number)
    assert form is not None
    with generated("tout", *read_forms(form)) as model:
        settings = DemarcheSettings(number=99001, model=f"{model.__module__}:{model.__name__}")
        assert remap_demarche("tout", settings, store).error is None
        again = compare(store, describe(store, "tout", settings))
        assert sorted(again.values()) == sorted(counts.values())
        assert not [view for view in store.list_views(99001) if "champ_" in view]
    assert remap_demarche("tout", EVERY_KIND, store).error is None


def test_nothing_raw_is_in_a_view(store: Store) -> None:
    definitions = ask(store, "SELECT definition FROM published_views")
    assert len(definitions) == 9
    for row in definitions:
        assert "d.raw" not in row["definition"]
        assert ' AS "document"' not in row["definition"]
