"""Remap: maps every stored dossier again from its raw JSON, offline.

Takes the form as the store keeps it, the present model and the present configuration. Writes new documents,
rows, anomalies, views, and the person of each dossier. To be run after a change of the model or of
`[demarches.NAME.champs]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ds_bridge.config import DemarcheSettings
from ds_bridge.errors import ConfigurationError, InterruptedRunError
from ds_bridge.mapping import Plan
from ds_bridge.mapping.faults import reported_faults
from ds_bridge.mapping.person import PersonChamp
from ds_bridge.store import DossierEntry, PageCounts, Store
from ds_bridge.store.view_columns import View
from ds_bridge.sync.content import read_content
from ds_bridge.sync.entries import make_entry
from ds_bridge.sync.plan import build_person, build_plan, build_views, publish_views
from ds_bridge.sync.pulled import Pulled
from ds_bridge.sync.stop import Stop

DOSSIERS_A_BATCH = 100


@dataclass
class Remapped:
    """Counts of one remap. `error` says what stopped it; what was mapped before that is kept."""

    name: str
    number: int
    seen: int = 0
    changed: int = 0
    unchanged: int = 0
    invalid: int = 0
    error: str | None = None
    exit_code: int = 0

    def add(self, counts: PageCounts, *, delivered: int) -> None:
        """Count a batch."""
        self.seen += delivered
        self.changed += counts.updated
        self.unchanged += counts.unchanged
        self.invalid += counts.invalid

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "name": self.name,
            "number": self.number,
            "outcome": "interrupted" if self.error else "complete",
            "seen": self.seen,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "invalid": self.invalid,
            "error": self.error,
        }


def remap_demarche(
    name: str,
    demarche: DemarcheSettings,
    store: Store,
    *,
    stop: Stop | None = None,
    progress: Callable[[Remapped], None] | None = None,
) -> Remapped:
    """Map every live dossier again, one transaction for each batch, under the démarche's lock.

    `stop` ends it after a whole batch; then the result holds the error. `progress` is called after every
    batch. Raises ConfigurationError when the store has no form yet or the model fits nothing of it,
    LockedError.
    """
    stop = stop or Stop()
    result = Remapped(name, demarche.number)
    with store.lock(demarche.number), reported_faults():
        plan, person, views = _read_plan(name, demarche, store)
        publish_views(store, name, demarche.number, views)
        try:
            for batch in _map_batches(plan, person, demarche.number, store):
                stop.check()
                counts = store.save_page(demarche.number, batch, None)
                result.add(counts, delivered=len(batch))
                if progress:
                    progress(result)
            store.save_person_champs(demarche.number, person.key)
        except InterruptedRunError as error:
            result.error, result.exit_code = str(error), error.exit_code
    return result


def _read_plan(
    name: str, demarche: DemarcheSettings, store: Store
) -> tuple[Plan | None, PersonChamp, list[View]]:
    document = store.read_form(demarche.number)
    if document is None:
        raise ConfigurationError(
            f"the store holds no form of démarche {demarche.number} yet: run ds-bridge sync {name} first"
        )
    plan = build_plan(demarche, document, lenient=True)
    views = build_views(name, demarche.number, plan, document)
    return plan, build_person(demarche, plan, document), views


def _map_batches(
    plan: Plan | None, person: PersonChamp, number: int, store: Store
) -> Iterator[list[DossierEntry]]:
    batch: list[DossierEntry] = []
    for dossier in store.dossiers(number):
        pulled = Pulled.of(dossier.raw)
        batch.append(make_entry(pulled, read_content(plan, pulled.node, number), person))
        if len(batch) == DOSSIERS_A_BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
