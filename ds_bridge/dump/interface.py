"""What a dump format is: objects in, bytes out, one at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO, Protocol


class Writer(Protocol):
    """Writes JSON-ready objects to a stream as they come. Returns how many there were."""

    def __call__(self, stored: Iterable[dict[str, Any]], out: BinaryIO) -> int:
        """Take each object once, in order; hold no more than one."""
        ...
