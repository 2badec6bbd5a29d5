"""Ten revisions in two years: every dossier maps, every change is told, nothing filed is lost."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from typing import Annotated, Literal

import pytest

from ds_bridge.api.client import Client
from ds_bridge.config import ApiSettings, DemarcheSettings
from ds_bridge.form import read_forms
from ds_bridge.health.doctor.drift import check_form
from ds_bridge.health.doctor.findings import Finding
from ds_bridge.mapping import DomainModel, champ
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import FormCheck, Store
from ds_bridge.sync import Summary, sync_demarche
from tests.health.doctor import decade
from tests.model.generated import generated
from tests.stores import new_sqlite

DEMARCHE = DemarcheSettings(number=decade.NUMBER, champs=decade.NAMED)
UNREADABLE = 1


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(world=decade.make_world(), requests_per_minute=None) as server:
        yield server


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    with Store.open(new_sqlite(tmp_path)) as store:
        yield store


def make_client(server: SandboxServer) -> Client:
    return Client(ApiSettings(url=server.url, token=server.token))


def run_sync(server: SandboxServer, store: Store, demarche: DemarcheSettings = DEMARCHE) -> Summary:
    with make_client(server) as client:
        summary = sync_demarche("bilan", demarche, client, store)
    assert summary.error is None
    return summary


def ask_form(server: SandboxServer) -> dict:
    with make_client(server) as client:
        return client.form_document(decade.NUMBER)


def changes_of(findings: list[Finding]) -> list[tuple[str | None, str, str]]:
    return [
        (finding.champ, finding.details["change"], finding.verdict)
        for finding in findings
        if "change" in finding.details
    ]


def expected_document(step: int) -> dict:
    values = decade.write_values(step)
    row = values[decade.ACTIONS][0].values
    agents = values[decade.AGENTS]
    return {
        "structure_nom": values[decade.NOM],
        "structure_identifiant": values[decade.IDENTIFIANT],
        "sorte": values[decade.SORTE],
        "email": values.get(decade.EMAIL),
        "debut": values.get(decade.DEBUT) or values.get(decade.DEBUT_TEXTE),
        "agents": None if step == UNREADABLE else int(agents),
        "actions": [
            {
                "intitule": row[decade.INTITULE],
                "heures": row[decade.HEURES],
                "publics": row.get(decade.PUBLICS, []),
            }
        ],
    }


def test_dossiers_of_every_revision_map_with_nothing_but_names(server, store):
    summary = run_sync(server, store)
    assert (summary.outcome, summary.created, summary.invalid) == ("complete", 10, 1)
    for step, dossier in enumerate(store.dossiers(decade.NUMBER)):
        document = dict(dossier.document)
        assert document.pop("dossier")["number"] == 1001 + step
        anomalies = document.pop("anomalies")
        assert document == expected_document(step)
        found = [(each["path"], each["code"], each["severity"]) for each in anomalies]
        assert found == ([("agents", "kind_changed", "error")] if step == UNREADABLE else [])


def test_the_model_that_is_written_from_the_form_keeps_every_value(server, store):
    """The champ that is gone too, which no name of the configuration can reach."""
    active, others = read_forms(ask_form(server))
    with generated("bilan", active, others) as model:
        path = f"{model.__module__}:{model.__name__}"
        summary = run_sync(server, store, DemarcheSettings(number=decade.NUMBER, model=path))
        assert (summary.created, summary.invalid) == (10, 0)
        for step, dossier in enumerate(store.dossiers(decade.NUMBER)):
            kept = set(flatten(dossier.document))
            filed = set(flatten(list(decade.write_values(step).values())))
            assert filed - kept - {str(value) for value in kept} == set(), step


def flatten(value) -> Iterator[object]:
    if hasattr(value, "values") and not isinstance(value, dict):
        value = value.values  # a row of the sandbox
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from flatten(item)
    else:
        yield value


def test_every_change_is_told(server):
    findings = list(check_form("bilan", DEMARCHE, ask_form(server), None))
    assert {finding.subject for finding in findings} == {"bilan"}
    assert changes_of(findings) == [
        ("structure_nom", "label", "ok"),
        ("structure_identifiant", "label", "ok"),
        ("structure_identifiant", "required", "ok"),
        ("sorte", "options", "ok"),
        ("sorte", "options", "ok"),
        ("email", "added", "ok"),
        ("debut", "replaced", "ok"),
        ("agents", "kind", "warning"),
        ("actions", "label", "ok"),
        ("actions.publics", "added", "ok"),
    ]
    texts = {(finding.champ, finding.details.get("change")): finding.found for finding in findings}
    assert texts["structure_nom", "label"] == (
        'the label changed from "Nom de la structure" to "Nom de la structure employeuse"'
        " (the revision of 2024-03-23)"
    )
    assert texts["debut", "replaced"] == (
        'the champ 4 "Date de début" (text) was replaced by 14 "Date de début" (date)'
        " (the revision of 2025-01-17)"
    )
    assert texts["agents", "kind"] == (
        '"Nombre d\'agents": the kind changed from text to integer_number, under the same id'
        " (the revision of 2025-04-02)"
    )
    options = [finding.found for finding in findings if finding.details.get("change") == "options"]
    assert options == [
        '"Type de structure": options added "Établissement public (EPCI)"; removed "EPCI"'
        " (the revision of 2024-08-20)",
        '"Type de structure": options removed "Association" (the revision of 2025-11-13)',
    ]
    assert '10 "Adresse électronique" (email) was added' in texts["email", "added"]
    assert findings[0].found == (
        "the revision of 2025-11-13 is the active one, of 10 published; never checked before"
    )
    assert "2 of 10 fields: the same champ on every revision" in [finding.found for finding in findings]


class Strict(DomainModel):
    """Somebody's own model, which knows little of the past."""

    debut: Annotated[dt.date | None, champ("Date de début")] = None
    sorte: Annotated[Literal["Commune", "EPCI"] | None, champ("Type de structure")] = None
    remarque: Annotated[str | None, champ("Commentaire", optional=True)] = None


