"""The analysts' guide: its code runs on the sandbox, prints what the page says, and what it says is true.

What is true is counted here another way: from the raw dossiers, by champ id, without the mapping, the tables
or polars.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ds_bridge.ids import ChampId
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import Store
from tests.cli.commands import run_command, write_sandbox_config

PAGE = Path(__file__).parent.parent / "docs" / "analysts.md"
STEPS = ("start", "events", "organisers", "partnerships", "problems", "hours", "missing")
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
    (folder / "roster.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
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


def test_sql_says_the_same(printed: dict[str, str], folder: Path) -> None:
    queries = blocks("sql", "sql")
    with contextlib.closing(sqlite3.connect(folder / "store.db")) as connection:
        organisers = connection.execute(queries["organisers"]).fetchall()
        months = connection.execute(queries["month"]).fetchall()
    assert [f"{count:4} events in {told:3} reports  {name}" for name, count, told in organisers] == printed[
        "organisers"
    ].splitlines()
    counted: Counter[tuple[str, str | None]] = Counter()
    for raw in raw_dossiers(folder):
        for row in rows_of(raw, EVENTS):
            date = find(row, 3566501).get("date")
            if date and dt.date.fromisoformat(date).strftime("%Y-%m") == "2024-03":
                counted[date[:7], find(row, 3566499).get("value")] += 1
    assert {(month, kind): count for month, kind, count in months} == counted


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
