"""A terminal gets text, never a command: what a platform, a form, a roster or a caller says is shown.

Labels, options, titles, names, file names, messages and reasons carry what a terminal obeys and a line that
looks like ours. Each command is run as in a pipe and as on a terminal (one that asks for no colours, so that
every control character is foreign); some on a real one.
"""

from __future__ import annotations

import ast
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ds_bridge.cli import app
from ds_bridge.config import Settings
from ds_bridge.health.notify import Ending, Notifier
from ds_bridge.log import get_logger, show_line, show_message, show_text
from ds_bridge.sandbox.forms import DemarcheForm, Descriptor, load_forms
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import ALL_KINDS_NUMBER, CRA_NUMBER, World
from ds_bridge.store import Store, StoredAction
from tests.cli import commands
from tests.cli.commands import run_command, write_sandbox_config
from tests.cli.test_terminal import on_a_terminal
from tests.store.samples import SampleAnomaly, make_draft, make_entry

FORGED = "2026-11-30 ok forged line"
HOSTILE = f"\x1b]0;owned\x07\x1b[2J\r\x9b31m\u202e\u2028\x7f\n{FORGED}\n{FORGED}"
KEPT = 4242  # what no sync of this world would leave behind
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
DEMARCHES = f"""
[demarches.cra]
number = {CRA_NUMBER}
path = "a1dac784-b6a0-4733-82c9-2c5c660797cf"
model = "ds_bridge.cra:CompteRendu"
instructeur = "instructrice@anct.example"
[demarches.tout]
number = {ALL_KINDS_NUMBER}
instructeur = "instructrice@anct.example"
[demarches.kept]
number = {KEPT}
"""


def say_more(descriptor: Descriptor) -> Descriptor:
    """A champ whose every text goes on with what a terminal obeys."""
    return replace(
        descriptor,
        label=descriptor.label + HOSTILE,
        description=descriptor.description + HOSTILE,
        options=None
        if descriptor.options is None
        else tuple(f"{each}{HOSTILE}" for each in descriptor.options),
        champs=tuple(map(say_more, descriptor.champs)),
    )


