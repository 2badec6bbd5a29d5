"""The `json` format: one array, one object on each line; valid also when empty."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO


def write(objects: Iterable[bytes], out: BinaryIO) -> int:
    """Write the array. Returns the number of objects."""
    count = 0
    out.write(b"[")
    for one in objects:
        out.write(b",\n" if count else b"\n")
        out.write(one)
        count += 1
    out.write(b"\n]\n" if count else b"]\n")
    return count
