"""Mutations of a dossier's state: take into instruction, take back, decide, reopen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ds_bridge.sandbox.dossiers import ENDED_STATES, Dossier, Kept
from ds_bridge.sandbox.forms import DemarcheForm
from ds_bridge.sandbox.instruction import EVENTS, Instruction, StoredFile
from ds_bridge.sandbox.mutations.interface import Input, Mutation, MutationDesk, Refusal
from ds_bridge.sandbox.mutations.letters import write_letter
from ds_bridge.sandbox.mutations.uploads import take_upload
from ds_bridge.sandbox.seed_instruction import PLATFORM_SENDER, write_attestation

SPOKEN: Mapping[str, str] = {
    "en_construction": "en\N{NO-BREAK SPACE}construction",
    "en_instruction": "en\N{NO-BREAK SPACE}instruction",
    "accepte": "accepté",
    "refuse": "refusé",
    "sans_suite": "classé sans suite",
}
INCOMPLETE_COMPANY = (
    "Les informations du SIRET du dossier ne sont pas complètes. Veuillez réessayer plus tard."
)
# A job makes the attestation some time after the decision.
ATTESTATION_DELAY = dt.timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Step:
    """One change of state: from which states, to which, the event, and whether the usager gets a message."""

    sources: frozenset[str]
    target: str
    event: str
    letter: bool = True

    def __call__(self, desk: MutationDesk, given: Input) -> dict[str, Any]:
        file = take_upload(desk, given.get("justificatif"))
        dossier, instructeur = desk.find_dossier(given), desk.find_instructeur(given)
        self._check(desk, dossier)
        desk.check_rights(dossier, instructeur)
        desk.meet()
        decision = _Decision(self, given.get("motivation"), file, desk.world.instructeurs[instructeur])
        form = desk.world.demarches[dossier.demarche].form

        def change(
            now_dossier: Dossier, held: Instruction, now: dt.datetime
        ) -> tuple[Instruction, dict[str, Any]]:
            return decision.apply(form, now_dossier, held, now, instructeur)

        changed = desk.change(dossier.number, change)
        if self.letter:
            desk.send_mail(changed, self.event, quiet=bool(given.get("disableNotification")))
        return {"dossier": desk.show(changed)}

    def _check(self, desk: MutationDesk, dossier: Dossier) -> None:
        if dossier.state not in self.sources or (dossier.user_deleted and self.event.startswith("repasse")):
            raise Refusal(f"Le dossier est déjà {SPOKEN[dossier.state]}")
        if self.target not in ENDED_STATES:
            return
        if dossier.company_lost or (dossier.siret or "").endswith("0000"):
            raise Refusal(INCOMPLETE_COMPANY)
        form = desk.world.demarches[dossier.demarche].form
        annotations = desk.world.read_instruction(dossier).annotations
        required = [one for one in form.revision(dossier.revision).annotations if one.required]
        if any(annotations.get(one.stable) in (None, "", []) for one in required):
            raise Refusal(f"Le dossier est déjà {SPOKEN[dossier.state]}")


@dataclass(frozen=True, slots=True)
class _Decision:
    step: Step
    motivation: str | None
    file: StoredFile | None
    agent: str

    def apply(
        self, form: DemarcheForm, dossier: Dossier, held: Instruction, now: dt.datetime, instructeur: int
    ) -> tuple[Instruction, dict[str, Any]]:
        """Apply a step to a dossier. Gives its instruction and its changed fields."""
        target = self.step.target
        fields: dict[str, Any] = {"state": target}
        held = held.add_traitement(dossier.number, self.step.event, target, now, self.agent, self.motivation)
        if self.step.letter:
            body = write_letter(self.step.event, dossier.number, form.title, now)
            held = held.add_message(dossier.number, sender=PLATFORM_SENDER, body=body, at=now)
        if target in ENDED_STATES:
            fields["processed_at"] = now
            held = replace(held, motivation=self.motivation, motivation_file=self.file)
            if target == "accepte":
                fields |= _erase_titres(form, dossier)
                if form.attestation:
                    file = write_attestation(dossier.number, now + ATTESTATION_DELAY)
                    held = replace(held, attestation=file)
        elif target == "en_construction":
            fields |= {"construction_at": now, "instruction_at": None}
        elif dossier.state in ENDED_STATES:
            held = replace(held, motivation=None, motivation_file=None, attestation=None)
            fields |= {
                "archived": False,
                "hidden_by_user_at": None,
                "hidden_reason": None,
                "revision": form.active.number,
            }
        else:
            fields["instruction_at"] = now
            held = held.resolve_correction(now)
            if instructeur not in held.followers:
                held = replace(held, followers=(*held.followers, instructeur))
        return held, fields


def _erase_titres(form: DemarcheForm, dossier: Dossier) -> dict[str, Any]:
    """Erase the titres d'identité of an accepted dossier."""
    erased = {one.stable for one in form.revision(dossier.revision).champs if one.is_titre}
    if not erased & dossier.values.keys():
        return {}
    kept = {stable: value for stable, value in dossier.values.items() if stable not in erased}
    return {"content": Kept(kept)}


_IN_INSTRUCTION = frozenset({"en_instruction"})

DECISIONS: dict[str, Mutation] = {
    "dossierPasserEnInstruction": Step(
        frozenset({"en_construction"}), "en_instruction", EVENTS["en_instruction"]
    ),
    "dossierRepasserEnConstruction": Step(
        _IN_INSTRUCTION, "en_construction", EVENTS["en_construction"], letter=False
    ),
    "dossierRepasserEnInstruction": Step(ENDED_STATES, "en_instruction", "repasse_en_instruction"),
    "dossierAccepter": Step(_IN_INSTRUCTION, "accepte", EVENTS["accepte"]),
    "dossierRefuser": Step(_IN_INSTRUCTION, "refuse", EVENTS["refuse"]),
    "dossierClasserSansSuite": Step(_IN_INSTRUCTION, "sans_suite", EVENTS["sans_suite"]),
}
