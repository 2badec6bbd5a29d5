"""Summary: what a run did. Used for `sync --json`, the run's row in the store, and the line for operators."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

from ds_bridge.errors import DsBridgeError, InterruptedRunError
from ds_bridge.mapping.plan import Misfit
from ds_bridge.store import Comparison, PageCounts

Outcome = Literal["complete", "interrupted", "failed"]


@dataclass
class Summary:
    """Counts of one démarche's run.

    `seen` counts what the platform gave: a dossier modified during the run counts twice. `set_aside` is how
    many dossiers are set aside at the end, by this run or earlier ones. `misfits` are the fields that the
    present form does not feed. `comparison` is the last comparison with the platform; `compared` says that
    this run made it. `lost_streams` are the deletions that could not be followed.
    """

    name: str
    number: int
    outcome: Outcome = "failed"
    resumed: bool = False
    requests: int = 0
    pages: int = 0
    seen: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    restored: int = 0
    set_aside: int = 0
    invalid: int = 0
    misfits: tuple[Misfit, ...] = ()
    compared: bool = False
    comparison: Comparison | None = None
    lost_streams: tuple[str, ...] = ()
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    started_at: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    finished_at: dt.datetime | None = None
    error: str | None = None
    exit_code: int = 0

    def add_page(self, counts: PageCounts, *, delivered: int) -> None:
        """Count what a page changed."""
        self.seen += delivered
        self.created += counts.created
        self.updated += counts.updated
        self.unchanged += counts.unchanged
        self.restored += counts.restored
        self.invalid += counts.invalid

    def finish(self, error: DsBridgeError | None, at: dt.datetime) -> None:
        """Close the run: complete without error, else interrupted or failed with its message."""
        self.finished_at = at
        if error is None:
            self.outcome = "complete"
            return
        self.outcome = "interrupted" if isinstance(error, InterruptedRunError) else "failed"
        self.error = str(error)
        self.exit_code = error.exit_code

    def to_json(self) -> dict[str, Any]:
        """JSON-ready, keys in the order of the documentation."""
        return {
            "name": self.name,
            "number": self.number,
            "outcome": self.outcome,
            "resumed": self.resumed,
            "requests": self.requests,
            "pages": self.pages,
            "seen": self.seen,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "deleted": self.deleted,
            "restored": self.restored,
            "set_aside": self.set_aside,
            "invalid": self.invalid,
            "comparison": describe_comparison(self.comparison),
            "not_proven": {"streams": list(self.lost_streams), "set_aside": self.set_aside},
            "misfits": [{"field": each.name, "code": each.code.code} for each in self.misfits],
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "finished_at": self.finished_at.isoformat(timespec="seconds") if self.finished_at else None,
            "error": self.error,
        }


def describe_comparison(comparison: Comparison | None) -> dict[str, Any] | None:
    """JSON-ready; None before the first."""
    if comparison is None or comparison.at is None:
        return None
    return {
        "at": comparison.at.isoformat(timespec="seconds"),
        "dossiers": comparison.dossiers,
        "differences": comparison.differences,
        "mended": comparison.mended,
    }
