"""`act` and `actions`: the plan, the question, the codes; and the way from anomalies to people."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys

import pytest

from ds_bridge.people.roster import read_roster
from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.store import Store
from tests.cli.commands import run_command, write_sandbox_config

AGENT = "instructrice@anct.example"
DEMARCHES = f'[actions]\nwait_seconds = 0\n[demarches.notes]\nnumber = 99001\ninstructeur = "{AGENT}"\n'
TOTAL, IDENTIFIANT = 3566530, 3566523
CRA = (
    f'[demarches.cra]\nnumber = {CRA_NUMBER}\nmodel = "ds_bridge.cra:CompteRendu"\ninstructeur = "{AGENT}"\n'
)


@pytest.fixture
def server():
    with SandboxServer(seed=5, dossiers=40, requests_per_minute=None) as server:
        yield server


@pytest.fixture
def config(server, tmp_path):
    return write_sandbox_config(tmp_path, server, DEMARCHES + CRA)


@pytest.fixture
def numbers(server):
    kept = server.world.demarches[99001].dossiers.values()
    return [each.number for each in kept if each.state == "en_instruction" and each.groupe == 0]


def write(folder, rows):
    path = folder / "actions.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    return str(path)


def test_the_plan_the_question_and_the_run(config, numbers, tmp_path, server):
    rows = [
        {"dossier": numbers[0], "action": "accepter", "motivation": "Vu"},
        {"dossier": numbers[1], "action": "archiver"},
        {"dossier": numbers[1], "action": "ajouter_label", "label": "Urgent", "key": "urgent"},
    ]
    file = write(tmp_path, rows)
    dry = run_command("act", "notes", file, "--dry-run", config=config)
    assert dry.code == 0
    first, second, third = (line.split() for line in dry.out.splitlines()[1:])
    assert first == ["1", str(numbers[0]), "accepter", "will", "do"]
    assert second[2:7] == ["archiver", "refused", "the", "dossier", "is"]
    assert "Vu" not in dry.out + dry.err
    assert third[2:4] == ["ajouter_label", "will"] or third[3] == "already"
    asked = run_command("act", "notes", file, config=config)
    assert asked.code == 2
    assert "nothing was sent: say --yes to change dossiers without being asked" in asked.err
    assert server.journal.entries("DossierAccepter") == []
    done = run_command("act", "notes", file, "--yes", "--strict", "--json", config=config)
    assert done.code == 5
    assert [each["state"] for each in json.loads(done.out)] == ["done", "refused", "done"]
    assert "2 done, 1 refused, 0 unknown" in done.err
    listed = run_command("actions", "notes", "--json", "--state", "refused", config=config)
    (refused,) = json.loads(listed.out)
    assert (refused["dossier"], refused["action"], refused["tries"]) == (numbers[1], "archiver", 0)
    table = run_command("actions", "notes", "--dossier", str(numbers[0]), config=config)
    assert table.out.splitlines()[1].split()[:4] == [str(numbers[0]), "accepter", "done", "1"]
    assert "Vu" not in table.out
    status = json.loads(run_command("status", "notes", "--json", config=config).out)
    assert status[0]["actions"] == {"done": 2, "refused": 1}


def test_every_column_in_one_file(config, numbers, tmp_path, server):
    (tmp_path / "avis.pdf").write_bytes(b"%PDF-1.4 avis")
    one, two, three, four = numbers[:4]
    columns = (
        "dossier,action,motivation,message,correction,piece,annotation,ligne,value,label,groupe,notify,key"
    )
    lines = [
        f"{one},accepter,Complet,,,avis.pdf,,,,,,false,d-1",
        f"{two},refuser,Hors champ,,,,,,,,,true,d-2",
        f"{three},envoyer_message,,Il manque la date.,incomplete,avis.pdf,,,,,,,m-1",
        f"{four},ajouter_ligne,,,,,Suivi,,,,,,",
        f"{four},modifier_annotations,,,,,Étape,2,Relu,,,,",
        f"{four},modifier_annotations,,,,,700909,,12,,,,",
        f"{four},retirer_label,,,,,,,,Urgent,,,",
        f"{four},ajouter_label,,,,,,,,Urgent,,,",
        f"{four},changer_groupe,,,,,,,,,1139001,,g-1",
    ]
    file = tmp_path / "décisions.csv"
    file.write_text("\n".join([columns, *lines]), encoding="utf-8")
    done = run_command("act", "notes", str(file), "--yes", "--json", config=config)
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert {each["state"] for each in told} == {"done"}
    assert [each["key"] for each in told if not each["key"].startswith("row-")] == [
        "d-1",
        "d-2",
        "m-1",
        "g-1",
    ]
    world = server.world
    held = {number: world.read_instruction(world.dossier(number)) for number in numbers[:4]}
    assert (held[one].motivation, held[one].motivation_file.content) == ("Complet", b"%PDF-1.4 avis")
    assert ((one, "accepte") in world.mails, (two, "refuse") in world.mails) == (False, True)
    message = held[three].messages[-1]
    assert (message.body, message.correction.reason) == ("Il manque la date.", "incomplete")
    assert [file.filename for file in message.files] == ["avis.pdf"]
    assert world.dossier(three).state == "en_construction"
    assert held[four].annotations[700914][1].values == {700915: "Relu"}
    assert (held[four].annotations[700909], 3 in held[four].labels, world.dossier(four).groupe) == (
        12,
        True,
        1,
    )
    again = run_command("act", "notes", str(file), "--yes", config=config)
    assert (again.code, "9 already so" in again.err) == (0, True)


def answer_at_the_question(config, file, answer):
    """The command on a terminal of its own, and what it ends with. `answer`: a line, or a signal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ds_bridge", "act", "notes", file, "--config", str(config)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=config.parent) as process:
        os.close(theirs)
        shown = b""
        while not shown.endswith(b"[y/N]: "):
            shown += os.read(ours, 4096)
        if isinstance(answer, str):
            os.write(ours, answer.encode())
        else:
            process.send_signal(answer)
        with contextlib.suppress(OSError):  # so a terminal says that nobody is there any more
            while part := os.read(ours, 4096):
                shown += part
        process.wait(30)
    os.close(ours)
    return process.returncode, shown.decode()


