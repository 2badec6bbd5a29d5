"""One run of one démarche: pulls form, dossiers, deletions. Takes a client and a store, gives a Summary.

A failure never loses what was saved before it. The summary says what was done and what stopped the run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from ds_bridge.api.client import Client
from ds_bridge.config import DemarcheSettings, SyncSettings
from ds_bridge.errors import (
    DsBridgeError,
    PlatformUnavailableError,
    UnfitModelError,
)
from ds_bridge.log import bound, get_logger
from ds_bridge.mapping.faults import reported_faults
from ds_bridge.store import Comparison, Store
from ds_bridge.sync.context import Run
from ds_bridge.sync.deletions import follow_deletions
from ds_bridge.sync.dossiers import sync_dossiers
from ds_bridge.sync.parallel import load_in_parallel
from ds_bridge.sync.parts import Parallel
from ds_bridge.sync.plan import fetch_plan
from ds_bridge.sync.single import retry_set_aside
from ds_bridge.sync.stop import Stop
from ds_bridge.sync.summary import Summary
from ds_bridge.sync.sweep import is_due, sweep

_log = get_logger("ds_bridge.sync")


def sync_demarche(
    name: str,
    demarche: DemarcheSettings,
    client: Client,
    store: Store,
    *,
    settings: SyncSettings | None = None,
    full: bool = False,
    may_empty: bool = False,
    parallel: Parallel | None = None,
    stop: Stop | None = None,
    progress: Callable[[Summary], None] | None = None,
) -> Summary:
    """Pull what changed since the last run. Never raises a DsBridgeError: the summary holds the error.

    `full` sweeps afterwards although no sweep is due. `may_empty` lets a sweep mark any share of the store as
    vanished. `parallel` pulls a first load by several walks at a time; it changes no other run. `stop` ends
    the run after a whole page. `progress` is called with the summary after every page.
    """
    settings, stop, progress = settings or SyncSettings(), stop or Stop(), progress or _stay_silent
    summary = Summary(name=name, number=demarche.number)
    run = Run(name, demarche, settings, client, store, summary, stop, progress)
    with bound(run=summary.run_id, demarche=name):
        try:
            with store.lock(demarche.number):
                _run_locked(run, full=full, may_empty=may_empty, parallel=parallel)
        except DsBridgeError as error:
            summary.finish(error, dt.datetime.now(dt.UTC))
        _tell_end(summary)
    return summary


def _run_locked(run: Run, *, full: bool, may_empty: bool, parallel: Parallel | None) -> None:
    """The run, and its row in the store. Raises only the error that keeps the row from being written."""
    summary, before = run.summary, run.client.requests
    run.store.begin_run(run.number, summary.run_id, summary.started_at)
    failure: DsBridgeError | None = None
    try:
        run.waiting.update(waiting.number for waiting in run.store.list_set_aside(run.number))
        with reported_faults():
            _pull(run, full=full, may_empty=may_empty, parallel=parallel)
    except DsBridgeError as error:
        failure = error
    summary.set_aside = len(run.waiting)
    summary.requests = run.client.requests - before
    summary.finish(failure, dt.datetime.now(dt.UTC))
    try:
        run.store.finish_run(summary.run_id, summary.to_json())
    except DsBridgeError:
        # Keep the error that ended the run: when the store fails twice, only the first error counts.
        if failure is None:
            raise


def _pull(run: Run, *, full: bool, may_empty: bool, parallel: Parallel | None) -> None:
    plan = fetch_plan(run)
    began = run.client.now()
    run.summary.comparison = last = _read_comparison(run, began)
    load_in_parallel(run, plan, parallel)
    sync_dossiers(run, plan)
    run.blame.conclude(is_empty=run.store.count(run.number) == 0)
    retry_set_aside(run, plan)
    failures = follow_deletions(run)
    if full or is_due(last, run.settings.sweep_days, began):
        sweep(run, plan, began=began, may_empty=may_empty)
    if run.unfit is not None:
        raise UnfitModelError(
            f"{run.unfit}\n  The dossiers were pulled, and are mapped without the model. Once the model fits,"
            f" run ds-bridge remap {run.name}"
        )
    if failures:
        raise PlatformUnavailableError("; ".join(failures) + " (the dossiers themselves were pulled)")


def _read_comparison(run: Run, began: dt.datetime) -> Comparison | None:
    """The last comparison with the platform. The days begin to count at the first load of a store."""
    last = run.store.read_comparison(run.number)
    if last is None and run.store.count(run.number) == 0:
        last = Comparison(counts_from=began)
        run.store.save_comparison(run.number, last)
    return last


def _tell_end(summary: Summary) -> None:
    counts = {key: value for key, value in summary.to_json().items() if isinstance(value, int)}
    if summary.error is None:
        _log.info("run complete", **counts)
    else:
        # Do not log the failure here: the command shows it in its last line, a program reads it in the
        # summary.
        _log.info("run ended early", detail=summary.error, **counts)


def _stay_silent(summary: Summary) -> None:
    del summary
