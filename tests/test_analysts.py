"""The analysts' guide: its code runs on the sandbox, prints what the page says, and what it says is true.

What is true is counted here another way: from the raw dossiers, by champ id, without the mapping, the tables
or polars.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from ds_bridge.config import DemarcheSettings
from ds_bridge.ids import ChampId
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import Store
from ds_bridge.store.tables import VERSION_TABLE, metadata
from ds_bridge.sync.remap import remap_demarche
from tests.cli.commands import run_command, write_sandbox_config
from tests.postgres import shared_server

PAGE = Path(__file__).parent.parent / "docs" / "analysts.md"
NOTEBOOK, ROSTER = PAGE.with_suffix(".ipynb"), PAGE.with_name("roster.csv")
STEPS = ("start", "pandas", "events", "organisers", "partnerships", "problems", "hours", "missing")
EVENTS, PARTNERSHIPS, SUPPORTS = 3566496, 3566505, 3566513
ROSTER_EXTRA = [(90001, "LE GUEN", "Mairie d'Ys"), (90002, "NOËL", "Hub du Sud")]


def blocks(kind: str, language: str) -> dict[str, str]:
    pattern = rf"<!-- {kind}: (\w+) -->\n\n?```{language}\n(.*?)```"
    return dict(re.findall(pattern, PAGE.read_text(encoding="utf-8"), re.DOTALL))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the page asks for: the sandbox's dossiers in a store, its configuration, a roster."""
    folder = tmp_path_factory.mktemp("analysts")
    with SandboxServer(seed=1, dossiers=200, requests_per_minute=None) as server:
        demarche = '[demarches.cra]\nnumber = 82349\nmodel = "ds_bridge.cra:CompteRendu"\n'
        config = write_sandbox_config(folder, server, demarche, requests_per_minute=10_000)
        assert run_command("sync", "cra", config=config).code == 0
    filed = [
        (each["identifiant"], each["nom"], each["structure"]) for each in map(identity, raw_dossiers(folder))
    ]
    rows = [each for each in filed if each[0] is not None][:50] + ROSTER_EXTRA
    lines = [
        "identifiant,nom,structure",
        *(f'{number},"{nom}","{structure}"' for number, nom, structure in rows),
    ]
    assert ROSTER.read_text(encoding="utf-8") == "\n".join(lines) + "\n"
    shutil.copy(ROSTER, folder)
    return folder


@pytest.fixture(scope="module")
def printed(folder: Path) -> dict[str, str]:
    """What each step prints, one after the other as in a notebook."""
    code = blocks("python", "python")
    assert tuple(code) == STEPS
    namespace: dict[str, Any] = {}
    outputs = {}
    with contextlib.chdir(folder):
        for step, text in code.items():
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(text, f"analysts.md: {step}", "exec"), namespace)
            outputs[step] = out.getvalue()
    namespace["store"].close()
    return outputs


def raw_dossiers(folder: Path) -> Iterator[dict[str, Any]]:
    with Store.open(f"sqlite:///{folder / 'store.db'}") as store:
        yield from (each.raw for each in store.dossiers(82349))


def find(champs: list[dict[str, Any]], number: int) -> dict[str, Any]:
    found = (champ for champ in champs if ChampId.parse(champ["champDescriptorId"]).stable == number)
    return next(found, {})


def rows_of(raw: dict[str, Any], block: int) -> list[list[dict[str, Any]]]:
    return [row["champs"] for row in find(raw["champs"], block).get("rows", [])]


def identity(raw: dict[str, Any]) -> dict[str, Any]:
    number = find(raw["champs"], 3566523).get("integer")
    return {
        "identifiant": int(number) if number else None,
        "nom": find(raw["champs"], 3566491).get("value") or "",
        "structure": find(raw["champs"], 3566521).get("value") or "",
    }


@pytest.mark.parametrize("step", STEPS)
def test_the_page_shows_what_is_printed(printed: dict[str, str], step: str) -> None:
    assert blocks("printed", "text")[step] == printed[step]


def test_events_by_month_and_kind(printed: dict[str, str], folder: Path) -> None:
    counted: Counter[str | None] = Counter()
    plausible = total = 0
    for raw in raw_dossiers(folder):
        for row in rows_of(raw, EVENTS):
            total += 1
            date = find(row, 3566501).get("date")
            if date and "2020-01-01" <= date <= raw["dateDepot"][:10]:
                plausible += 1
                if date.startswith("2024-03"):
                    counted[find(row, 3566499).get("value")] += 1
    *lines, last = printed["events"].splitlines()
    assert last == f"{plausible} of {total} events have a plausible date"
    assert total > plausible > 300
    found = {
        (None if kind == "None" else kind): int(count)
        for _, count, kind in (line.split(" ", 2) for line in lines)
    }
    assert found == counted
    assert {line[:7] for line in lines} == {"2024-03"}


