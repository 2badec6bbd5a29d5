"""The morning line and the status, in French for people who read it; JSON is the same for everybody."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from ds_bridge.errors import PlatformUnavailableError
from ds_bridge.health.tongues import Language, choose_language, describe_rehearsal, describe_run
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.sync import Summary
from ds_bridge.sync.verdict import describe
from tests.cli.commands import run_command, write_sandbox_config

CRA = '[demarches.cra]\nnumber = 82349\nmodel = "ds_bridge.cra:CompteRendu"\n'
BEGAN = dt.datetime(2026, 11, 30, 4, tzinfo=dt.UTC)


def make(**counts: int) -> Summary:
    summary = Summary("cra", 82349, started_at=BEGAN, **counts)
    summary.finish(None, BEGAN + dt.timedelta(days=1, hours=2))
    return summary


@pytest.mark.parametrize(
    ("asked", "environment", "language"),
    [
        ("fr", {"LANG": "en_GB.UTF-8"}, "fr"),
        ("en", {"LANG": "fr_FR.UTF-8"}, "en"),
        (None, {"LANG": "fr_FR.UTF-8"}, "fr"),
        (None, {"LANG": "fr_FR.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        (None, {"LC_MESSAGES": "fr_BE", "LANG": "nl_BE"}, "fr"),
        (None, {}, "en"),
    ],
)
def test_which_language(asked, environment, language) -> None:
    assert choose_language(asked, environment) == language


def test_the_line_in_french() -> None:
    summary = make(created=3, updated=2, deleted=1, restored=2, seen=1, requests=6, invalid=2, set_aside=1)
    summary.resumed = True
    assert describe_run(summary, Language.FR) == (
        "cra : terminé, 3 créés, 2 mis à jour, 2 rétablis, 1 supprimé ; 1 vu, 6 requêtes, 1 j 2 h"
        " ; a repris là où un passage précédent s'était arrêté"
        " ; 2 invalides (voir : ds-bridge anomalies cra) ; 1 écarté (voir : ds-bridge status cra)"
    )
    assert describe_run(summary, Language.EN) == describe(summary)
    assert describe_run(make(), Language.FR) == "cra : terminé, rien de nouveau ; 0 vu, 0 requête, 1 j 2 h"
    assert describe_rehearsal(make(), Language.FR).startswith("à blanc, rien n'a été écrit : cra : terminé")


def test_a_failure_in_french_keeps_the_words_of_its_error() -> None:
    summary = Summary("cra", 82349)
    assert describe_run(summary, Language.FR) == "cra : ÉCHEC, rien de nouveau ; 0 vu, 0 requête"
    summary.finish(PlatformUnavailableError("no answer"), summary.started_at)
    assert describe_run(summary, Language.FR).endswith("0 requête, 0 s : no answer")


def test_commands_speak_french_and_json_does_not(tmp_path, monkeypatch) -> None:
    with SandboxServer(seed=6, dossiers=5, requests_per_minute=None) as server:
        server.faults.poison(max(server.world.demarches[82349].dossiers), "invalid_null")
        config = write_sandbox_config(tmp_path, server, CRA)
        config.chmod(0o600)
        monkeypatch.setenv("LANG", "fr_FR.UTF-8")
        monkeypatch.delenv("LC_ALL", raising=False)
        monkeypatch.delenv("LC_MESSAGES", raising=False)
        said = run_command("sync", config=config).err.splitlines()
        assert said[-1].startswith("cra : terminé, 4 créés ; ")
        logged = json.loads(run_command("sync", "--log-format", "json", config=config).err.splitlines()[-1])
    assert logged["event"].startswith("cra: complete, ")
    told = run_command("status", config=config).out
    assert told.split()[:2] == ["démarche", "numéro"]
    assert "terminé, il y a " in told
    assert "cra : dossier " in told
    assert " écarté, " in told
    english = run_command("status", "--lang", "en", config=config).out
    assert english.split()[:2] == ["démarche", "number"]
    assert "complete, " in english
    [status] = json.loads(run_command("status", "--json", "--lang", "fr", config=config).out)
    assert status["last_run"]["outcome"] == "complete"
    assert run_command("status", "--lang", "de", config=config).code == 2
