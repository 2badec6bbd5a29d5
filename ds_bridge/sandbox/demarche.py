"""One démarche in the sandbox: its form, its dossiers, and the orders in which the API lists them.

It has no lock and no clock of its own: `World` calls it under its lock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ds_bridge.sandbox.dossiers import DeletedDossier, Dossier
from ds_bridge.sandbox.forms import DemarcheForm
from ds_bridge.sandbox.ordering import DateOrder


@dataclass(slots=True)
class Demarche:
    """A démarche. `by_deposit` and `by_modification` hold the dossiers that an administration sees, `pending`
    the hidden ones."""

    form: DemarcheForm
    dossiers: dict[int, Dossier] = field(default_factory=dict)
    deleted: dict[int, DeletedDossier] = field(default_factory=dict)
    by_deposit: DateOrder = field(default_factory=DateOrder)
    by_modification: DateOrder = field(default_factory=DateOrder)
    pending: DateOrder = field(default_factory=DateOrder)
    by_deletion: DateOrder = field(default_factory=DateOrder)

    def put(self, dossier: Dossier) -> None:
        """Add a dossier, or replace it with its new version."""
        known = self.dossiers.get(dossier.number)
        if known is not None:
            self._unlist(known)
        self.dossiers[dossier.number] = dossier
        if dossier.is_pending_deletion:
            assert dossier.hidden_at is not None  # noqa: S101 - what is_pending_deletion means, for the types
            self.pending.add((dossier.hidden_at, dossier.number))
        elif dossier.is_given:
            self.by_deposit.add((dossier.deposited_at, dossier.number))
            self.by_modification.add((dossier.modified_at, dossier.number))

    def put_new(self, dossiers: Iterable[Dossier]) -> None:
        """Add many visible dossiers at once."""
        fresh = {dossier.number: dossier for dossier in dossiers}
        self.dossiers.update(fresh)
        self.by_deposit.add_many((dossier.deposited_at, dossier.number) for dossier in fresh.values())
        self.by_modification.add_many((dossier.modified_at, dossier.number) for dossier in fresh.values())

    def remove(self, deleted: DeletedDossier) -> None:
        """Forget a dossier for good."""
        self._unlist(self.dossiers.pop(deleted.number))
        self.put_deleted(deleted)

    def put_deleted(self, deleted: DeletedDossier) -> None:
        self.deleted[deleted.id] = deleted
        self.by_deletion.add((deleted.deleted_at, deleted.id))

    def _unlist(self, dossier: Dossier) -> None:
        if dossier.is_pending_deletion:
            assert dossier.hidden_at is not None  # noqa: S101 - what is_pending_deletion means, for the types
            self.pending.remove((dossier.hidden_at, dossier.number))
        elif dossier.is_given:
            self.by_deposit.remove((dossier.deposited_at, dossier.number))
            self.by_modification.remove((dossier.modified_at, dossier.number))