def test_organisers(printed: dict[str, str], folder: Path) -> None:
    events: Counter[str] = Counter()
    reports: dict[str, set[int]] = {}
    for raw in raw_dossiers(folder):
        for row in rows_of(raw, EVENTS):
            for organiser in find(row, 3566498).get("values", []):
                events[organiser] += 1
                reports.setdefault(organiser, set()).add(raw["number"])
    lines = [
        re.fullmatch(r" *(\d+) events in +(\d+) reports  (.+)", line)
        for line in printed["organisers"].splitlines()
    ]
    found = {line[3]: (int(line[1]), int(line[2])) for line in lines if line}
    assert found == {name: (count, len(reports[name])) for name, count in events.items()}
    assert list(found.values()) == sorted(found.values(), key=lambda each: -each[0])


def test_partnerships_by_nature(printed: dict[str, str], folder: Path) -> None:
    counted: Counter[str] = Counter()
    silent = total = 0
    for raw in raw_dossiers(folder):
        for row in rows_of(raw, PARTNERSHIPS):
            natures = find(row, 3566508).get("values") or []
            counted.update(natures)
            silent += not natures
            total += 1
    *first, last = printed["partnerships"].splitlines()
    assert last == f"{silent} of {total} do not say"
    lines = [line.strip().split("  ", 1) for line in first]
    assert {nature: int(count) for count, nature in lines} == counted
    assert counted.total() > 300


def test_problems(printed: dict[str, str], folder: Path) -> None:
    counted: Counter[tuple[str, bool]] = Counter()
    told: Counter[str] = Counter()
    for raw in raw_dossiers(folder):
        for row in rows_of(raw, SUPPORTS):
            target = find(row, 3566514).get("value") or ""
            for problem in find(row, 3566525).get("values", []):
                told[problem] += 1
                if target:
                    counted[problem, "structure" in target] += 1
    lines = [re.fullmatch(r" *(\d+) +(\d+)  (.+)", line) for line in printed["problems"].splitlines()]
    assert len(lines) == 5
    for line in lines:
        assert line
        assert (int(line[1]), int(line[2])) == (counted[line[3], True], counted[line[3], False])
    most = sum(
        counted[problem, kind] for problem in [line[3] for line in lines if line] for kind in (True, False)
    )
    best = sorted((counted[problem, True] + counted[problem, False] for problem in told), reverse=True)
    assert most == sum(best[:5])


def test_hours(printed: dict[str, str], folder: Path) -> None:
    totals, splits, left_out = [], [], 0
    for raw in raw_dossiers(folder):
        total, communication, animation = (
            int(value) if (value := find(raw["champs"], number).get("integer")) else None
            for number in (3566530, 3811708, 3811709)
        )
        split = find(raw["champs"], 3811707).get("checked")
        wrong = [
            total is not None and total > 60,
            None not in (total, communication, animation)
            and total != (communication or 0) + (animation or 0),
            bool(split) and None in (communication, animation),
        ]
        if any(wrong):
            left_out += 1
            continue
        totals += [total] if total is not None else []
        splits += [communication] if communication is not None else []
    assert printed["hours"].splitlines() == [
        f"{len(totals)} reports: {sum(totals) / len(totals):.2f} hours of communication and animation",
        f"{len(splits)} give the split: {sum(splits) / len(splits):.2f} hours of communication alone",
        f"{left_out} reports left out",
    ]
    assert left_out > 3


def test_who_has_not_filed(printed: dict[str, str]) -> None:
    *lines, last = printed["missing"].splitlines()
    assert lines == [" ".join(map(str, each)) for each in ROSTER_EXTRA]
    assert last == "2 of 52 have not filed"


@pytest.fixture(scope="module")
def databases(folder: Path) -> dict[str, str]:
    """The store, and its copy on PostgreSQL, by the language of its queries."""
    source = f"sqlite:///{folder / 'store.db'}"
    target = shared_server().create_database()
    with Store.open(source) as store, Store.open(target) as copy:
        store.copy_to(copy, lambda copied: None)
        settings = DemarcheSettings(number=82349, model="ds_bridge.cra:CompteRendu")
        assert remap_demarche("cra", settings, copy).changed == 0
    return {"sql": source, "postgresql": target}


