"""What a dump format is: objects in, bytes out, one at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO, Protocol


class Writer(Protocol):
    """Writes objects, each as compact JSON, to a stream as they come. Returns how many there were."""

    def __call__(self, objects: Iterable[bytes], out: BinaryIO) -> int:
        """Take each object once, in order; hold no more than one."""
        ...
