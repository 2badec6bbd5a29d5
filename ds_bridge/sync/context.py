"""The context of a run: what every step of it needs to know."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ds_bridge.api.client import Client
from ds_bridge.config import DemarcheSettings, SyncSettings
from ds_bridge.errors import UnfitModelError
from ds_bridge.mapping.person import PersonChamp
from ds_bridge.store import Store
from ds_bridge.sync.blame import Blame
from ds_bridge.sync.stop import Stop
from ds_bridge.sync.summary import Summary


@dataclass
class Run:
    """One run of one démarche.

    `progress` gets the summary after every page; `waiting` holds the numbers set aside so far;
    `failed_in_a_row` counts the dossiers asked for by number that failed since one came; `unfit` says that
    the model fits nothing of the form; `blame` finds what fails in the same way.
    """

    name: str
    demarche: DemarcheSettings
    settings: SyncSettings
    client: Client
    store: Store
    summary: Summary
    stop: Stop
    progress: Callable[[Summary], None]
    person: PersonChamp = field(default_factory=PersonChamp)
    waiting: set[int] = field(default_factory=set)
    failed_in_a_row: int = 0
    unfit: UnfitModelError | None = None
    blame: Blame = field(default_factory=Blame)

    @property
    def number(self) -> int:
        """The démarche's number."""
        return self.demarche.number

    def forget_set_aside(self, numbers: Iterable[int]) -> None:
        """These dossiers came, or are deleted: they are set aside no more."""
        for number in self.waiting.intersection(numbers):
            self.store.clear_set_aside(self.number, number)
            self.waiting.discard(number)