@pytest.fixture(params=["sql", "postgresql"])
def answers(request: pytest.FixtureRequest, databases: dict[str, str]) -> dict[str, list[tuple[Any, ...]]]:
    """What each query of the page gives, on one database."""
    queries = blocks("sql", "sql") | (blocks("postgresql", "sql") if request.param == "postgresql" else {})
    engine = create_engine(databases[request.param])
    with engine.connect() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE roster (identifiant text, nom text, structure text)"))
        for row in csv.DictReader(ROSTER.read_text(encoding="utf-8").splitlines()):
            connection.execute(text("INSERT INTO roster VALUES (:identifiant, :nom, :structure)"), row)
        plain = connection.execution_options(no_parameters=True)
        found = {
            name: [tuple(row) for row in plain.exec_driver_sql(query)] for name, query in queries.items()
        }
    engine.dispose()
    return found


def test_sql_says_the_same(
    printed: dict[str, str], answers: dict[str, list[tuple[Any, ...]]], folder: Path
) -> None:
    *shown, last = printed["events"].splitlines()
    assert {
        f"{month} {count} {kind}" for month, kind, count in answers["month"] if month == "2024-03"
    } == set(shown)
    assert f"{sum(count for _, _, count in answers['month'])} of " == last[: last.index(" of") + 4]
    organisers = [
        f"{count:4} events in {told:3} reports  {name}" for name, count, told in answers["organisers"]
    ]
    assert organisers == printed["organisers"].splitlines()
    natures = [f"{count:4}  {name}" for name, count in answers["partnerships"]]
    assert natures == printed["partnerships"].splitlines()[:-1]
    problems = {
        f"{structures:4} {mediateurs:4}  {name}" for name, structures, mediateurs in answers["problems"]
    }
    assert set(printed["problems"].splitlines()) <= problems
    [(reports, hours, splits, of_communication)] = answers["hours"]
    assert printed["hours"].splitlines()[:2] == [
        f"{reports} reports: {hours:.2f} hours of communication and animation",
        f"{splits} give the split: {of_communication:.2f} hours of communication alone",
    ]
    assert [" ".join(row) for row in answers["missing"]] == printed["missing"].splitlines()[:-1]
    counted: Counter[tuple[str | None, str | None]] = Counter()
    for raw in raw_dossiers(folder):
        for row in rows_of(raw, EVENTS):
            date = find(row, 3566501).get("date")
            counted[identity(raw)["structure"] or None, date and date[:7]] += 1
    assert {(structure, month): count for structure, month, count in answers["structures"]} == counted


def test_the_account_of_a_dashboard_reads_the_views_and_nothing_else(databases: dict[str, str]) -> None:
    owner = create_engine(databases["postgresql"], isolation_level="AUTOCOMMIT")
    role = blocks("role", "sql")["reader"]
    with owner.connect() as connection:
        for statement in role.split(";")[:-1]:
            connection.exec_driver_sql(statement)
        try:
            reader = create_engine(databases["postgresql"].replace("tester@", "metabase@"))
            with reader.connect() as theirs:
                views = re.findall(r"cra_\w+", role)
                counts = {
                    view: theirs.exec_driver_sql(f"SELECT count(*) FROM {view}").scalar() for view in views
                }
            assert counts["cra_dossiers"] == 200
            assert min(counts.values()) > 100
            for statement in (
                "SELECT raw FROM dossiers",
                "SELECT token FROM drafts",
                "SELECT definition FROM published_views",
                "UPDATE cra_dossiers SET state = 'accepte'",
                "CREATE TABLE mine (one integer)",
            ):
                with (
                    reader.connect() as theirs,
                    pytest.raises(DBAPIError, match=r"permission denied|read-only"),
                ):
                    theirs.exec_driver_sql(statement)
            reader.dispose()
        finally:
            connection.exec_driver_sql("DROP OWNED BY metabase; DROP ROLE metabase")
    owner.dispose()


def test_the_roster_and_the_notebook_are_those_of_the_page(folder: Path, printed: dict[str, str]) -> None:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    cells = {cell["id"]: cell for cell in notebook["cells"] if cell["cell_type"] == "code"}
    code = blocks("python", "python")
    assert list(cells)[: len(code)] == list(code)
    for step, source in code.items():
        assert "".join(cells[step]["source"]) == source.rstrip("\n")
    assert not any(cell["outputs"] for cell in cells.values())


