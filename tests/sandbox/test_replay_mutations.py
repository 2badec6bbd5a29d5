"""The real platform's answers to mutations, played again: same status, codes, nulls, types and effects."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ds_bridge.sandbox.faults import Fault
from ds_bridge.sandbox.files import FILE_LIFE
from ds_bridge.sandbox.node import split_typed_id
from ds_bridge.sandbox.server import SandboxServer
from tests.sandbox.replay.cases import Case, list_cases, load_case
from tests.sandbox.replay.shape import compare_answers
from tests.sandbox.replay.world import make_world

# The recorded bytes are not known: others of the same size.
CONTENT = b"Bonjour \xc3\xa9\n"
CHECKSUM = base64.b64encode(hashlib.md5(CONTENT, usedforsecurity=False).digest()).decode()
RECORDED_CHECKSUM = "Q/4HT+Z3lwAYkPNFNP14wQ=="
# Each follows on the state that the one before left. What is not named here stands alone.
STORIES = (
    (
        "dossierPasserEnInstruction--read_only_token dossierPasserEnInstruction--out_of_scope_token "
        "dossierPasserEnInstruction--instructeur_without_rights dossierPasserEnInstruction--first "
        "dossierPasserEnInstruction--replay dossierRepasserEnConstruction--first "
        "dossierRepasserEnConstruction--replay dossierPasserEnInstruction--disable_notification"
    ),
    (
        "dossierAccepter--first dossierAccepter--replay dossierArchiver--first dossierArchiver--replay "
        "dossierRepasserEnInstruction--first dossierRepasserEnInstruction--replay "
        "dossierAccepter--again_after_coming_back"
    ),
    (
        "dossierAccepter--instructeur_without_rights dossierAccepter--read_only_token "
        "dossierAccepter--out_of_scope_token dossierAccepter--disable_notification"
    ),
    "dossierRefuser--first dossierRefuser--replay",
    "dossierRefuser--no_motivation dossierRefuser--empty_motivation",
    "dossierClasserSansSuite--first dossierClasserSansSuite--replay",
    "dossierDesarchiver--first dossierDesarchiver--replay",
    (
        "dossierEnvoyerMessage--read_only_token dossierEnvoyerMessage--out_of_scope_token "
        "dossierEnvoyerMessage--instructeur_without_rights dossierEnvoyerMessage--first "
        "dossierEnvoyerMessage--replay dossierEnvoyerMessage--empty_body "
        "dossierEnvoyerMessage--bad_attachment dossierEnvoyerMessage--control_characters "
        "createDirectUpload--read_only_token createDirectUpload--out_of_scope_token "
        "createDirectUpload--over_2_gib createDirectUpload--first createDirectUpload--replay "
        "dossierEnvoyerMessage--attachment_not_uploaded createDirectUpload--put "
        "dossierEnvoyerMessage--attachment dossierEnvoyerMessage--attachment_replay"
    ),
    "dossierEnvoyerMessage--correction_first dossierEnvoyerMessage--correction_replay",
    (
        "dossierEnvoyerMessage--to_remove dossierSupprimerMessage--other_author "
        "dossierSupprimerMessage--first dossierSupprimerMessage--replay"
    ),
    (
        "dossierAjouterLabel--read_only_token dossierAjouterLabel--out_of_scope_token "
        "dossierAjouterLabel--unknown_label dossierAjouterLabel--label_of_another_demarche "
        "dossierAjouterLabel--first dossierAjouterLabel--replay dossierSupprimerLabel--first "
        "dossierSupprimerLabel--replay"
    ),
    (
        "dossierBasculeSuivi--first dossierBasculeSuivi--replay dossierBasculeSuivi--follow_false "
        "dossierBasculeSuivi--follow_false_replay"
    ),
    (
        "dossierChangerGroupeInstructeur--read_only_token "
        "dossierChangerGroupeInstructeur--out_of_scope_token "
        "dossierChangerGroupeInstructeur--groupe_of_another_demarche dossierChangerGroupeInstructeur--first "
        "dossierChangerGroupeInstructeur--replay dossierChangerGroupeInstructeur--closed_groupe"
    ),
    (
        "dossierModifierAnnotationText--first dossierModifierAnnotationText--replay "
        "dossierModifierAnnotationText--empty dossierModifierAnnotationText--long "
        "dossierModifierAnnotationCheckbox--first dossierModifierAnnotationCheckbox--replay "
        "dossierModifierAnnotationDate--first dossierModifierAnnotationDate--replay "
        "dossierModifierAnnotationDatetime--first dossierModifierAnnotationDatetime--replay "
        "dossierModifierAnnotationIntegerNumber--first dossierModifierAnnotationIntegerNumber--replay "
        "dossierModifierAnnotationDecimalNumber--first dossierModifierAnnotationDecimalNumber--replay "
        "dossierModifierAnnotationDecimalNumber--too_many_decimals "
        "dossierModifierAnnotationDecimalNumber--whole "
        "dossierModifierAnnotationDropDownList--first dossierModifierAnnotationDropDownList--replay "
        "dossierModifierAnnotationDropDownList--unknown_option "
        "dossierModifierAnnotationDropDownList--free_text_allowed "
        "dossierModifierAnnotationText--in_a_row dossierModifierAnnotationText--in_a_row_replay "
        "dossierModifierAnnotationText--in_an_invented_row "
        "dossierModifierAnnotationAjouterLigne--first dossierModifierAnnotationAjouterLigne--replay "
        "read_back--annotations_of_the_same_dossier"
    ),
    (
        "dossierModifierAnnotations--first dossierModifierAnnotations--replay "
        "dossierModifierAnnotations--one_bad_among_good dossierModifierAnnotations--unknown_among_good "
        "dossierModifierAnnotations--wrong_kind_among_good dossierModifierAnnotations--garbage_id "
        "dossierModifierAnnotations--cell_without_row dossierModifierAnnotations--rows_plus_2 "
        "dossierModifierAnnotations--rows_plus_2_replay three_in_one--second_not_found "
        "three_in_one--second_refused three_in_one--third_fails_500"
    ),
)
TOLD = {f"mutations/{name}" for story in STORIES for name in story.split()}
# What the sandbox cannot be asked, and why.
LEFT_OUT = {
    "mutations/dossierAnnulerDemandeCorrection--unknown": "the sandbox speaks the newer schema, which has it",
    "mutations/unanswered--accept": "a fault: test_mutation_faults",
    "mutations/unanswered--message": "a fault: test_mutation_faults",
    "mutations/race--same_label_twice-read_back": "with its race, below",
}
RACES = [name for name in list_cases("mutations") if "race--" in name and name not in LEFT_OUT]
ALONE = [
    name for name in list_cases("mutations") if name not in TOLD | LEFT_OUT.keys() and "race--" not in name
]


@pytest.fixture
def recorded() -> Iterator[SandboxServer]:
    with SandboxServer(world=make_world(), requests_per_minute=None) as server:
        yield server


def ask(server: SandboxServer, case: Case, variables: Any) -> httpx.Response:
    token = server.world.tokens[case.get("token") or "full"].secret
    body = {"query": case["query"], "variables": variables, "operationName": case["operation"]}
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.post(f"{server.url}/api/v2/graphql", json=body, headers=headers, timeout=60)


class Player:
    """Plays the recorded requests of one story. Ids that a server makes up are taken from its own answers."""

    def __init__(self, server: SandboxServer) -> None:
        self.server = server
        self.made: dict[str, str] = {RECORDED_CHECKSUM: CHECKSUM}
        self.upload: dict[str, str] = {}

    def play(self, name: str) -> None:
        case = load_case(name)
        if name == "mutations/createDirectUpload--put":
            put = httpx.put(self.upload["url"], content=b"x" * 11, headers={"Content-Type": "text/plain"})
            assert put.status_code == 422
            put = httpx.put(self.upload["url"], content=CONTENT, headers={"Content-Type": "text/plain"})
            assert put.status_code == case["status"]
            return
        number = find_number(case)
        before = self.count(number)
        answer = ask(self.server, case, self.replace(case["variables"]))
        assert answer.status_code == case["status"], name
        assert compare_answers(case["body"], answer.json()) == [], name
        self.remember(case, answer.json())
        self.check_effect(case.get("database") or {}, before, self.count(number), name)

    def replace(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.replace(one) for key, one in value.items()}
        return self.made.get(value, value) if isinstance(value, str) else value

    def remember(self, case: Case, body: Any) -> None:
        """Which id of ours stands for which recorded one."""
        for payload, ours in zip(
            (case["body"].get("data") or {}).values(), (body.get("data") or {}).values(), strict=True
        ):
            if payload and payload.get("message"):
                self.made[payload["message"]["id"]] = ours["message"]["id"]
            if payload and payload.get("directUpload"):
                self.made.setdefault(
                    payload["directUpload"]["signedBlobId"], ours["directUpload"]["signedBlobId"]
                )
                self.upload = self.upload or ours["directUpload"]

    def count(self, number: int | None) -> dict[str, Any]:
        dossier = None if number is None else self.server.world.dossier(number)
        if dossier is None:
            return {}
        held = self.server.world.read_instruction(dossier)
        return {
            "state": dossier.state,
            "updated_at": dossier.modified_at,
            "traitements": len(held.traitements),
            "messages": len(held.messages),
            "labels": len(held.labels),
            "follows": len(held.followers),
            "corrections": sum(1 for one in held.messages if one.correction),
            "mails": sum(1 for mail in self.server.world.mails if mail[0] == number),
            "rows": len(held.annotations.get(800219, ())),
        }

    def check_effect(
        self, database: dict[str, Any], before: dict[str, Any], after: dict[str, Any], name: str
    ) -> None:
        """What the recorded database showed: states, rows, dates, e-mails."""
        if not before or "updated_at_moved" not in database:
            return
        assert (after["updated_at"] != before["updated_at"]) is database["updated_at_moved"], name
        if "state" in database:
            assert f"{before['state']} -> {after['state']}" == database["state"], name
        else:
            assert after["state"] == before["state"], name
        for table, change in database.get("rows", {}).items():
            if table in after:
                was, now = map(int, change.split("->"))
                assert after[table] - before[table] == now - was, (name, table)
        assert after["mails"] - before["mails"] == len(database.get("mail_jobs", ())), name


def find_number(case: Case) -> int | None:
    given = case["variables"].get("input", {})
    return None if "dossierId" not in given else read_number(given["dossierId"])


def read_number(text: str) -> int:
    key = split_typed_id(text)[1]
    return int(key) if key.isdigit() else 0


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.split()[0])
def test_a_story_of_mutations_is_answered_alike(recorded: SandboxServer, story: str) -> None:
    player = Player(recorded)
    for name in story.split():
        recorded.world.advance(FILE_LIFE / 3600)
        player.play(f"mutations/{name}")


@pytest.mark.parametrize("name", ALONE)
def test_a_mutation_is_answered_alike(recorded: SandboxServer, name: str) -> None:
    recorded.world.advance(FILE_LIFE / 3600)
    Player(recorded).play(name)


# What stands twice after the race, and how often it stands then.
DOUBLED = {
    "mutations/race--accept_twice": ("traitements", 4),
    "mutations/race--correction_twice": ("corrections", 2),
    "mutations/race--instruct_twice": ("traitements", 3),
    "mutations/race--message_twice": ("messages", 4),
    "mutations/race--reopen_twice": ("traitements", 5),
    "mutations/race--same_label_twice": ("labels", 2),
    "mutations/race--accept_and_refuse": ("traitements", 4),
    "mutations/race--annotation_two_values": ("messages", 2),
}


@pytest.mark.parametrize("name", RACES)
def test_two_calls_at_the_same_time_both_pass(recorded: SandboxServer, name: str) -> None:
    """As recorded when both did: on the platform some races have a loser, here a scripted one has none."""
    case = load_case(name)
    recorded.faults.add(Fault(action="race", queries="mutation", times=2))
    answers: list[httpx.Response] = []
    threads = [
        threading.Thread(target=lambda call=call: answers.append(ask(recorded, call, call["variables"])))
        for call in case["calls"]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for answer in answers:
        payload = next(iter(answer.json()["data"].values()))
        assert payload["errors"] is None
    number = find_number(case["calls"][0])
    after = Player(recorded).count(number)
    table, count = DOUBLED[name]
    assert after[table] == count
