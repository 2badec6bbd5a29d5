"""Metrics: writes the state of the démarches as a Prometheus textfile. Counts, dates, outcomes; no personal
data.

Takes the statuses (from the store) and the summaries of the run that just ended. The summaries also know what
could not be written to the store: a lock held by another run, a full disk. The file appears whole.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from ds_bridge.errors import StoreError
from ds_bridge.health.status import DemarcheStatus
from ds_bridge.sync import Summary

OUTCOMES = ("complete", "interrupted", "failed")
CHANGES = ("seen", "created", "updated", "unchanged", "deleted", "restored", "invalid", "set_aside")
STREAMS = ("deleted", "pending")
ACTION_STATES = ("planned", "sent", "done", "refused", "unknown")
_READABLE = 0o644
_LABELS = ("demarche", "number")


def write_metrics(path: Path, statuses: Iterable[DemarcheStatus], summaries: Sequence[Summary] = ()) -> None:
    """Write the file for node_exporter's textfile collector (which wants a name in `.prom`).

    A démarche without a status and a summary is not in the file. Raises StoreError when the file cannot be
    written.
    """
    registry = CollectorRegistry()
    gauges = _Gauges(registry)
    ran = {summary.name: summary for summary in summaries}
    for status in statuses:
        gauges.tell_store(status)
        if status.name not in ran and (last := status.overview.last_run) and last.summary:
            gauges.tell_run(status.name, status.number, last.summary)
    for summary in summaries:
        gauges.tell_run(summary.name, summary.number, summary.to_json())
    try:
        _replace(path, generate_latest(registry))
    except OSError as error:
        raise StoreError(
            f"metrics {str(path)!r} cannot be written: {error.strerror}: give a file in a folder of this user"
        ) from None


def _replace(path: Path, content: bytes) -> None:
    """Replaces prometheus_client's own writer: whatever the umask, a collector of another user must read the
    file."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("wb") as stream:
            os.fchmod(stream.fileno(), _READABLE)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


class _Gauges:
    """Every metric of the file, each with the labels `demarche` (its name) and `number`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"ds_bridge_{name}", text, (*_LABELS, *labels), registry=registry)

        self.outcome = gauge(
            "last_run_outcome", "1 for the outcome of the last run, 0 for others.", "outcome"
        )
        self.started = gauge("last_run_timestamp_seconds", "When the last run began.")
        self.duration = gauge("last_run_duration_seconds", "How long the last run took.")
        self.requests = gauge("last_run_requests", "Requests that the last run made.")
        self.changes = gauge(
            "last_run_dossiers", "Dossiers of the last run, by what became of them.", "change"
        )
        self.good = gauge("last_good_run_timestamp_seconds", "When the last complete run ended.")
        self.live = gauge("dossiers", "Live dossiers in the store.")
        self.invalid = gauge("invalid_dossiers", "Live dossiers in the store that are not valid.")
        self.waiting = gauge("set_aside_dossiers", "Dossiers that the platform could not give so far.")
        self.tombstones = gauge("tombstones", "Deleted dossiers that the store remembers.")
        self.compared = gauge(
            "comparison_timestamp_seconds", "When every number, date and revision was compared last."
        )
        self.comparison = gauge(
            "comparison_dossiers", "Dossiers of the last comparison, by what was found.", "found"
        )
        self.lost = gauge("lost_streams", "1 for deletions that are not followed, else 0.", "stream")
        self.actions = gauge("actions", "Actions on the platform, by what became of them.", "state")

    def tell_store(self, status: DemarcheStatus) -> None:
        """Fill the metrics that the store knows."""
        labels, overview = (status.name, str(status.number)), status.overview
        self.live.labels(*labels).set(overview.live)
        self.invalid.labels(*labels).set(overview.invalid)
        self.waiting.labels(*labels).set(overview.set_aside)
        self.tombstones.labels(*labels).set(overview.tombstones)
        lost = {each.kind for each in overview.lost_streams}
        for stream in STREAMS:
            self.lost.labels(*labels, stream).set(stream in lost)
        if (last := overview.comparison) and last.at:
            self.compared.labels(*labels).set(last.at.timestamp())
            for found in ("dossiers", "differences", "mended"):
                self.comparison.labels(*labels, found).set(getattr(last, found))
        for state in ACTION_STATES if overview.actions else ():
            self.actions.labels(*labels, state).set(overview.actions.get(state, 0))
        if status.last_good_at:
            self.good.labels(*labels).set(status.last_good_at.timestamp())

    def tell_run(self, name: str, number: int, run: dict[str, Any]) -> None:
        """Fill the metrics of the last run, from its summary as JSON."""
        labels = (name, str(number))
        started, finished = _read(run["started_at"]), _read(run["finished_at"])
        for outcome in OUTCOMES:
            self.outcome.labels(*labels, outcome).set(run["outcome"] == outcome)
        for change in CHANGES:
            self.changes.labels(*labels, change).set(run[change])
        self.requests.labels(*labels).set(run["requests"])
        if started:
            self.started.labels(*labels).set(started)
        if started and finished:
            self.duration.labels(*labels).set(finished - started)


def _read(moment: str | None) -> float | None:
    return dt.datetime.fromisoformat(moment).timestamp() if moment else None
