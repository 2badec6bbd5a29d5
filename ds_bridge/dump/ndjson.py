"""The `ndjson` format: one object on each line, no line when empty."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO


def write(objects: Iterable[bytes], out: BinaryIO) -> int:
    """Write the lines. Returns the number of objects."""
    count = 0
    for one in objects:
        out.write(one + b"\n")
        count += 1
    return count
