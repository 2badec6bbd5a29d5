"""What every mutation needs: takes its input, gives the objects of its ids, or the platform's refusal.

The platform refuses in two ways: an error of the mutation (`Refusal`: state, rights, values, a token that
only reads) and an error at the root (an object that is unknown or out of scope).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from ds_bridge.sandbox.dossier_nodes import NodeWriter
from ds_bridge.sandbox.dossiers import Dossier
from ds_bridge.sandbox.instruction import Instruction
from ds_bridge.sandbox.node import Node, split_typed_id
from ds_bridge.sandbox.request import GraphQLRequest, PlatformCrash, refuse
from ds_bridge.sandbox.world import World

Input: TypeAlias = dict[str, Any]

READ_ONLY = "Le jeton utilisé est configuré seulement en lecture"
NO_RIGHTS = "L’instructeur n’a pas les droits d’accès à ce dossier"


class Refusal(Exception):  # noqa: N818 - what the platform answers, not an error of ours
    """The mutation is refused. The text is for people, and goes into `errors`."""


@dataclass(frozen=True)
class MutationDesk:
    """One mutation of one request. `name` is the field asked for."""

    world: World
    request: GraphQLRequest
    nodes: NodeWriter
    name: str

    def serve(self, mutation: Mutation) -> Callable[..., Node]:
        """The resolver of a mutation."""

        def answer(_info: Any, input: Input) -> Node:  # noqa: A002 - the argument's name in the API
            try:
                self._check_token()
                payload = mutation(self, input)
            except Refusal as refusal:
                payload = {"errors": [Node(__typename="ValidationError", message=str(refusal))]}
            return Node(payload, __typename=self.payload, clientMutationId=input.get("clientMutationId"))

        return answer

    def _check_token(self) -> None:
        if self.request.token is None or not self.request.token.can_write:
            raise Refusal(READ_ONLY)

    @property
    def payload(self) -> str:
        return f"{self.name[0].upper()}{self.name[1:]}Payload"

    # --- objects

    def find_dossier(self, given: Input) -> Dossier:
        """The dossier of `dossierId`. A champ's id is a crash; any other id without a dossier is
        `not_found`."""
        kind, key = self._read_id(given["dossierId"])
        if kind == "Champ":
            raise PlatformCrash
        dossier = self.world.dossier(key) if kind == "Dossier" else None
        if dossier is None or not dossier.is_given:
            raise self.not_found()
        self.check_scope(dossier, "Dossier")
        self.request.numbers.append(dossier.number)
        return dossier

    def find_instructeur(self, given: Input) -> int:
        """The number of `instructeurId`; 0 for a person who is not an instructeur."""
        kind, key = self._read_id(given["instructeurId"])
        if kind == "User":
            return 0
        if kind == "Dossier":
            raise refuse(f"No object found for `instructeurId: {given['instructeurId']!r}`", None)
        if kind != "Instructeur" or key not in self.world.instructeurs:
            raise self.not_found()
        return key

    def find_key(self, text: str, wanted: str) -> int:
        """The number in an id of this class. Raises `not_found` when there is none."""
        kind, key = self._read_id(text)
        if kind != wanted:
            raise self.not_found()
        return key

    def _read_id(self, text: str) -> tuple[str, int]:
        kind, key = split_typed_id(text)
        digits = key.partition("|")[0]
        return kind, int(digits) if digits.isascii() and digits.isdigit() else -1

    def not_found(self) -> Exception:
        """The root error. It names the payload, not the object."""
        return refuse(f"{self.payload} not found", "not_found")

    def check_scope(self, dossier: Dossier, typename: str) -> None:
        self.request.check_scope(self.world.demarches[dossier.demarche], typename)

    def check_rights(self, dossier: Dossier, instructeur: int) -> None:
        """Check that the instructeur works in the dossier's present groupe."""
        form = self.world.demarches[dossier.demarche].form
        key = dossier.groupe
        if key is None or instructeur not in form.staff.find_groupe(key, form.number).instructeurs:
            raise Refusal(NO_RIGHTS)

    def find_again(self, number: int) -> Dossier:
        """The dossier as it is now."""
        dossier = self.world.dossier(number)
        if dossier is None:
            raise self.not_found()
        return dossier

    # --- effects

    def meet(self) -> None:
        """Called between the check and the write: here a racing call may be at the same point."""
        if self.request.race is not None:
            self.request.race.meet()

    def change(
        self,
        number: int,
        change: Callable[[Dossier, Instruction, dt.datetime], tuple[Instruction, dict[str, Any]]],
        *,
        touch: bool = True,
    ) -> Dossier:
        """Write. `change` gets the dossier as it is now, whatever the check saw, and gives its new
        version."""
        with self.world.lock:
            dossier = self.find_again(number)
            held = self.world.read_instruction(dossier)
            instruction, fields = change(dossier, held, self.world.now())
            return self.world.modify(number, touch=touch, instruction=instruction, **fields)

    def send_mail(self, dossier: Dossier, kind: str, *, quiet: bool = False) -> None:
        """Queue an e-mail; two when somebody filed for another person."""
        if quiet:
            return
        self.world.mails.append((dossier.number, kind))
        if dossier.third_party is not None:
            self.world.mails.append((dossier.number, f"{kind}.tiers"))

    def show(self, dossier: Dossier) -> Node:
        """The dossier after the change."""
        return self.nodes.write_dossier(dossier)


Mutation: TypeAlias = Callable[[MutationDesk, Input], dict[str, Any]]
