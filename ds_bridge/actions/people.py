"""People: finds the one stored dossier for an action that names a person's pilotage identifier."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from ds_bridge.actions.kinds import MOVES
from ds_bridge.actions.rows import RowError
from ds_bridge.people.coverage import Depositor
from ds_bridge.store import Store


class Persons:
    """Finds dossiers by identifier, like `coverage`: typed in the form, else known from the draft."""

    def __init__(self, store: Store, demarche: int, fields: Mapping[str, str]) -> None:
        self._store, self._demarche, self._fields = store, demarche, fields

    def find(self, identifiant: int, action: str) -> int:
        """The number of the one dossier that fits. Raises RowError when there is none, or several."""
        found = self._dossiers.get(identifiant, [])
        move = MOVES.get(action)
        if len(found) > 1 and move is not None:
            fitting = [each for each in found if each[1] in move.sources]
            found = fitting or [each for each in found if each[1] == move.state]
        if len(found) != 1:
            raise RowError(f"identifiant: {len(found)} dossiers of the store fit: give the dossier's number")
        return found[0][0]

    @cached_property
    def _dossiers(self) -> dict[int, list[tuple[int, str]]]:
        drafted = {draft.number: draft.identifiant for draft in self._store.drafts(self._demarche)}
        found: dict[int, list[tuple[int, str]]] = {}
        for dossier in self._store.dossiers(self._demarche):
            identifiant = Depositor(dossier, self._fields).identifiant
            if identifiant is None:
                identifiant = drafted.get(dossier.number)
            if identifiant is not None:
                found.setdefault(identifiant, []).append((dossier.number, dossier.state))
        return found
