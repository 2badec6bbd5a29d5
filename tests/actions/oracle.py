"""Checks after a random run: every wish came true once, or is reported refused or unknown; nothing else
changed.

The platform's own record of effects (`wire.Effect`) says how often each wish took effect, and in which order.
Folded over what the dossiers were before, it says what each must be at the end, whoever changed it last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from ds_bridge.actions.kinds import MOVES
from ds_bridge.actions.steps import Write
from ds_bridge.ids import ChampId, read_typed_number
from ds_bridge.sandbox.instruction import Instruction
from ds_bridge.store import StoredAction
from tests.actions.chaos import BLOCK, NOTE, POINTS, RIVAL, SHARED, STEP
from tests.actions.conftest import AGENT, DEMARCHE, OTHER_AGENT
from tests.actions.wire import Effect, Platform

Facts = dict[str, Any]
URGENT = 3
_AGENTS = {1: AGENT, 2: OTHER_AGENT}
_GROUPES = {"défaut": 0, "Deuxième groupe": 1}
_LETTERS = frozenset(MOVES) - {"repasser_en_construction"}
_OPERATIONS = {f"Dossier{name.title().replace('_', '')}": name for name in MOVES}
# What an action is about, where that is not an annotation.
_ASPECTS = {
    "archiver": "archived", "desarchiver": "archived", "ajouter_label": "labels", "retirer_label": "labels",
    "suivre": "followers", "changer_groupe": "groupe", "envoyer_message": "messages", "ajouter_ligne": "rows",
    **dict.fromkeys(MOVES, "state"),
}  # fmt: skip
# What else, changed by somebody, takes it away and leaves no trace: a reopened dossier is in no archive.
_ALONG = {"archived": "state", "followers": "groupe"}
_UNDONE = frozenset({"archived", "labels", "followers", "groupe"})


class Oracle:
    """Of one round. `note` is told each write of the outbox, `check` looks at the end."""

    def __init__(self, platform: Platform, rows: Sequence[Mapping[str, Any]], numbers: Sequence[int]) -> None:
        self.platform, self.numbers = platform, numbers
        self.rows = {row["key"]: row for row in rows}
        self.facts = {number: self.look(number) for number in numbers}
        self.held = {number: self.instruction(number) for number in numbers}
        self.changes: list[tuple[Effect, frozenset[str]]] = []
        self.run_start = 0
        self.sent: dict[str, int] = {}
        self.refused: set[str] = set()
        self.mails: Counter[tuple[int, str]] = Counter()

    def instruction(self, number: int) -> Instruction:
        dossier = self.platform.world.dossier(number)
        assert dossier is not None
        return self.platform.world.read_instruction(dossier)

    def look(self, number: int) -> Facts:
        """What the platform holds of a dossier."""
        dossier, held = self.platform.world.dossier(number), self.instruction(number)
        assert dossier is not None
        rows = held.annotations.get(BLOCK, ())
        return {
            "state": dossier.state,
            "archived": dossier.archived,
            "groupe": dossier.groupe,
            "motivation": held.motivation,
            "labels": sorted(held.labels),
            "followers": sorted(held.followers),
            "pending": held.pending_correction is not None,
            "rows": len(rows),
            "cells": {row.id: row.values[STEP] for row in rows if STEP in row.values},
            "messages": [
                (each.sender, each.body, tuple((file.filename, file.content) for file in each.files))
                for each in held.messages
                if each.sender in _AGENTS.values()
            ],
            "traitements": [(each.event, each.agent, each.motivation) for each in held.traitements],
            **{str(stable): held.annotations.get(stable) for stable in (NOTE, SHARED, POINTS)},
        }

    # --- while the run goes on

    def begin_run(self) -> None:
        """The dossiers are read now: what others do from here on, the run may not know."""
        self.follow()
        self.run_start = len(self.changes)

    def note(self, order: Write) -> None:
        """An action was written down as sent, or as over."""
        self.follow()
        state, key = order.changes["state"], order.key
        if state == "sent":
            self.platform.key = key
            self.sent.setdefault(key, self.run_start)
        elif state == "refused":
            self.refused.add(key)
        elif state == "done":
            assert self.is_true(self.rows[key], order.changes.get("reason")) or self.was_touched(key), order

    def follow(self) -> None:
        """Fold what took effect since."""
        for effect in self.platform.effects[len(self.changes) :]:
            facts = self.facts[effect.number]
            after = self.fold(facts, effect)
            self.changes.append((effect, frozenset(name for name in after if after[name] != facts[name])))
            self.facts[effect.number] = after

    def fold(self, before: Facts, effect: Effect) -> Facts:
        """What a dossier is once this took effect."""
        facts = deepcopy(before)
        given, operation = effect.given, effect.operation
        agent = read_typed_number("Instructeur", given.get("instructeurId", "SW5zdHJ1Y3RldXItMA=="))
        if operation in _OPERATIONS:
            self.fold_move(facts, effect, _OPERATIONS[operation], agent)
        elif operation == "DossierEnvoyerMessage":
            self.fold_message(facts, effect, agent)
        elif operation in ("DossierArchiver", "DossierDesarchiver"):
            facts["archived"] = operation == "DossierArchiver"
        elif operation == "DossierAjouterLabel":
            facts["labels"] = sorted([*facts["labels"], read_typed_number("Label", given["labelId"])])
        elif operation == "DossierSupprimerLabel":
            facts["labels"].remove(read_typed_number("Label", given["labelId"]))
        elif operation == "DossierBasculeSuivi":
            others = [each for each in facts["followers"] if each != agent]
            facts["followers"] = sorted([*others, agent]) if given["follow"] else others
        elif operation == "DossierChangerGroupeInstructeur":
            self.fold_groupe(facts, read_typed_number("GroupeInstructeur", given["groupeInstructeurId"]))
        else:
            for each in given["annotations"]:
                fold_annotation(facts, ChampId.parse(each["id"]), each["value"])
        return facts

    def fold_move(self, facts: Facts, effect: Effect, name: str, agent: int) -> None:
        move, motivation = MOVES[name], effect.given.get("motivation")
        facts["traitements"].append((move.event, _AGENTS[agent], motivation))
        facts["state"] = move.state
        if name in _LETTERS and not effect.given["disableNotification"]:
            self.mails[effect.number, move.event] += 1
        if name == "passer_en_instruction":
            facts["pending"] = False
            facts["followers"] = sorted({*facts["followers"], agent})
        elif name == "repasser_en_instruction":
            facts |= {"motivation": None, "archived": False}
        elif name != "repasser_en_construction":
            facts["motivation"] = motivation

    def fold_message(self, facts: Facts, effect: Effect, agent: int) -> None:
        given = effect.given
        files = (("pièce.pdf", PIECE),) if "attachment" in given else ()
        facts["messages"].append((_AGENTS[agent], given["body"], files))
        self.mails[effect.number, "message"] += 1
        is_open = facts["state"] in ("en_construction", "en_instruction")
        if "correction" in given and is_open and not facts["pending"]:
            facts["pending"] = True
            if facts["state"] == "en_instruction":
                facts["state"] = "en_construction"
                facts["traitements"].append(("repasse_en_construction", _AGENTS[agent], None))

    def fold_groupe(self, facts: Facts, number: int) -> None:
        staff = self.platform.world.demarches[DEMARCHE].form.staff
        groupe = next(each for each in staff.groupes if each.number == number)
        facts["groupe"] = groupe.key
        facts["followers"] = [each for each in facts["followers"] if each in groupe.instructeurs]

    # --- wishes

    def is_true(self, row: Mapping[str, Any], reason: str | None) -> bool:
        """Whether the platform holds what the row wants."""
        action, facts = row["action"], self.look(row["dossier"])
        if action in MOVES and reason:
            return bool(facts["state"] == MOVES[action].state)
        if action in MOVES:
            return (MOVES[action].event, OTHER_AGENT, row.get("motivation")) in facts["traitements"]
        if action == "envoyer_message":
            return any(each[:2] == (OTHER_AGENT, row["message"]) for each in facts["messages"])
        if action == "ajouter_ligne":
            return True
        if action == "modifier_annotations":
            wanted = row["value"]
            return wanted in (facts["cells"].values() if "ligne" in row else (facts[str(row["annotation"])],))
        return self.is_sorted(row, facts)

    def is_sorted(self, row: Mapping[str, Any], facts: Facts) -> bool:
        action = row["action"]
        if action in ("archiver", "desarchiver"):
            return bool(facts["archived"] == (action == "archiver"))
        if action == "suivre":
            return (2 in facts["followers"]) == row["value"]
        if action == "changer_groupe":
            return bool(facts["groupe"] == _GROUPES[row["groupe"]])
        return (URGENT in facts["labels"]) == (action == "ajouter_label")

    def was_touched(self, key: str) -> bool:
        """Whether somebody else changed the same since the run that sent the wish first read its dossier."""
        row = self.rows[key]
        since = self.changes[self.sent.get(key, self.run_start) :]
        aspect = find_aspect(row)
        aspects = {aspect, _ALONG.get(aspect, aspect)}
        return any(
            effect.key == RIVAL and effect.number == row["dossier"] and aspects & changed
            for effect, changed in since
        )

    # --- at the end

    def check(self, entries: Sequence[StoredAction]) -> None:
        """Every wish, every dossier, every e-mail."""
        self.follow()
        assert {each.key for each in entries} == self.rows.keys()
        counts = Counter(each.key for each in self.platform.effects)
        for entry in entries:
            self.check_wish(entry, counts[entry.key])
        for number in self.numbers:
            assert self.look(number) == self.facts[number], number
            self.check_order(number)
        mails = self.platform.world.mails
        told = Counter(each for each in mails if not each[1].endswith((".tiers", "changed")))
        assert told == self.mails

    def check_wish(self, entry: StoredAction, count: int) -> None:
        aspect = find_aspect(self.rows[entry.key])
        touched = self.was_touched(entry.key)
        # A label that somebody else took away while the answer was lost is given again: no more than that.
        assert count <= 1 or (aspect in _UNDONE and touched), entry
        if entry.state == "done" and entry.reason is None:
            assert count or (touched and aspect in {*_UNDONE, "rows"}), entry
        elif entry.state == "unknown":
            assert touched, entry
            assert aspect != "messages", entry
        else:
            assert entry.state in ("done", "refused"), entry
            assert count == 0, entry

    def check_order(self, number: int) -> None:
        """A dossier's actions took effect in the order of the file, but those that were refused at first."""
        places = {key: place for place, key in enumerate(self.rows)}
        keys = [each.key for each in self.platform.effects if each.number == number]
        ours = [places[key] for key in keys if key in places and key not in self.refused]
        assert ours == sorted(ours), number


def find_aspect(row: Mapping[str, Any]) -> str:
    """What of a dossier the row is about."""
    return _ASPECTS.get(row["action"]) or ("cells" if "ligne" in row else str(row["annotation"]))


def fold_annotation(facts: Facts, place: ChampId, value: Mapping[str, Any]) -> None:
    if "repetition" in value:
        facts["rows"] += value["repetition"]
        return
    (wanted,) = value.values()
    if place.row is None:
        facts[str(place.stable)] = wanted
    else:
        facts["cells"][place.row] = wanted


PIECE = b"%PDF-1.4 vide"