class Comments(DomainModel):
    commentaire: Annotated[str | None, champ("Commentaire")] = None


class NeverRight(Comments):
    identifiant: Annotated[str | None, champ("Identifiant de la structure")] = None


STRICT = DemarcheSettings(number=decade.NUMBER, model=f"{__name__}:Strict")


def test_a_model_that_loses_values_is_told_which(server):
    findings = list(check_form("bilan", STRICT, ask_form(server), None))
    told = {(finding.champ, finding.details.get("change")): finding for finding in findings}
    lost = told["debut", "lost"]
    assert (lost.verdict, lost.details["from"]["number"], lost.details["to"]["number"]) == ("warning", 4, 14)
    assert lost.found == (
        '14 "Date de début" (date) took the place of 4 "Date de début" (text), which feeds no field: what was'
        " filed there before stays in the raw dossier only (the revision of 2025-01-17)"
    )
    assert "declare the older champ" in lost.remedy
    gone = told["remarque", "gone"]
    assert gone.verdict == "warning"
    assert gone.found == 'the champ 9 "Commentaire" (textarea) is gone (the revision of 2025-08-30)'


def test_options_that_a_model_does_not_know(server):
    server.world.set_demarche(decade.NUMBER, revisions=decade.make_form(9).revisions)
    findings = list(check_form("bilan", STRICT, ask_form(server), None))
    (unknown,) = [each for each in findings if each.details.get("change") == "unknown_options"]
    assert (unknown.champ, unknown.verdict) == ("sorte", "warning")
    assert unknown.details["options"] == ["Établissement public (EPCI)", "Association"]


def test_a_field_without_its_champ_fails_and_is_explained(server):
    demarche = DemarcheSettings(number=decade.NUMBER, model=f"{__name__}:NeverRight")
    findings = list(check_form("bilan", demarche, ask_form(server), None))
    (failure,) = [finding for finding in findings if finding.verdict == "failure"]
    assert failure.code == 2
    assert 'commentaire: no champ labelled "Commentaire"' in failure.found
    assert 'identifiant: "Identifiant de la structure" is not of a kind it takes' in failure.found
    assert changes_of(findings) == []
    demarche = DemarcheSettings(number=decade.NUMBER, model=f"{__name__}:Comments")
    findings = list(check_form("bilan", demarche, ask_form(server), None))
    assert changes_of(findings) == [("commentaire", "gone", "warning")]
    text = DemarcheSettings(number=decade.NUMBER, champs={"commentaire": "9", "structure_nom": "1"})
    findings = list(check_form("bilan", text, ask_form(server), None))
    assert [finding for finding in findings if finding.verdict == "failure"] == []
    (listed,) = [finding for finding in findings if finding.found.startswith("ChampsNommes does not resolve")]
    assert "the configured champ 9 (Q2hhbXAtOQ) is only on an older revision" in listed.found
    assert [each for each in changes_of(findings) if each[0] == "commentaire"] == [
        ("commentaire", "champ_gone", "warning"),
        ("commentaire", "gone", "warning"),
    ]


def test_what_came_since_the_last_check_is_called_new(server):
    server.world.set_demarche(decade.NUMBER, revisions=decade.make_form(6).revisions)
    active, _ = read_forms(ask_form(server))
    check = FormCheck(active.revision, active.fingerprint, decade.FIRST_DAY)
    same = list(check_form("bilan", DEMARCHE, ask_form(server), check))
    assert same[0].verdict == "ok"
    assert same[0].found.endswith("of 6 published, as at the check of 2024-01-08")
    assert not [finding for finding in same if finding.details.get("new")]
    decade.publish_next(server.world)
    decade.publish_next(server.world)
    later = list(check_form("bilan", DEMARCHE, ask_form(server), check))
    assert later[0].verdict == "warning"
    assert later[0].found.endswith("the form has changed since the check of 2024-01-08")
    new = [(each.champ, each.details["change"], each.verdict) for each in later if each.details.get("new")]
    assert new == [
        ("structure_identifiant", "label", "warning"),
        ("structure_identifiant", "required", "warning"),
        ("agents", "kind", "warning"),
    ]
    assert all("new since the last check" in each.found for each in later if each.details.get("new"))


@pytest.fixture
def younger() -> Iterator[SandboxServer]:
    """The same démarche before its last revision."""
    with SandboxServer(world=decade.make_world(9), requests_per_minute=None) as server:
        yield server


def test_sync_warns_only_of_a_checked_form_that_changed(younger, store, caplog):
    caplog.set_level(logging.WARNING, logger="ds_bridge")

    def warned() -> list[str]:
        events = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
        return [event["revision"] for event in events if event["event"].startswith("the form has changed")]

    run_sync(younger, store)
    assert warned() == []
    active, _ = read_forms(ask_form(younger))
    store.save_form_check(decade.NUMBER, FormCheck(active.revision, active.fingerprint, decade.FIRST_DAY))
    run_sync(younger, store)
    assert warned() == []
    decade.publish_next(younger.world)
    now, _ = read_forms(ask_form(younger))
    assert now.fingerprint != active.fingerprint
    run_sync(younger, store)
    assert warned() == [now.revision]