def test_asked_on_a_terminal(config, numbers, tmp_path, server):
    file = write(tmp_path, [{"dossier": numbers[0], "action": "accepter", "motivation": "Vu"}])
    code, shown = answer_at_the_question(config, file, "n\n")
    assert (code, "1 action: 1 will do" in shown, "Change these dossiers?" in shown) == (0, True, True)
    for sent, ends_with in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        code, shown = answer_at_the_question(config, file, sent)
        assert (code, f"stopped by {sent.name} before anything was sent" in shown) == (ends_with, True)
    assert server.journal.entries("DossierAccepter") == []
    code, shown = answer_at_the_question(config, file, "y\n")
    assert (code, "1 done, 0 refused, 0 unknown, 1 request" in shown) == (0, True)


def test_a_dry_run_as_json_writes_nothing(config, numbers, tmp_path):
    file = write(tmp_path, [{"dossier": numbers[0], "action": "suivre", "key": "k"}])
    dry = run_command("act", "notes", file, "--dry-run", "--json", config=config)
    (line,) = json.loads(dry.out)
    assert (line["key"], line["place"], line["dossier"]) == ("k", 1, numbers[0])
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store:
        assert store.outbox.entries(99001) == []


def test_a_bad_row_sends_nothing_unless_it_may_be_skipped(config, numbers, tmp_path, server):
    rows = [
        {"dossier": numbers[0], "action": "acepter"},
        {"dossier": numbers[0], "action": "ajouter_label", "label": "Urgent"},
        {"dossier": numbers[0], "action": "ajouter_label", "label": "Urgent"},
    ]
    file = write(tmp_path, rows)
    refused = run_command("act", "notes", file, "--yes", config=config)
    assert refused.code == 2
    assert "row 1: action: none of ours, did you mean accepter?" in refused.err
    assert "1 bad row: nothing was sent (--skip-bad leaves them out)" in refused.err
    skipped = run_command("act", "notes", file, "--yes", "--skip-bad", config=config)
    assert skipped.code == 0
    assert "row 3: the same action as row 2: done once" in skipped.err
    assert len(server.journal.entries("DossierAjouterLabel")) <= 1


