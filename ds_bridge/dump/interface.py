"""The interface of a dump format: it takes objects one at a time, and writes bytes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO, Protocol


class Writer(Protocol):
    """Writes objects, each given as compact JSON, to a stream as they come. Returns their number."""

    def __call__(self, objects: Iterable[bytes], out: BinaryIO) -> int:
        """Take each object once, in order; hold no more than one."""
        ...
