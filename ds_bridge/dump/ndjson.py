"""The `ndjson` format: an object a line, no line when empty."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO

from ds_bridge.store.encoding import encode_json


def write(stored: Iterable[dict[str, Any]], out: BinaryIO) -> int:
    """Write the lines. Returns the number of objects."""
    count = 0
    for one in stored:
        out.write(encode_json(one) + b"\n")
        count += 1
    return count