def test_unknown_and_failing(config, numbers, tmp_path, server):
    file = write(tmp_path, [{"dossier": numbers[0], "action": "changer_groupe", "groupe": "Deuxième groupe"}])
    server.faults.add(Fault(action="drop", operation="DossierChangerGroupeInstructeur", times=1))
    server.faults.add(Fault(action="status", operation="Situation", nth=2))

    assert run_command("act", "notes", file, "--yes", config=config).code == 0
    assert run_command("act", "notes", file, "--yes", config=config).code == 0
    assert len(server.journal.entries("DossierChangerGroupeInstructeur")) == 1
    nothing = run_command("act", "notes", config=config)
    assert nothing.code == 2
    assert "no actions: give a file, or --resume" in nothing.err
    resend = run_command("act", "notes", "--resend", "nowhere", "--yes", config=config)
    assert (resend.code, "no action of this key is unknown" in resend.err) == (2, True)
    assert run_command("act", "notes", "--resume", "--yes", config=config).code == 0


def test_a_token_that_reads_only(config, numbers, tmp_path, server, monkeypatch):
    monkeypatch.setenv("DS_BRIDGE_API__TOKEN", server.world.token("readonly"))
    file = write(tmp_path, [{"dossier": numbers[0], "action": "accepter"}])
    done = run_command("act", "notes", file, "--yes", config=config)
    assert done.code == 3
    assert "the token can only read" in done.err
    assert "actions on the platform: 1 planned" in run_command("status", "notes", config=config).out


def test_a_persons_dossier_is_found_in_the_store(config, tmp_path, server):
    assert run_command("sync", "cra", config=config).code == 0
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store:
        identity = {
            each.number: each.document["identite"]["identifiant"] for each in store.documents(CRA_NUMBER)
        }
    counts = list(identity.values())
    number, identifiant = next(pair for pair in identity.items() if pair[1] and counts.count(pair[1]) == 1)
    rows = [
        {"identifiant": identifiant, "action": "suivre"},
        {"identifiant": 999_999_999, "action": "suivre"},
    ]
    done = run_command("act", "cra", write(tmp_path, rows), "--dry-run", "--skip-bad", config=config)
    assert done.out.splitlines()[1].split()[:3] == ["1", str(number), "suivre"]
    assert "row 2: identifiant: 0 dossiers of the store fit: give the dossier's number" in done.err


def test_from_anomalies_to_people_and_back(config, tmp_path, server):
    """Deposited, inconsistent, told once, corrected, accepted."""
    assert run_command("sync", "cra", config=config).code == 0
    template = tmp_path / "lettre.txt"
    template.write_text("Dossier {dossier} : merci de revoir\n{anomalies}\nCordialement", encoding="utf-8")
    out = tmp_path / "out.csv"
    told = ("anomalies", "cra", "--as-actions", str(template), "-o", str(out))
    assert run_command(*told, config=config).code == 0
    # As act reads them: in the file itself no line of a text can begin with a sign of formulas.
    roster = read_roster(out)
    rows = [dict(zip(roster.headings, map(str, row.cells.values()), strict=True)) for row in roster.rows]
    assert len(rows) > 3
    assert {row["action"] for row in rows} == {"envoyer_message"}
    assert all(f"Dossier {row['dossier']} : merci de revoir\n- " in row["message"] for row in rows)
    assert "n° 1" in " ".join(row["message"] for row in rows)
    done = run_command("act", "cra", str(out), "--yes", config=config)
    assert (done.code, f"{len(rows)} done, 0 refused" in done.err) == (0, True)
    assert run_command(*told, config=config).err.startswith("0 messages, 0 other actions")
    valid = tmp_path / "valid.csv"
    assert run_command("anomalies", "cra", "--accept-valid", "-o", str(valid), config=config).code == 0
    accepted = read_roster(valid)
    accepting = [
        dict(zip(accepted.headings, map(str, row.cells.values()), strict=True)) for row in accepted.rows
    ]
    assert accepting
    told_numbers = {row["dossier"] for row in rows}
    assert not told_numbers & {row["dossier"] for row in accepting}
    done = run_command("act", "cra", str(valid), "--yes", config=config)
    assert done.code == 0
    for row in accepting:
        dossier = server.world.dossier(int(row["dossier"]))
        assert dossier is not None
        assert dossier.state == "accepte"


