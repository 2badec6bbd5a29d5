"""Actions: changes dossiers on the platform, each change once and only once. Takes rows, gives their
outcomes.

rows → plan → outbox (the intention) → one request → outbox (the outcome). When a request has no answer, the
dossier is read again to settle the outcome; nothing is guessed.
"""

from __future__ import annotations

from ds_bridge.actions.job import Job, Orders, Planned, prepare
from ds_bridge.actions.rows import Reader, ReadRow
from ds_bridge.actions.run import Outcome, Summary
from ds_bridge.actions.wishes import Wish

__all__ = ["Job", "Orders", "Outcome", "Planned", "ReadRow", "Reader", "Summary", "Wish", "prepare"]
