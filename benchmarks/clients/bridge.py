"""ds-bridge: what `ds-bridge sync` does. Dossiers are kept in SQLite and mapped, deletions followed."""

from __future__ import annotations

import json
import sys
import time

from benchmarks.kinds import is_changed
from benchmarks.platform import CRA
from ds_bridge.api.client import Client
from ds_bridge.config import ApiSettings, DemarcheSettings
from ds_bridge.store import Store
from ds_bridge.sync import sync_demarche


def main() -> None:
    """One run."""
    url, folder, _, _ = sys.argv[1:]
    demarche = DemarcheSettings(number=CRA, model="ds_bridge.cra:CompteRendu")
    settings = ApiSettings(url=url, requests_per_minute=10_000)
    started = time.perf_counter()
    with Client(settings, token="x") as client, Store.open(f"sqlite:///{folder}/bridge.db") as store:
        summary = sync_demarche("cra", demarche, client, store)
    seconds = time.perf_counter() - started
    with Store.open(f"sqlite:///{folder}/bridge.db") as store:
        changed = sum(is_changed(json.dumps(dossier.raw)) for dossier in store.dossiers(CRA))
    got = summary.created + summary.updated + summary.unchanged
    print(json.dumps({"seconds": seconds, "dossiers": got, "changed": changed, "error": summary.error}))


if __name__ == "__main__":
    main()
