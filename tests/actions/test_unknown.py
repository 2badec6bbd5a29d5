"""A request without an answer: the effect is looked for; the action is sent again only when proved absent."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from ds_bridge.errors import ConfigurationError, InterruptedRunError, NetworkError, PlatformUnavailableError
from ds_bridge.ids import encode_typed_id
from ds_bridge.sandbox.faults import Fault
from tests.actions.conftest import AGENT, DEMARCHE, Office

BLOCK = "Suivi"
LABEL = encode_typed_id("Label", 3)
LOST = [
    {"action": "drop"},
    {"action": "drop_inside"},
    {"action": "server_error"},
    {"action": "timeout"},
    {"action": "status", "status": 502},
    {"action": "html"},
    {"action": "truncated"},
]


def message(number: int, **more: Any) -> dict[str, Any]:
    return {"dossier": number, "action": "envoyer_message", "message": "Il manque la date."} | more


def rows_of(office: Office, number: int) -> int:
    with office.client() as client:
        situation = client.situation(DEMARCHE, number)
    return next(len(each.rows) for each in situation.annotations if each.label == BLOCK)


def points_of(office: Office, number: int) -> int:
    with office.client() as client:
        situation = client.situation(DEMARCHE, number)
    return next(each.value for each in situation.annotations if each.label == "Points")


def fail_once(office: Office, operation: str, **fault: Any) -> None:
    office.server.faults.add(Fault(operation=operation, times=1, **fault))


@pytest.mark.parametrize("early", [False, True], ids=["effect", "no effect"])
@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault["action"])
def test_a_message_goes_out_once_whatever_was_answered(
    office: Office, fault: dict[str, Any], early: bool
) -> None:
    number = office.numbers("en_instruction")[0]
    fail_once(office, "DossierEnvoyerMessage", early=early, **fault)
    summary = office.act(message(number))
    assert [each.state for each in summary.outcomes] == ["done"]
    assert office.messages(number, "Il manque la date.") == 1
    assert 44.9 < office.waited < 50
    assert office.entries()[0].tries == (2 if early else 1)


CASES: list[tuple[dict[str, Any], str, Callable[[Office, int], int]]] = [
    ({"action": "accepter", "motivation": "Vu"}, "DossierAccepter", lambda o, n: o.events(n, "accepte")),
    (
        {"action": "ajouter_ligne", "annotation": BLOCK},
        "DossierModifierAnnotations",
        lambda o, n: rows_of(o, n) - 1,
    ),
    (
        {"action": "ajouter_label", "label": "Urgent"},
        "DossierAjouterLabel",
        lambda o, n: o.instruction(n).labels.count(3),
    ),
    (
        {"action": "changer_groupe", "groupe": "Deuxième groupe"},
        "DossierChangerGroupeInstructeur",
        lambda o, n: o.dossier(n).groupe,
    ),
    (
        {"action": "modifier_annotations", "annotation": "Points", "value": 1},
        "DossierModifierAnnotations",
        lambda o, n: points_of(o, n),
    ),
]


@pytest.mark.parametrize("early", [False, True], ids=["effect", "no effect"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0]["action"])
def test_everything_else_too(office: Office, case: tuple[Any, str, Any], early: bool) -> None:
    row, operation, count = case
    number = next(
        each for each in office.numbers("en_instruction") if 3 not in office.instruction(each).labels
    )
    fail_once(office, operation, action="drop", early=early)
    assert office.states(row | {"dossier": number}) == ["done"]
    assert count(office, number) == 1


def test_what_fails_each_time_is_given_up_and_proved_not_done(office: Office) -> None:
    number = office.numbers("en_instruction")[0]
    office.server.faults.add(Fault(action="server_error", operation="DossierEnvoyerMessage", early=True))
    summary = office.act(message(number))
    assert [each.state for each in summary.outcomes] == ["refused"]
    assert summary.outcomes[0].reason == (
        "the platform failed 3 times, and it is proved not done: give it again later"
    )
    office.server.faults.clear()
    assert office.states(message(number)) == ["done"]
    assert office.messages(number, "Il manque la date.") == 1


def test_a_platform_that_fails_for_everybody_ends_the_run(office: Office) -> None:
    numbers = office.numbers("en_instruction")[:7]
    office.server.faults.add(Fault(action="drop", operation="DossierEnvoyerMessage"))
    summary = office.act(*map(message, numbers))
    assert isinstance(summary.error, PlatformUnavailableError)
    assert summary.exit_code == 4
    assert sorted({each.state for each in office.entries()}) == ["planned", "sent"]
    office.server.faults.clear()
    assert office.act().count("done") == len(numbers) > 5
    assert {office.messages(each, "Il manque la date.") for each in numbers} == {1}


def test_nobody_listens_so_nothing_was_sent(office: Office) -> None:
    number = office.numbers("en_instruction")[0]
    with office.client() as client:
        job = office.prepare(client, message(number))
        office.server.stop()
        summary = job.carry_out(sleep=office.sleep, check_stop=office.check_stop)
    assert isinstance(summary.error, NetworkError)
    assert (summary.exit_code, [each.state for each in office.entries()]) == (4, ["planned"])


def test_somebody_else_gave_it_to_another_groupe(office: Office) -> None:
    number = office.numbers("en_instruction")[0]
    fail_once(office, "DossierChangerGroupeInstructeur", action="drop", early=True)
    row = {"dossier": number, "action": "changer_groupe", "groupe": "Deuxième groupe"}

    def interfere(seconds: float) -> None:
        office.waited += seconds
        office.server.world.modify(number, groupe=2)

    with office.client() as client:
        summary = office.prepare(client, row).carry_out(sleep=interfere, check_stop=office.check_stop)
    assert summary.outcomes[0].state == "unknown"
    assert summary.outcomes[0].reason == "somebody else gave the dossier to another groupe meanwhile"
    assert summary.exit_code == 4
    key = office.entries()[0].key
    assert office.plan(row) == [("unknown", f"look at the dossier, then --resend {key}, or leave it")]
    assert office.act(row).requests == 0
    office.resend = (key,)
    assert office.states(row) == ["done"]
    assert office.dossier(number).groupe == 1
    with pytest.raises(ConfigurationError, match="no action of this key is unknown"):
        office.plan()


def test_somebody_else_accepted_meanwhile(office: Office) -> None:
    number = office.numbers("en_instruction")[0]
    fail_once(office, "DossierAccepter", action="drop", early=True)

    def interfere(seconds: float) -> None:
        office.waited += seconds
        office.server.world.change_state(number, "accepte")

    with office.client() as client:
        job = office.prepare(client, {"dossier": number, "action": "accepter"})
        summary = job.carry_out(sleep=interfere, check_stop=office.check_stop)
    assert [each.state for each in summary.outcomes] == ["done"]
    assert office.events(number, "accepte") == 1


def test_the_platforms_no_after_somebody_else_did_it(office: Office) -> None:
    one, two = office.numbers("en_instruction")[:2]
    rows = [{"dossier": one, "action": "accepter"}, {"dossier": two, "action": "accepter"}]
    with office.client() as client:
        job = office.prepare(client, *rows)
        office.server.world.change_state(one, "accepte")
        office.server.world.change_state(two, "refuse")
        summary = job.carry_out(sleep=office.sleep, check_stop=office.check_stop)
    assert [(each.state, each.reason) for each in summary.outcomes] == [
        ("done", "already so, by somebody else"),
        ("refused", "Le dossier est déjà refusé"),
    ]


def test_a_signal_while_a_request_is_unknown(office: Office) -> None:
    number = office.numbers("en_instruction")[0]
    fail_once(office, "DossierEnvoyerMessage", action="drop")

    def stop(seconds: float) -> None:
        raise InterruptedRunError("stopped", signal_number=2)

    with office.client() as client:
        summary = office.prepare(client, message(number)).carry_out(sleep=stop, check_stop=office.check_stop)
    assert summary.exit_code == 130
    assert [each.state for each in office.entries()] == ["sent"]
    assert office.plan() == [("settle", "sent before, and nobody answered: the dossier is read first")]
    office.server.journal.clear()
    assert [each.state for each in office.act().outcomes] == ["done"]
    assert office.server.journal.entries("DossierEnvoyerMessage") == []
    assert office.messages(number, "Il manque la date.") == 1


def test_the_effect_comes_after_the_client_has_gone(office: Office) -> None:
    number = office.numbers("en_instruction")[0]
    fail_once(office, "DossierEnvoyerMessage", action="late", seconds=4)
    office.timeout = 3

    def wait(seconds: float) -> None:
        office.waited += seconds
        while not office.messages(number, "Il manque la date."):
            pass

    with office.client() as client:
        summary = office.prepare(client, message(number)).carry_out(sleep=wait, check_stop=office.check_stop)
    assert [each.state for each in summary.outcomes] == ["done"]
    assert office.messages(number, "Il manque la date.") == 1


def test_a_message_by_somebody_else_is_not_ours(office: Office) -> None:
    number = office.numbers("en_instruction")[0]
    fail_once(office, "DossierEnvoyerMessage", action="drop", early=True)

    def interfere(seconds: float) -> None:
        office.waited += seconds
        held = office.instruction(number)
        now = office.server.world.now()
        more = held.add_message(number, sender="autre@exemple.fr", body="Il manque la date.", at=now)
        office.server.world.modify(number, instruction=more)

    with office.client() as client:
        summary = office.prepare(client, message(number)).carry_out(
            sleep=interfere, check_stop=office.check_stop
        )
    assert [each.state for each in summary.outcomes] == ["done"]
    senders = [
        each.sender for each in office.instruction(number).messages if each.body == "Il manque la date."
    ]
    assert senders == ["autre@exemple.fr", AGENT]


def test_what_the_platforms_own_races_doubled_is_told(office: Office) -> None:
    one, two = [
        each for each in office.numbers("en_instruction") if 3 not in office.instruction(each).labels
    ][:2]
    rows = [
        {"dossier": one, "action": "ajouter_label", "label": "Urgent"},
        {"dossier": two, "action": "accepter"},
    ]
    for operation in ("DossierAjouterLabel", "DossierAccepter"):
        office.server.faults.add(Fault(action="race", operation=operation, times=2))

    def race() -> None:
        with office.client() as rival:
            rival.mutations.ajouter_label(rival.situation(DEMARCHE, one).id, LABEL)
            found = rival.situation(DEMARCHE, two)
            rival.mutations.accepter(found.id, found.groupe_instructeur.instructeurs[1].id)

    rival = threading.Thread(target=race)
    with office.client() as client:
        job = office.prepare(client, *rows)
        rival.start()
        summary = job.carry_out(sleep=office.sleep, check_stop=office.check_stop)
    rival.join()
    with office.client() as client:
        labels = [each.id for each in client.situation(DEMARCHE, one).labels]
    assert [each.state for each in summary.outcomes] == ["done", "done"]
    assert labels.count(LABEL) == office.events(two, "accepte") == 2
    # The later of two answers shows both effects; the earlier one cannot.
    told = [each.warning for each in summary.outcomes if each.warning]
    assert set(told) <= {"the platform holds it 2 times: look at the dossier"}
