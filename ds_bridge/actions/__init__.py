"""Actions: what is to be changed on the platform, once and only once. Rows in, what became of each out.

rows → plan → outbox (the intention, first) → one request → outbox (what became of it). An outcome that nobody
knows is settled by reading the dossier again, never guessed.
"""

from __future__ import annotations

from ds_bridge.actions.job import Job, Orders, Planned, prepare
from ds_bridge.actions.rows import Reader, ReadRow
from ds_bridge.actions.run import Outcome, Summary
from ds_bridge.actions.wishes import Wish

__all__ = ["Job", "Orders", "Outcome", "Planned", "ReadRow", "Reader", "Summary", "Wish", "prepare"]
