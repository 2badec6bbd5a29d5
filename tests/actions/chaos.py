"""The parts of a random run of actions: wishes, another agent who acts meanwhile, and ways to end the run.

Everything is drawn from one `random.Random`: a seed gives the same wishes, faults and deaths again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from ds_bridge.actions.run import Backend
from ds_bridge.actions.steps import Order, Request, Wait, Write
from ds_bridge.api.mutations import Unknown
from ds_bridge.ids import ChampId, encode_typed_id, read_typed_number
from tests.actions.wire import Platform

RIVAL = "somebody else"
BLOCK, NOTE, SHARED, POINTS, STEP = 700914, 700901, 700904, 700909, 700915
"""Annotations of the sandbox's form: a block, a text, a long one, a number, a cell of the block."""

URGENT, COMPLET = "Urgent", encode_typed_id("Label", 2)
GROUPES = ("défaut", "Deuxième groupe")
_GROUPES = (139_001, 1_139_001)


class Killed(BaseException):
    """The process dies here, as far as anything but the machine's memory can tell."""


def make_wishes(chance: random.Random, numbers: list[int], count: int) -> list[dict[str, Any]]:
    """So many rows, each with a key and, where it has words, words that nothing else has."""
    return [_make_wish(chance, chance.choice(numbers), f"souhait-{place}") for place in range(count)]


def _make_wish(chance: random.Random, number: int, mark: str) -> dict[str, Any]:
    words = f"{mark} : merci de regarder."
    notify = {"notify": False} if chance.random() < 0.5 else {}
    annotate: dict[str, Any] = {"action": "modifier_annotations"}
    row: dict[str, Any] = chance.choice(
        [
            {"action": "passer_en_instruction", **notify},
            {"action": "passer_en_instruction"},
            {"action": "accepter", "motivation": words, "piece": "pièce.pdf"},
            {"action": "accepter", "motivation": words, **notify},
            {"action": "refuser", "motivation": words},
            {"action": "classer_sans_suite", "motivation": words, **notify},
            {"action": "repasser_en_construction"},
            {"action": "repasser_en_instruction", **notify},
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
            {**annotate, "annotation": NOTE, "value": words},
            {**annotate, "annotation": SHARED, "value": words},
            {**annotate, "annotation": POINTS, "value": chance.randrange(1000)},
            {**annotate, "annotation": STEP, "ligne": chance.choice((1, 1, 2)), "value": words},
            {"action": "ajouter_ligne", "annotation": BLOCK},
            {"action": "ajouter_ligne", "annotation": BLOCK},
        ]
    )
    return {"dossier": number, "key": mark, **row}


class Rival:
    """Another instructeur at the same work, whose requests are all answered."""

    def __init__(self, chance: random.Random, platform: Platform, numbers: list[int]) -> None:
        self._chance, self._numbers = chance, numbers
        self._do = platform.client(key=RIVAL).mutations
        self.done, self.is_away = 0, False

    def act(self, number: int | None = None) -> None:
        """One change, of this dossier or of any."""
        if self.is_away:
            return
        self.done += 1
        agent = encode_typed_id("Instructeur", 1)  # without rights in the second groupe
        dossier = encode_typed_id("Dossier", number or self._chance.choice(self._numbers))
        self._chance.choice(self._list_changes(dossier, agent, f"autre {self.done}"))()

    def _list_changes(self, dossier: str, agent: str, words: str) -> Sequence[Callable[[], object]]:
        do, urgent = self._do, encode_typed_id("Label", 3)
        groupe = encode_typed_id("GroupeInstructeur", self._chance.choice(_GROUPES))
        shared = {ChampId(SHARED).encode(): {"textarea": words}}
        return (
            lambda: do.passer_en_instruction(dossier, agent),
            lambda: do.accepter(dossier, agent, motivation=words),
            lambda: do.repasser_en_instruction(dossier, agent),
            lambda: do.archiver(dossier, agent),
            lambda: do.envoyer_message(dossier, agent, words),
            lambda: do.ajouter_label(dossier, COMPLET),
            lambda: do.ajouter_label(dossier, urgent),
            lambda: do.retirer_label(dossier, urgent),
            lambda: do.suivre(dossier, agent),
            lambda: do.changer_groupe(dossier, groupe),
            lambda: do.modifier_annotations(dossier, agent, shared),
            lambda: do.ajouter_ligne(dossier, agent, ChampId(BLOCK).encode()),
        )


class Deadly:
    """A backend with a rival beside it, that dies before or behind any order. `note`: told each write."""

    def __init__(
        self,
        real: Backend,
        chance: random.Random,
        rival: Rival,
        deaths: float,
        note: Callable[[Write], None],
    ) -> None:
        self._real, self._chance, self._rival, self._deaths = real, chance, rival, deaths
        self._note = note
        self.client, self.store, self.demarche = real.client, real.store, real.demarche
        self.clock, self.due = real.clock, real.due

    def execute(self, order: Order) -> Any:
        """The order, and what else may happen around it."""
        assert not isinstance(order, Wait)
        self._maybe_die()
        if self._chance.random() < 0.04:
            self._rival.act()
        answer = self._real.execute(order)
        if isinstance(order, Write):
            self._note(order)
        if isinstance(order, Request) and isinstance(answer, Unknown) and self._chance.random() < 0.3:
            self._rival.act(read_typed_number("Dossier", order.dossier))
        self._maybe_die()
        return answer

    def _maybe_die(self) -> None:
        if self._chance.random() < self._deaths:
            raise Killed