def test_deposited_inconsistent_told_corrected_accepted(config, tmp_path, server):
    """The loop, command by command; an anomaly that comes back is not told again, another one is."""
    world, folder = server.world, tmp_path
    assert run_command("sync", "cra", config=config).code == 0
    valid = run_command("anomalies", "cra", "--accept-valid", config=config).out.splitlines()[1:]
    models = [world.dossier(int(line.split(";")[0])) for line in valid]
    newest = world.demarches[CRA_NUMBER].form.active.number
    model = next(each for each in models if each.revision == newest)
    draft = world.create_draft(CRA_NUMBER, model.identity, {**model.values, IDENTIFIANT: 4242, TOTAL: 90})
    number = world.deposit(draft.token, "claude@exemple.fr").number
    (folder / "lettre.txt").write_text("Bonjour,\n{anomalies}\nDossier {dossier}.", encoding="utf-8")

    def find(*more):
        """The rows about our dossier."""
        assert run_command("sync", "cra", config=config).code == 0
        out = folder / "actions.csv"
        found = run_command("anomalies", "cra", *more, "-o", str(out), config=config)
        assert found.code == 0, found.err
        roster = read_roster(out)
        rows = [dict(zip(roster.headings, row.cells.values(), strict=True)) for row in roster.rows]
        return [row for row in rows if str(row["dossier"]) == str(number)]

    def act(rows):
        done = run_command("act", "cra", write(folder, rows), "--yes", config=config)
        assert (done.code, f"{len(rows)} done, 0 refused, 0 unknown" in done.err) == (0, True), done.err

    def correct(value, *more):
        world.modify(number, {TOTAL: value, **dict(more)})

    tell = ("--as-actions", str(folder / "lettre.txt"), "--correction", "incomplete")
    assert find("--accept-valid") == []
    (told,) = find(*tell)
    assert (
        told["message"]
        == f"Bonjour,\n- Plus de 60 heures par semaine (temps hebdomadaire, total)\nDossier {number}."
    )
    act([told])
    message = world.read_instruction(world.dossier(number)).messages[-1]
    assert (message.body, message.correction.reason) == (told["message"], "incomplete")
    assert find(*tell) == []
    correct(15)
    assert find(*tell) == []
    correct(90)  # it came back
    assert find(*tell) == find("--accept-valid") == []
    correct(15)
    rows = find("--accept-valid")
    assert [row["action"] for row in rows] == ["passer_en_instruction", "accepter"]
    act(rows)
    assert (world.dossier(number).state, find("--accept-valid")) == ("accepte", [])
    person = [{"identifiant": 4242, "action": "archiver"}]
    act(person)
    assert world.dossier(number).archived


def test_an_unknown_action_is_told_and_waits_for_somebody(config, numbers, tmp_path, server):
    rows = [{"dossier": numbers[0], "action": "envoyer_message", "message": "Secret", "key": "m-1"}]
    file = write(tmp_path, rows)
    server.faults.add(Fault(action="drop", operation="DossierEnvoyerMessage", early=True, times=1))
    server.faults.add(Fault(action="server_error", operation="Situation", nth=2))
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store:
        assert run_command("act", "notes", file, "--yes", config=config).code == 0
        store.outbox.note(99001, "m-1", state="unknown", reason="a message was removed meanwhile")
    told = run_command("act", "notes", file, "--yes", config=config)
    assert (told.code, "1 unknown" in told.err) == (4, True)
    assert "look at the dossier, then --resend m-1, or leave it" in told.out
    listed = json.loads(run_command("actions", "notes", "--state", "unknown", "--json", config=config).out)
    assert [(each["key"], each["reason"]) for each in listed] == [("m-1", "a message was removed meanwhile")]
    assert "1 unknown" in run_command("status", "notes", config=config).out
    again = run_command("act", "notes", "--resend", "m-1", "--yes", config=config)
    assert (again.code, "1 done" in again.err) == (0, True)
    assert sum(each.body == "Secret" for each in world_messages(server, numbers[0])) == 2


def world_messages(server, number):
    return server.world.read_instruction(server.world.dossier(number)).messages


def test_a_template_that_says_nothing(config, tmp_path):
    assert run_command("sync", "cra", config=config).code == 0
    (tmp_path / "vide.txt").write_text("Bonjour", encoding="utf-8")
    for name, said in (("vide.txt", "write {anomalies} where"), ("absent.txt", "cannot be read")):
        result = run_command("anomalies", "cra", "--as-actions", str(tmp_path / name), config=config)
        assert (result.code, said in result.err) == (2, True)
