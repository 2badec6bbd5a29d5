"""Every command on its good way: results on stdout, the rest on stderr."""

import json
import stat
from urllib.parse import parse_qs, urlsplit

NAME = "Noël & Cie #1 + 50% « O'Brien » 😀"


def test_version_and_help(command):
    assert command("--version").stdout == "ds-bridge 0.1.0\n"
    listed = command("--help").stdout
    for name in ("demo", "sandbox", "form", "sync", "dump", "prefill"):
        assert name in listed


def test_a_link_is_a_url_and_nothing_else(configured):
    done = configured(
        "prefill", "link", "cra", "--nom", NAME, "--identifiant", "4211",
        "--set", "Q2hhbXAtMzU2NjUyMA===a=b",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    query = parse_qs(urlsplit(done.stdout.strip()).query)
    assert done.stdout.count("\n") == 1
    assert query == {
        "identite_nom": [NAME],
        "champ_Q2hhbXAtMzU2NjQ5MQ": [NAME],
        "champ_Q2hhbXAtMzU2NjUyMw": ["4211"],
        "champ_Q2hhbXAtMzU2NjUyMA": ["a=b"],
    }


def test_the_form_as_a_table_and_as_json(configured):
    table = configured("form", "cra")
    assert table.returncode == 0, table.stderr
    line = next(line for line in table.stdout.splitlines() if "Q2hhbXAtMzU2NjQ5MQ" in line)
    assert "text" in line
    assert "nom" in line
    form = json.loads(configured("form", "cra", "--json").stdout)
    by_feed = {feed: champ for champ in form["champs"] for feed in champ["feeds"]}
    assert form["number"] == 82349
    assert by_feed["identifiant"]["id"] == "Q2hhbXAtMzU2NjUyMw"
    assert by_feed["evenements_choix"]["label"] == "Je"
    rows = {feed: champ for champ in by_feed["evenements"]["champs"] for feed in champ["feeds"]}
    assert rows["evenements.type"]["options"][-1] == "Autre"


def test_sync_then_dump(configured):
    synced = configured("sync", "--json")
    assert synced.returncode == 0, synced.stderr
    [summary] = json.loads(synced.stdout)
    assert list(summary) == [
        "name", "number", "outcome", "resumed", "requests", "pages", "seen", "created", "updated",
        "unchanged", "deleted", "restored", "set_aside", "invalid", "comparison", "not_proven",
        "misfits", "started_at", "finished_at", "error",
    ]  # fmt: skip
    assert (summary["name"], summary["outcome"], summary["created"]) == ("cra", "complete", summary["seen"])
    assert "cra: complete" in synced.stderr
    mode = stat.S_IMODE((configured.folder / "cra.db").stat().st_mode)
    assert mode == 0o600

    array = json.loads(configured("dump", "cra").stdout)
    lines = [json.loads(line) for line in configured("dump", "cra", "--format", "ndjson").stdout.splitlines()]
    assert array == lines
    assert len(array) == summary["created"]
    assert [each["dossier"]["number"] for each in array] == sorted(
        each["dossier"]["number"] for each in array
    )

    raw = json.loads(configured("dump", "cra", "--raw").stdout)
    assert [node["number"] for node in raw] == [each["dossier"]["number"] for each in array]
    assert raw[0]["champs"][0]["__typename"] == "ExplicationChamp"

    accepted = json.loads(configured("dump", "cra", "--state", "accepte").stdout)
    assert {each["dossier"]["state"] for each in accepted} == {"accepte"}
    middle = sorted(each["dossier"]["date_derniere_modification"][:10] for each in array)[15]
    since = json.loads(configured("dump", "cra", "--since", middle).stdout)
    assert 0 < len(since) < len(array)

    file = configured.folder / "out.json"
    written = configured("dump", "cra", "-o", str(file))
    assert (written.stdout, json.loads(file.read_text())) == ("", array)


def test_a_second_sync_changes_nothing(configured):
    configured("sync")
    [summary] = json.loads(configured("sync", "--json", "cra").stdout)
    assert (summary["created"], summary["updated"]) == (0, 0)
    assert summary["seen"] == summary["unchanged"]


def test_the_demo_goes_the_whole_way(command):
    done = command("demo", DS_BRIDGE_API__URL="http://127.0.0.1:9", DS_BRIDGE_API__TOKEN="elsewhere")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["dossier"]["prefilled"] is True
    assert report["identite"] == {
        "nom": "NOËL",
        "prenom": "Zoé",
        "identifiant": 4211,
        "email": "zoe.noel@example.org",
        "structure_nom": "Mairie d’Évry & Cie",
        "structure_identifiant": 87,
    }
    assert [each["nom"] for each in report["evenements"]] == [
        "Forum de l’inclusion numérique",
        "Café numérique #3",
    ]
    assert [each["cible"] for each in report["accompagnements"]] == ["structure", "mediateur"]
    assert report["temps_hebdomadaire"] == {"total": 5, "communication": 3, "animation": 2}
    assert report["anomalies"] == []
    assert "ds-bridge-demo.db" in done.stderr
    again = command("demo", "--folder", "nowhere")
    assert (again.returncode, again.stderr) == (2, "ds-bridge: no folder at 'nowhere'\n")
