"""Runs several démarches, one after the other, or in threads with a common pace. Gives their Summaries.

Each démarche has its own store and client. All share the stop, and the pace, because the platform counts
requests by token. An error of one démarche never ends the others.
"""

from __future__ import annotations

import datetime as dt
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ds_bridge.api.client import Client
from ds_bridge.api.pace import Pace
from ds_bridge.config import Settings
from ds_bridge.errors import ConfigurationError, DsBridgeError
from ds_bridge.log import get_logger
from ds_bridge.mapping.faults import reported_faults
from ds_bridge.store import Store
from ds_bridge.sync.parts import Parallel
from ds_bridge.sync.run import sync_demarche
from ds_bridge.sync.stop import Stop
from ds_bridge.sync.summary import Summary

_LOOK_SECONDS = 0.2

_log = get_logger("ds_bridge.sync")


@dataclass(frozen=True)
class Orders:
    """How to run: `jobs` démarches at a time. The other fields are those of `sync_demarche`."""

    full: bool = False
    may_empty: bool = False
    jobs: int = 1
    parallel: Parallel | None = None
    stop: Stop = field(default_factory=Stop)
    progress: Callable[[Summary], None] | None = None


def choose_demarches(settings: Settings, names: Sequence[str]) -> list[str]:
    """The names in the order of the configuration, all when none is given.

    Raises ConfigurationError for an unknown name, or when there is nothing to sync.
    """
    for name in names:
        settings.demarche(name)
    chosen = [name for name in settings.demarches if name in names or not names]
    if not chosen:
        raise ConfigurationError(
            "no démarche in the configuration: add a [demarches.NAME] table with its number"
        )
    return chosen


def sync_demarches(settings: Settings, names: Sequence[str], orders: Orders) -> list[Summary]:
    """Sync each démarche. Gives summaries in the order of `names`; they hold the errors: none is raised."""
    pace = Pace(settings.api.requests_per_minute, sleep=_tell_and(orders.stop.sleep))

    def sync_one(name: str) -> Summary:
        return _sync_one(settings, name, orders, pace)

    if orders.jobs == 1 or len(names) == 1:
        return [sync_one(name) for name in names]
    return _map_in_threads(sync_one, names, min(orders.jobs, len(names)))


def _map_in_threads(work: Callable[[str], Summary], names: Sequence[str], jobs: int) -> list[Summary]:
    # Daemon threads, not an executor: a second Ctrl-C must end the process at once, without its pages.
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for name in names:
        waiting.put(name)
    done: dict[str, Summary] = {}

    def take() -> None:
        while not waiting.empty():
            try:
                name = waiting.get_nowait()
            except queue.Empty:  # another thread was quicker
                return
            done[name] = work(name)

    threads = [threading.Thread(target=take, name=f"sync-{number}", daemon=True) for number in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        # Wait in short steps: the system may hand a second signal to another thread, which does not wake this
        # one.
        while thread.is_alive():
            thread.join(_LOOK_SECONDS)
    return [done[name] for name in names]


def _sync_one(settings: Settings, name: str, orders: Orders, pace: Pace) -> Summary:
    demarche = settings.demarche(name)
    summary = Summary(name=name, number=demarche.number)
    try:
        orders.stop.check()
        with (
            reported_faults(),
            Store.open(settings.store.url) as store,
            Client(
                settings.api,
                pace=pace,
                sleep=orders.stop.sleep,
                on_request=_tell_request,
                include=demarche.include,
            ) as client,
        ):
            return sync_demarche(
                name,
                demarche,
                client,
                store,
                settings=settings.sync,
                full=orders.full,
                may_empty=orders.may_empty,
                parallel=orders.parallel,
                stop=orders.stop,
                progress=orders.progress,
            )
    except DsBridgeError as error:
        summary.finish(error, dt.datetime.now(dt.UTC))
        return summary


def _tell_request(operation: str, seconds: float) -> None:
    _log.debug("request", operation=operation, seconds=round(seconds, 3))


def _tell_and(sleep: Callable[[float], None]) -> Callable[[float], None]:
    def wait(seconds: float) -> None:
        _log.info("waiting", reason="pace", wait_seconds=round(seconds, 1))
        sleep(seconds)

    return wait
