"""What a random run of actions is made of: wishes, another agent who acts meanwhile, ways to fail and to die.

Everything is drawn from one `random.Random`: a seed gives the same wishes, faults and deaths again.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from ds_bridge.actions.run import Backend
from ds_bridge.actions.steps import Order, Request, Wait
from ds_bridge.api.client import Client
from ds_bridge.api.mutations import Done
from ds_bridge.ids import encode_typed_id
from ds_bridge.sandbox.faults import Fault, Faults

BLOCK, OURS, SHARED = "Suivi", "Note interne", "Avis du service"
URGENT, COMPLET = "Urgent", encode_typed_id("Label", 2)
GROUPES = ("défaut", "Deuxième groupe")
MUTATION = "mutation "

_LOST = (
    {"action": "drop"}, {"action": "drop_inside"}, {"action": "server_error"}, {"action": "timeout"},
    {"action": "status", "status": 502}, {"action": "truncated"}, {"action": "html"},
)  # fmt: skip


class Killed(BaseException):
    """The process dies here, as far as anything but the machine's memory can tell."""


def make_wishes(chance: random.Random, numbers: list[int], count: int, mark: str) -> list[dict[str, Any]]:
    """So many rows, each with a key and, where it has words, words that nothing else has."""
    return [_make_wish(chance, chance.choice(numbers), f"{mark}-{place}") for place in range(count)]


def _make_wish(chance: random.Random, number: int, mark: str) -> dict[str, Any]:
    words = f"{mark} : merci de regarder."
    row: dict[str, Any] = chance.choice(
        [
            {"action": "passer_en_instruction"},
            {"action": "passer_en_instruction"},
            {"action": "accepter", "motivation": words},
            {"action": "refuser", "motivation": words},
            {"action": "classer_sans_suite", "motivation": words, "notify": False},
            {"action": "repasser_en_construction"},
            {"action": "repasser_en_instruction"},
            {"action": "archiver"},
            {"action": "desarchiver"},
            {"action": "envoyer_message", "message": words},
            {"action": "envoyer_message", "message": words},
            {"action": "envoyer_message", "message": words, "correction": "incomplete"},
            {"action": "envoyer_message", "message": words, "piece": "pièce.pdf"},
            {"action": "ajouter_label", "label": URGENT},
            {"action": "retirer_label", "label": URGENT},
            {"action": "suivre", "value": chance.random() < 0.7},
            {"action": "changer_groupe", "groupe": chance.choice(GROUPES)},
            {"action": "modifier_annotations", "annotation": OURS, "value": words},
            {"action": "modifier_annotations", "annotation": SHARED, "value": words},
            {"action": "ajouter_ligne", "annotation": BLOCK},
            {"action": "ajouter_ligne", "annotation": BLOCK},
        ]
    )
    return {"dossier": number, "key": mark, **row}


class Rival:
    """Another agent at the same work. `touched`: dossier and what of it, as often as it changed that."""

    def __init__(self, chance: random.Random, client: Client, demarche: int, numbers: list[int]) -> None:
        self._chance, self._client, self._demarche, self._numbers = chance, client, demarche, numbers
        self.touched: Counter[tuple[int, str]] = Counter()
        self.done, self.is_away = 0, False

    def act(self) -> None:
        """One change, of any dossier."""
        if self.is_away:
            return
        number = self._chance.choice(self._numbers)
        situation = self._client.situation(self._demarche, number)
        agent = encode_typed_id("Instructeur", 1)  # without rights in the second groupe
        what, result = self._choose(situation.id, agent, str(self.done), situation)
        if isinstance(result, Done):
            self.touched[number, what] += 1
        self.done += 1

    def _choose(self, dossier: str, agent: str, words: str, situation: Any) -> tuple[str, Any]:
        do = self._client.mutations
        block = next(each.id for each in situation.annotations if each.label == BLOCK)
        shared = next(each.id for each in situation.annotations if each.label == SHARED)
        groupe = self._chance.choice([encode_typed_id("GroupeInstructeur", each) for each in _GROUPES])
        kind = self._chance.randrange(8)
        if kind == 0:
            return "state", do.passer_en_instruction(dossier, agent)
        if kind == 1:
            return "state", do.accepter(dossier, agent, motivation=f"autre {words}")
        if kind == 2:
            return "state", do.repasser_en_instruction(dossier, agent)
        if kind == 3:
            return "message", do.envoyer_message(dossier, agent, f"autre {words}")
        if kind == 4:
            return "label", do.ajouter_label(dossier, COMPLET)
        if kind == 5:
            return "groupe", do.changer_groupe(dossier, groupe)
        if kind == 6:
            value = {shared: {"textarea": f"autre {words}"}}
            return "shared", do.modifier_annotations(dossier, agent, value)
        return "row", do.ajouter_ligne(dossier, agent, block)


_GROUPES = (139_001, 1_139_001)


def script_faults(faults: Faults, chance: random.Random) -> None:
    """One answer in five is lost, half of them with the effect; some effects come late, some calls wait."""
    faults.clear()
    for lost in _LOST:
        for early in (False,) if lost["action"] == "timeout" else (False, True):
            fault = {"queries": MUTATION, "probability": 0.015, "seed": chance.randrange(10**6), **lost}
            faults.add(Fault(early=early, **fault))
    late = {"queries": MUTATION, "probability": 0.005, "seed": chance.randrange(10**6)}
    faults.add(Fault(action="late", seconds=6, **late))
    faults.add(Fault(action="limit", reset_seconds=2, **late))


class Deadly:
    """A backend with a rival beside it, that dies before or behind any order."""

    def __init__(self, real: Backend, chance: random.Random, rival: Rival, deaths: float) -> None:
        self._real, self._chance, self._rival, self._deaths = real, chance, rival, deaths
        self.client, self.store, self.demarche = real.client, real.store, real.demarche
        self.clock, self.due = real.clock, real.due
        self.requests = 0

    def execute(self, order: Order) -> Any:
        """The order, and what else may happen around it."""
        assert not isinstance(order, Wait)
        self._maybe_die()
        if self._chance.random() < 0.05:
            self._rival.act()
        self.requests += isinstance(order, Request)
        answer = self._real.execute(order)
        self._maybe_die()
        return answer

    def _maybe_die(self) -> None:
        if self._chance.random() < self._deaths:
            raise Killed
