"""Logs as JSON: every line an object that says whose run it is; nothing of anybody in what is printed."""

import json
import re

import pytest

from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.store import Store
from tests.cli.commands import write_sandbox_config

CRA = f'[demarches.cra]\nnumber = {CRA_NUMBER}\nmodel = "ds_bridge.cra:CompteRendu"\n'
AUTRE = "[demarches.autre]\nnumber = 99001\n"
WORDS = {"Autre", "autre", "false"}  # a démarche's name, and JSON itself


@pytest.fixture
def eventful():
    """A night with a bit of everything: a poison dossier, a 429, a timeout, a drop, a deletion."""
    with SandboxServer(seed=9, dossiers=60) as server:
        numbers = sorted(server.world.demarches[CRA_NUMBER].dossiers)
        server.faults.poison(numbers[5], "invalid_null")
        server.faults.add(Fault(action="limit", reset_seconds=1, nth=2))
        server.faults.add(Fault(action="timeout", operation="DossiersPage", nth=3))
        server.faults.add(Fault(action="drop", operation="DeletedDossiersPage", nth=1))
        server.world.delete(numbers[7])
        yield server


def collect_content(store):
    """Every text and number a person gave, in every stored dossier, whatever its place."""
    found = set()

    def walk(value, key=""):
        if isinstance(value, dict):
            for inner_key, inner in value.items():
                walk(inner, inner_key)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, key)
        elif key in {"value", "stringValue", "values", "email", "nom", "prenom", "filename", "url", "siret"}:
            found.update(line for line in str(value or "").splitlines())

    for number in (CRA_NUMBER, 99001):
        for dossier in store.dossiers(number):
            walk({key: dossier.raw.get(key) for key in ("champs", "annotations", "demandeur", "usager")})
            walk(dossier.document.get("identite"))
    return {text for text in found if len(text) >= 5} - WORDS


def run_and_read(command, server, *options):
    command.config = write_sandbox_config(command.folder, server, CRA + AUTRE, page_size=20, attempts=3)
    done = command("sync", *options)
    assert done.returncode == 0, done.stderr
    with Store.open(f"sqlite:///{command.folder / 'store.db'}") as store:
        return done, collect_content(store)


def assert_no_content(printed, content, server):
    assert len(content) > 300
    assert server.token not in printed
    assert not re.search(r"[\w.+-]+@[\w-]+\.\w+", printed)
    assert [text for text in content if re.search(rf"(?<!\w){re.escape(text)}(?!\w)", printed)] == []


def test_every_line_is_an_object_of_a_run(command, eventful):
    done, content = run_and_read(command, eventful, "-vv", "--log-format", "json", "--full", "--json")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert {tuple(event)[:3] for event in events} == {("timestamp", "level", "event")}
    assert {event["demarche"] for event in events} == {"cra", "autre"}
    assert len({event["run"] for event in events}) == 2
    assert all(len(event["run"]) == 32 for event in events)
    by_name = {event["event"]: event for event in events}
    assert {"request", "page stored", "asking again", "dossier set aside", "run complete"} <= set(by_name)
    assert {"page", "dossiers", "requests"} <= set(by_name["page stored"])
    waits = {event["reason"]: event["wait_seconds"] for event in events if event["event"] == "asking again"}
    assert {"RateLimitedError", "NetworkError"} <= set(waits)
    assert waits["RateLimitedError"] >= 0
    lines = [event for event in events if event["event"].startswith(("cra: ", "autre: "))]
    assert [(event["demarche"], event["level"], event["exit_code"]) for event in lines] == [
        ("cra", "info", 0), ("autre", "info", 0),
    ]  # fmt: skip
    assert [each["set_aside"] for each in json.loads(done.stdout)] == [1, 0]
    assert_no_content(done.stdout + done.stderr, content, eventful)


def test_text_tells_no_more(command, eventful):
    done, content = run_and_read(command, eventful, "-vv")
    assert "page stored" in done.stderr
    assert done.stdout == ""
    assert_no_content(done.stderr, content, eventful)


def test_quiet_by_default(command):
    with SandboxServer(seed=9, dossiers=10) as server:
        command.config = write_sandbox_config(command.folder, server, CRA)
        done = command("sync")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [done.stderr.strip()]
    assert done.stderr.startswith("cra: complete, 10 created; 10 seen, ")


def test_an_error_is_an_event_too(command):
    command.config.write_text("[demarches.cra]\nnumber = 1\n")
    done = command("dump", "crb", "--log-format", "json")
    [line] = done.stderr.splitlines()
    event = json.loads(line)
    assert (done.returncode, event["level"]) == (2, "error")
    assert event["event"].startswith("ds-bridge: no démarche named 'crb'")
    plain = command("dump", "crb")
    assert plain.stderr == event["event"] + "\n"
