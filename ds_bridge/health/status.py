"""Status: tells the state of each démarche, from the store alone. No network, no token.

`status` prints it, a monitor asks for `is_late`, and the metrics are made of it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ds_bridge.config import Settings
from ds_bridge.errors import StoreError
from ds_bridge.store import LostStream, Overview, RunRecord, SetAside, Store
from ds_bridge.sync.ages import describe_age
from ds_bridge.sync.summary import describe_comparison

SQLITE = "sqlite:///"


@dataclass(frozen=True)
class DemarcheStatus:
    """A démarche of the configuration, with what the store knows of it. `holder` is the process at work now,
    `waiting` are the dossiers set aside.
    """

    name: str
    number: int
    overview: Overview
    holder: str | None = None
    waiting: tuple[SetAside, ...] = ()

    @property
    def last_outcome(self) -> str:
        """`never`, `running`, `unfinished` (killed), or the last run's outcome."""
        last = self.overview.last_run
        if last is None:
            return "never"
        if last.summary is None:
            return "running" if self.holder else "unfinished"
        return str(last.summary.get("outcome"))

    @property
    def last_good_at(self) -> dt.datetime | None:
        """When the last complete run ended."""
        good = self.overview.last_good_run
        return good.finished_at if good else None

    def is_late(self, now: dt.datetime, max_age: dt.timedelta) -> bool:
        """Whether the last good run is older than `max_age`, or there is none."""
        return self.last_good_at is None or now - self.last_good_at > max_age

    def describe_lateness(self, now: dt.datetime) -> str:
        """Half a sentence for a monitor."""
        if self.last_good_at is None:
            good = "never had a good run"
        else:
            good = f"had its last good run {describe_age(now - self.last_good_at)} ago"
        return f"{self.name} {good} (last run: {self.last_outcome})"

    def describe_actions(self) -> str:
        """Half a sentence on actions that are not over or of unknown outcome; empty without any."""
        open_ones = {state: self.overview.actions.get(state, 0) for state in ("planned", "sent", "unknown")}
        counts = ", ".join(f"{count} {state}" for state, count in open_ones.items() if count)
        return f"actions on the platform: {counts} (ds-bridge actions {self.name})" if counts else ""

    def to_json(self, now: dt.datetime) -> dict[str, Any]:
        """JSON-ready. Ages in seconds."""
        overview = self.overview
        return {
            "name": self.name,
            "number": self.number,
            "dossiers": overview.live,
            "invalid": overview.invalid,
            "set_aside": overview.set_aside,
            "oldest_set_aside": _write(overview.oldest_set_aside),
            "waiting": [_describe_waiting(each) for each in self.waiting],
            "tombstones": overview.tombstones,
            "walk_in_hand": overview.walk_in_hand,
            "running": self.holder,
            "last_run": _describe_run(overview.last_run, self.last_outcome),
            "last_good_run": _write(self.last_good_at),
            "last_good_run_age_seconds": _count_seconds(now, self.last_good_at),
            "purged_before": _write(overview.purged_before),
            "comparison": describe_comparison(overview.comparison),
            "not_proven": {
                "streams": [_describe_lost(each) for each in overview.lost_streams],
                "set_aside": overview.set_aside,
            },
            "actions": dict(overview.actions),
        }


def read_statuses(settings: Settings, names: list[str], store: Store) -> list[DemarcheStatus]:
    """The status of each of these démarches."""
    return [
        DemarcheStatus(
            name=name,
            number=(number := settings.demarche(name).number),
            overview=store.overview(number),
            holder=store.find_lock_holder(number),
            waiting=tuple(store.list_set_aside(number)),
        )
        for name in names
    ]


def open_existing(settings: Settings) -> Store:
    """Open a store to write. A sync must have made it: no other command makes a store.

    Raises StoreError when there is no store.
    """
    url = settings.store.url
    if url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).exists():
        raise StoreError(f"no store at {url.removeprefix(SQLITE)!r} yet: run ds-bridge sync first")
    return Store.open(url)


def warn_of_gaps(store: Store, name: str, number: int) -> str | None:
    """A line for a command that lists what the store has of a démarche, when no run was ever complete."""
    if store.last_good_run(number) is None:
        return f"{name} has never been synced whole: dossiers may be missing (ds-bridge sync {name})"
    return None


def open_to_read(settings: Settings) -> Store:
    """Open a store that a sync made, to read only: no right to write is needed. Raises StoreError."""
    return Store.open_to_read(settings.store.url)


def _describe_waiting(each: SetAside) -> dict[str, Any]:
    return {
        "number": each.number,
        "reason": each.reason,
        "tries": each.tries,
        "first_at": _write(each.first_at),
        "next_try_at": _write(each.next_try_at),
    }


def _describe_lost(each: LostStream) -> dict[str, Any]:
    return {"stream": each.kind, "since": _write(each.since), "reason": each.reason}


def _describe_run(run: RunRecord | None, outcome: str) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "run_id": run.run_id,
        "started_at": _write(run.started_at),
        "finished_at": _write(run.finished_at),
        "outcome": outcome,
        "error": run.summary.get("error") if run.summary else None,
    }


def _write(moment: dt.datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _count_seconds(now: dt.datetime, moment: dt.datetime | None) -> int | None:
    return int((now - moment).total_seconds()) if moment else None