def test_the_notebook_runs(folder: Path, printed: dict[str, str]) -> None:
    """In a kernel, as Jupyter does it; its cells print what the page says."""
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the kernel's libraries say of each other is theirs
        nbclient.NotebookClient(
            notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
        ).execute()
    cells = {cell["id"]: cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code"}
    for step in STEPS:
        assert "".join(output.get("text", "") for output in cells[step]) == printed[step]
    shown = [cells[step][0]["data"] for step in ("show-store", "show-dossiers", "show-report")]
    assert [data["text/html"].split("<caption>")[1].split("</caption>")[0] for data in shown] == [
        "démarches",
        "cra: Compte-rendu d&#x27;activité (CRA) - Conseiller numérique coordinateur, 200 dossiers",
        "CompteRendu, dossier 17204311",
    ]
    assert shown[2]["text/plain"] == printed["start"].splitlines()[-1]


@pytest.fixture(scope="module")
def datasette(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The real Datasette, as the page starts it, on a backup of the store."""
    pytest.importorskip("datasette", reason="datasette is not installed")
    served = tmp_path_factory.mktemp("datasette") / "ds-bridge.db"
    assert run_command("store", "backup", str(served), config=folder / "ds-bridge.toml").code == 0
    before = served.read_bytes()
    [line] = re.findall(r"^datasette .*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    arguments = line.replace("/srv/datasette/ds-bridge.db", str(served)).split()[1:]
    command = [sys.executable, "-m", "datasette", "serve", *arguments, "--port", "0"]
    process = subprocess.Popen(
        command, cwd=PAGE.parent.parent, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    with process:
        assert process.stderr is not None
        found = next(filter(None, (re.search(r"running on (http://\S+)", said) for said in process.stderr)))
        reader = threading.Thread(target=process.stderr.read)  # a full pipe would stop it
        reader.start()
        with httpx.Client(base_url=found[1], timeout=60) as client:
            yield client
        process.terminate()
        reader.join(30)
    assert served.read_bytes() == before


def test_datasette_shows_the_views_with_their_facets(datasette: httpx.Client, folder: Path) -> None:
    reports = list(raw_dossiers(folder))
    assert datasette.get("/").status_code == 200
    assert "Events by structure and month" in datasette.get("/ds-bridge").text
    page = datasette.get("/ds-bridge/cra_evenements")
    assert page.status_code == 200
    assert "facet" in page.text
    told = datasette.get("/ds-bridge/cra_dossiers.json?_shape=objects").json()
    assert len(told["rows"]) == 100
    states = {each["value"]: each["count"] for each in told["facet_results"]["state"]["results"]}
    assert states == Counter(raw["state"] for raw in reports)
    events = datasette.get("/ds-bridge/cra_evenements.json?_facet_size=max").json()
    organisers = {
        each["value"]: each["count"] for each in events["facet_results"]["organisateurs"]["results"]
    }
    assert organisers == Counter(
        organiser
        for raw in reports
        for row in rows_of(raw, EVENTS)
        for organiser in find(row, 3566498).get("values", [])
    )
    some = datasette.get("/ds-bridge/cra_evenements.json?state=accepte&_shape=objects&_size=max").json()
    assert {row["state"] for row in some["rows"]} == {"accepte"}


def test_datasette_answers_the_questions_and_shuts_what_is_ours(
    datasette: httpx.Client, folder: Path
) -> None:
    told = json.loads((PAGE.parent / "datasette.json").read_text(encoding="utf-8"))["databases"]["ds-bridge"]
    queries = blocks("sql", "sql")
    with contextlib.closing(sqlite3.connect(folder / "store.db")) as connection:
        for name, query in told["queries"].items():
            assert query["sql"] == queries[name].strip().rstrip(";")
            rows = datasette.get(f"/ds-bridge/{name}.json?_shape=arrays").json()["rows"]
            assert [tuple(row) for row in rows] == connection.execute(query["sql"]).fetchall()
            assert datasette.get(f"/ds-bridge/{name}").status_code == 200
    for table in (*metadata.tables, VERSION_TABLE):
        assert datasette.get(f"/ds-bridge/{table}.json").status_code == 403, table
    assert datasette.get("/ds-bridge.json?sql=select+raw+from+dossiers").status_code == 403
    assert datasette.get("/ds-bridge.db").status_code in (403, 404)


def test_the_commands_of_the_page_run(folder: Path, tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    key = tmp_path / "pseudonyms.key"
    key.write_text("0123456789abcdef" * 4)
    config = tmp_path / "ds-bridge.toml"
    config.write_text(
        f'[store]\nurl = "sqlite:///{folder / "store.db"}"\n[dump]\npseudonym_key_file = "pseudonyms.key"\n'
        '[demarches.cra]\nnumber = 82349\nmodel = "ds_bridge.cra:CompteRendu"\n'
    )
    commands = re.findall(r"ds-bridge ((?:dump|schema) cra[^`\n]*)", text)
    assert len(commands) >= 6
    with contextlib.chdir(tmp_path):
        for command in commands:
            done = run_command(*command.split(), config=config)
            assert done.code == 0, f"{command}\n{done.err}"
            if (tmp_path / "cra").is_dir():
                json.loads((tmp_path / "cra" / "columns.json").read_text(encoding="utf-8"))
