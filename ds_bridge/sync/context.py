"""What every step of a run needs to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ds_bridge.api.client import Client
from ds_bridge.config import DemarcheSettings, SyncSettings
from ds_bridge.store import Store
from ds_bridge.sync.stop import Stop
from ds_bridge.sync.summary import Summary


@dataclass
class Run:
    """One démarche, pulled once. `progress` is told the summary after every page."""

    name: str
    demarche: DemarcheSettings
    settings: SyncSettings
    client: Client
    store: Store
    summary: Summary
    stop: Stop
    progress: Callable[[Summary], None]

    @property
    def number(self) -> int:
        """The démarche's number."""
        return self.demarche.number
