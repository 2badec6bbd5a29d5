"""Failures beside the mutation: a dossier cannot be read, the file of a row, a person with several
dossiers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ds_bridge.actions.people import Persons
from ds_bridge.actions.rows import RowError
from ds_bridge.config import DemarcheSettings
from ds_bridge.errors import OutOfScopeError, RetriableError
from ds_bridge.sandbox.faults import Fault
from ds_bridge.store import Store
from ds_bridge.sync import sync_demarche
from tests.actions.conftest import DEMARCHE, Office
from tests.store.samples import make_entry


def label(number: int) -> dict[str, Any]:
    return {"dossier": number, "action": "modifier_annotations", "annotation": "Note interne", "value": "Lu"}


def test_a_dossier_that_cannot_be_read_now_waits(office: Office) -> None:
    number = office.numbers("en_instruction")[0]
    office.server.faults.add(Fault(action="server_error", operation="Situation"))
    with office.client() as client:
        job = office.prepare(client, label(number))
        assert [each.will for each in job.plan] == ["later"]
        assert job.carry_out(sleep=office.sleep, check_stop=office.check_stop).outcomes == []
    assert [each.state for each in office.entries()] == ["planned"]
    office.server.faults.clear()
    assert [each.state for each in office.act().outcomes] == ["done"]


def test_pages_that_fail_are_read_one_by_one(office: Office) -> None:
    numbers = office.numbers("en_instruction")
    with office.client() as client:
        sync_demarche("notes", DemarcheSettings(number=DEMARCHE), client, office.store)
    office.server.faults.add(Fault(action="server_error", operation="SituationsPage"))
    assert {will for will, _ in office.plan(*map(label, numbers))} == {"do"}
    assert len(office.server.journal.entries("Situation")) == len(numbers)


def test_a_platform_that_is_not_there_is_said(office: Office) -> None:
    number = office.numbers("en_instruction")[0]
    with office.client() as client:
        office.server.stop()
        with pytest.raises(RetriableError):
            office.prepare(client, label(number))


def test_a_token_of_another_demarche_is_said(office: Office) -> None:
    number = office.numbers("en_instruction")[0]
    with office.client(office.server.world.token("narrow")) as client, pytest.raises(OutOfScopeError):
        office.prepare(client, label(number))


@pytest.mark.parametrize("how", ["changed", "gone"])
def test_a_file_that_is_not_the_planned_one_is_not_sent(office: Office, tmp_path: Path, how: str) -> None:
    number = office.numbers("en_instruction")[0]
    piece = tmp_path / "a.pdf"
    piece.write_bytes(b"%PDF 1")
    row = {"dossier": number, "action": "envoyer_message", "message": "Voici", "piece": "a.pdf"}
    with office.client() as client:
        job = office.prepare(client, row)
        piece.unlink() if how == "gone" else piece.write_bytes(b"%PDF 2")
        summary = job.carry_out(sleep=office.sleep, check_stop=office.check_stop)
    assert [each.reason for each in summary.outcomes] == ["the file changed, or cannot be read any more"]
    assert office.messages(number, "Voici") == 0


def test_a_file_that_the_store_of_files_refuses(office: Office, tmp_path: Path) -> None:
    number = office.numbers("en_instruction")[0]
    (tmp_path / "a.pdf").write_bytes(b"%PDF 1")
    office.server.faults.add(Fault(action="status", status=422, operation="Upload"))
    row = {"dossier": number, "action": "envoyer_message", "message": "Voici", "piece": "a.pdf"}
    assert office.states(row) == ["refused"]
    assert office.entries()[0].reason == "upload: the store of files refused the file (HTTP 422)"


def test_of_several_dossiers_of_a_person_the_one_that_fits(store: Store) -> None:
    def entry(number: int, state: str, identifiant: int | None) -> Any:
        document = {"dossier": {"number": number}, "identite": {"identifiant": identifiant}}
        return make_entry(number, state=state, document=document)

    states = [
        (1, "en_construction", 7),
        (2, "en_instruction", 7),
        (3, "accepte", 7),
        (4, "accepte", 8),
        (5, "accepte", None),
    ]
    store.save_page(DEMARCHE, [entry(*each) for each in states], None)
    persons = Persons(store, DEMARCHE, {})
    assert [persons.find(7, action) for action in ("passer_en_instruction", "refuser")] == [1, 2]
    assert persons.find(8, "archiver") == 4
    for identifiant, action in ((7, "archiver"), (9, "archiver")):
        with pytest.raises(RowError, match="give the dossier's number"):
            persons.find(identifiant, action)
