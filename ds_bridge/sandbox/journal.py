"""Journal: lists the requests to the sandbox, for tests. One entry for each request, without its token.

It lists requests of GraphQL, and requests to the public addresses under the names that `faults` gives them.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

ENTRIES_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A request and its answer. `size`: bytes of the body. `fault`: the fault that struck. `dossiers`: those
    shown."""

    operation: str | None
    variables: dict[str, Any]
    status: int
    size: int
    fault: str | None
    dossiers: int
    at: str


class Journal:
    """The last requests, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=ENTRIES_KEPT)

    def add(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)

    def entries(self, operation: str | None = None) -> list[Entry]:
        """All entries, or those of one operation."""
        with self._lock:
            return [entry for entry in self._entries if operation in (None, entry.operation)]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)