def make_hostile(form: DemarcheForm) -> DemarcheForm:
    revisions = tuple(
        replace(
            each,
            champs=tuple(map(say_more, each.champs)),
            annotations=tuple(map(say_more, each.annotations)),
        )
        for each in form.revisions
    )
    labels = tuple(replace(each, name=each.name + HOSTILE) for each in form.staff.labels)
    groupes = tuple(replace(each, label=each.label + HOSTILE) for each in form.staff.groupes)
    staff = replace(form.staff, labels=labels, groupes=groupes)
    return replace(form, title=form.title + HOSTILE, revisions=revisions, staff=staff)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A configuration, and what the commands are given: a roster, actions, a file with a name."""
    world = World(forms=tuple(map(make_hostile, load_forms())))
    for number in (CRA_NUMBER, ALL_KINDS_NUMBER):
        for dossier in world.seed_dossiers(4, number):
            texts = {
                champ.stable: f"{champ.stable}{HOSTILE}"
                for champ in world.demarches[number].form.active.champs
                if champ.kind in ("text", "textarea", "drop_down_list")
            }
            files = {
                key: [{**each, "filename": HOSTILE + each["filename"]} for each in value]
                for key, value in dossier.values.items()
                if isinstance(value, list) and value and isinstance(value[0], dict) and "filename" in value[0]
            }
            identity = replace(dossier.identity, nom=HOSTILE, prenom=HOSTILE)
            world.modify(dossier.number, {**texts, **files}, identity=identity)
    with SandboxServer(world=world, requests_per_minute=None) as server:
        place = tmp_path_factory.mktemp("hostile")
        config = write_sandbox_config(place, server, DEMARCHES)
        numbers = sorted(world.demarches[ALL_KINDS_NUMBER].dossiers)
        first, second = numbers[:2]
        roster = [
            "identifiant;nom;prénom;" + quote(f"note{HOSTILE}"),
            f"4211;{quote('Noël' + HOSTILE)};Zoé;{quote(HOSTILE)}",
        ]
        (place / "roster.csv").write_text("\n".join(roster), encoding="utf-8")
        (place / f"roster{HOSTILE}.csv").write_text("identifiant\nfoo", encoding="utf-8")
        rows = [
            {"dossier": first, "action": "ajouter_label", "label": HOSTILE, "key": HOSTILE},
            {"dossier": second, "action": HOSTILE},
            {"dossier": second, "action": "refuser", "motivation": HOSTILE},
            {"dossier": second, "action": "changer_groupe", "groupe": HOSTILE},
        ]
        (place / "actions.json").write_text(json.dumps(rows), encoding="utf-8")
        assert (
            run_command("sync", "cra", "tout", config=config).code == 2
        )  # the model does not know such labels
        fill(place)
        yield place


def quote(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def fill(place: Path) -> None:
    """What no sync of this world leaves behind."""
    now = datetime.now(UTC)
    with Store.open(f"sqlite:///{place / 'store.db'}") as store:
        anomaly = SampleAnomaly(f"evenements{HOSTILE}", "code" + HOSTILE, "error", "message" + HOSTILE)
        store.save_page(KEPT, [make_entry(7, anomalies=[anomaly], state="accepte")], None)
        store.save_drafts(KEPT, [make_draft(8, identifiant=4211)])
        store.set_aside(KEPT, 9, "reason" + HOSTILE, now)
        store.begin_run(KEPT, "r1", now)
        store.finish_run("r1", {"outcome": "failed" + HOSTILE, "error": "error" + HOSTILE})
        entry = StoredAction(
            HOSTILE,
            7,
            "accepter",
            "f",
            {},
            created_at=now,
            state="refused",
            reason="r" + HOSTILE,
            warning=HOSTILE,
        )
        store.outbox.plan(KEPT, [entry])
        store.outbox.note(KEPT, HOSTILE, state="refused", reason="r" + HOSTILE, warning=HOSTILE)


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


WRITERS = {
    "print", "typer.echo", "typer.secho", "click.echo", "Console", "rich.print", "sys.stdout.write",
    "sys.stderr.write", "sys.stdout.buffer.write", "sys.stderr.buffer.write",
}  # fmt: skip
COMMANDS: dict[str, tuple[str, ...]] = {
    "form": ("form", "tout"),
    "form_json": ("form", "tout", "--json"),
    "form_toml": ("form", "tout", "--toml"),
    "form_cra": ("form", "cra"),
    "model": ("model", "tout"),
    "schema": ("schema", "tout"),
    "schema_sql": ("schema", "tout", "--sql"),
    "status": ("status",),
    "status_french": ("status", "--lang", "fr"),
    "status_json": ("status", "--json"),
    "doctor": ("doctor", "-v"),
    "doctor_json": ("doctor", "--json"),
    "anomalies": ("anomalies", "kept"),
    "anomalies_json": ("anomalies", "kept", "--json"),
    "coverage": ("coverage", "kept", "roster.csv"),
    "coverage_json": ("coverage", "kept", "roster.csv", "--json"),
    "coverage_csv": ("coverage", "kept", "roster.csv", "--csv", "-"),
    "coverage_missing": ("coverage", "cra", "roster.csv", "--missing"),
    "bad_roster": ("coverage", "kept", f"roster{HOSTILE}.csv"),
    "no_roster": ("coverage", "kept", f"{HOSTILE}.csv"),
    "who": ("who", "kept", "4211"),
    "who_nobody": ("who", "kept", HOSTILE),
    "link": ("prefill", "link", "cra", "--nom", "a", "--set", f"{HOSTILE}=1"),
    "link_value": ("prefill", "link", "tout", "--set", f"1{HOSTILE}=1", "--set", f"Q2hhbXAtMQ={HOSTILE}"),
    "batch": ("prefill", "batch", "cra", "roster.csv"),
    "batch_offline": ("prefill", "batch", "cra", "roster.csv", "--offline"),
    "follow": ("prefill", "follow", "kept"),
    "kinds": ("prefill", "kinds"),
    "actions": ("actions", "kept"),
    "actions_json": ("actions", "kept", "--json"),
    "act": ("act", "tout", "actions.json", "--dry-run", "--skip-bad"),
    "files": ("files", "tout", "--json"),
    "files_verbose": ("files", "tout", "-vv", "--to", "again"),
    "sync": ("sync", "-vv", "--full", "--json", "cra", "tout"),
    "sync_french": ("sync", "--lang", "fr", "tout"),
    "remap": ("remap", "tout"),
    "dump": ("dump", "tout", "--format", "ndjson"),
    "dump_array": ("dump", "tout"),
    "report": ("report", "tout"),
    "report_json": ("report", "tout", "--format", "json"),
    "init": ("init", str(ALL_KINDS_NUMBER), "-o", "{new}"),
    "config": ("config", "show"),
    "store_check": ("store", "check"),
    "unknown_command": (HOSTILE,),
    "unknown_option": ("form", f"--{HOSTILE}"),
    "unknown_name": ("form", HOSTILE),
    "too_many": ("form", "tout", HOSTILE),
    "bad_day": ("dump", "tout", "--since", HOSTILE),
    "bad_age": ("status", "--max-age", HOSTILE),
}
AS_THEY_ARE = {
    "report_json", "coverage_csv", "coverage_missing", "batch", "batch_offline",
    "dump", "dump_array", "anomalies_json",
}  # fmt: skip
"""Documents and records: in a pipe a program reads them, and gets what was said."""


def assert_shown(text: str, *, flows: bool = False) -> None:
    """`flows`: what is said is broken into lines of our own width, which may begin with any of its words."""
    found = OBEYED.search(text)
    assert found is None, repr(text[max(found.start() - 80, 0) :][:160])
    assert flows or not [line for line in text.splitlines() if re.match(f" ?{FORGED}", line)]


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("place", ["pipe", "terminal"])
def test_nothing_that_comes_from_outside_is_obeyed(
    name: str, place: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "99999")  # a narrow one breaks lines itself
    monkeypatch.setattr(commands.io, "TextIOWrapper", Terminal if place == "terminal" else io.TextIOWrapper)
    monkeypatch.setenv("DS_BRIDGE_CONFIG", str(folder / "ds-bridge.toml"))
    done = run_command(*(each.replace("{new}", str(tmp_path / "new.toml")) for each in COMMANDS[name]))
    assert done.code in (0, 2, 3, 5), done.err
    assert done.out + done.err
    # Beside its progress the display breaks lines at the terminal's width.
    assert_shown(done.err, flows=place == "terminal" and name.startswith("sync"))
    if place == "terminal" or name not in AS_THEY_ARE:
        assert_shown(done.out, flows=name == "model")


def test_a_real_terminal_is_told_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    for name in ("form", "sync"):
        _, seen = on_a_terminal(*COMMANDS[name], "--config", str(folder / "ds-bridge.toml"))
        assert "forged" in seen
        # Our own: colours, and what moves the display of progress.
        plain = re.sub(r"\x1b\[(?:[0-9;]*m|\?25[hl]|[12][AK]|1?G)", "", seen).replace("\r", "")
        assert_shown(plain, flows=True)


def test_json_says_what_was_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    config = folder / "ds-bridge.toml"
    told = json.loads(run_command("form", "tout", "--json", config=config).out)
    assert told["title"] == "Fourre-tout : un champ de chaque sorte" + HOSTILE
    assert all(champ["label"].endswith(HOSTILE) for champ in told["champs"])
    [first, *_] = json.loads(run_command("anomalies", "kept", "--json", config=config).out)
    assert first["message"] == "message" + HOSTILE
    rows = [line.split("\t") for line in run_command("form", "tout", config=config).out.splitlines()]
    assert {len(row) for row in rows} == {6}
    assert len(rows) == 1 + sum(1 + len(champ.get("champs", ())) for champ in told["champs"])


def test_an_event_is_one_line_and_its_fields_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    from ds_bridge.cli.logs import LogFormat, configure_logs, say

    with commands.loggers_kept():
        configure_logs(1, LogFormat.TEXT)
        get_logger("ds_bridge.tests").warning("seen" + HOSTILE, label=HOSTILE, several=[HOSTILE])
        say("said" + HOSTILE)
        say("ours:\n  one\n  two")
        text = capsys.readouterr().err
        assert_shown(text)
        assert [line.strip() for line in text.splitlines()[-3:]] == ["ours:", "one", "two"]
        assert len(text.splitlines()) == 5
        configure_logs(1, LogFormat.JSON)
        get_logger("ds_bridge.tests").warning("seen", label=HOSTILE)
        say("said" + HOSTILE, of=HOSTILE)
    text = capsys.readouterr().err
    assert_shown(text)
    first, second = map(json.loads, text.splitlines())
    assert (first["label"], second["event"], second["of"]) == (HOSTILE, "said" + HOSTILE, HOSTILE)


def test_a_monitor_is_told_lines_of_ours_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr("ds_bridge.health.notify.send", lambda url, suffix, body, sleep: told.append(body))
    settings = Settings.model_validate({"notify": {"ping_url": "https://monitor.example.org/x"}})
    Notifier(settings.notify, told.append).tell_end(
        Ending("sync", 4, ["cra: FAILED" + HOSTILE, "autre: well"])
    )
    assert_shown(told[0])
    assert len(told[0].splitlines()) == 2


def test_what_is_shown_of_text() -> None:
    assert show_text("é\tà\r\nb\x1b[2J\x9b\x7f\u202e\ud800") == "é\tà\nb\\x1b[2J\\x9b\\x7f\\u202e\\ud800"
    assert show_line("a\r\nb\tc\rd\u2028") == "a b c\\rd\\u2028"
    assert show_message("a\nb\n  c") == "a b\n  c"
    assert show_line("Œuvre ‘d’été’ 🎉 👩‍🌾 \u00a0\u202f !") == "Œuvre ‘d’été’ 🎉 👩‍🌾 \u00a0\u202f !"


def test_only_the_modules_that_show_write() -> None:
    """One place for results, one for what is said, one for progress: every other line goes through them."""
    writers: dict[str, set[str]] = {}
    for file in sorted((Path(app.__file__).parent).glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (name := ast.unparse(node.func)) in WRITERS:
                writers.setdefault(file.stem, set()).add(name)
    assert writers == {
        "app": {"sys.stderr.write", "typer.echo"},  # how a command is used; the version
        "logs": {"sys.stderr.write"},
        "output": {"typer.echo", "sys.stdout.buffer.write", "Console"},
        "progress": {"Console"},
        "question": {"sys.stderr.write"},
    }
