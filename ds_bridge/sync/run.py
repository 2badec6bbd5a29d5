"""One run for one démarche: form, dossiers, deletions. Takes a client and a store, gives a Summary.

A failure never loses what was committed before it: the summary says what was done and what stopped it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

from ds_bridge.api.client import Client
from ds_bridge.config import DemarcheSettings, SyncSettings
from ds_bridge.errors import DsBridgeError
from ds_bridge.log import get_logger
from ds_bridge.store import Store
from ds_bridge.sync.context import Run
from ds_bridge.sync.deletions import sync_deletions
from ds_bridge.sync.dossiers import sync_dossiers
from ds_bridge.sync.plan import fetch_plan
from ds_bridge.sync.stop import Stop
from ds_bridge.sync.summary import Summary

_log = get_logger("ds_bridge.sync")


def sync_demarche(
    name: str,
    demarche: DemarcheSettings,
    client: Client,
    store: Store,
    *,
    settings: SyncSettings | None = None,
    stop: Stop | None = None,
    progress: Callable[[Summary], None] | None = None,
) -> Summary:
    """Pull what changed since the last run. Never raises a DsBridgeError: the summary carries it.

    `progress` is called with the summary after every page. `stop` ends the run after a whole page.
    """
    summary = Summary(name=name, number=demarche.number)
    settings, stop, progress = settings or SyncSettings(), stop or Stop(), progress or _stay_silent
    run = Run(name, demarche, settings, client, store, summary, stop, progress)
    run_id = uuid.uuid4().hex
    before = client.requests
    failure: DsBridgeError | None = None
    try:
        store.begin_run(demarche.number, run_id, summary.started_at)
        _pull(run)
    except DsBridgeError as error:
        failure = error
        _log.error("run failed", demarche=name, reason=type(error).__name__, detail=str(error))
    summary.requests = client.requests - before
    summary.finish(failure, dt.datetime.now(dt.UTC))
    _close(run, run_id)
    return summary


def _pull(run: Run) -> None:
    plan = fetch_plan(run)
    sync_dossiers(run, plan)
    for kind in ("deleted", "pending"):
        sync_deletions(run, kind)


def _close(run: Run, run_id: str) -> None:
    """Write the run's row. A store that fails here is told in the summary unless something already was."""
    try:
        run.store.finish_run(run_id, run.summary.to_json())
    except DsBridgeError as error:
        if run.summary.error is None:
            run.summary.finish(error, dt.datetime.now(dt.UTC))


def _stay_silent(summary: Summary) -> None:
    del summary
