"""Endings: what the file of -o says about the format. `-` is stdout."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ds_bridge.errors import ConfigurationError

STDOUT = Path("-")
_KNOWN = frozenset({"json", "ndjson", "csv", "parquet", "xlsx", "html", "pdf"})


def find_file(output: Path | None) -> Path | None:
    """The file to write; None for stdout."""
    return None if output == STDOUT else output


def find_ending(output: Path | None) -> str:
    """The ending in small letters, without its dot; empty for stdout, a folder, and a name without one."""
    return "" if output is None or output.is_dir() else output.suffix.lower().lstrip(".")


def check_ending(output: Path | None, chosen: str, formats: Iterable[str]) -> None:
    """Raise ConfigurationError when the ending names another format than the one that is written."""
    ending = find_ending(output)
    if ending in _KNOWN and ending != chosen:
        known = ", ".join(formats)
        raise ConfigurationError(
            f"output {str(output)!r}: {chosen} does not go into a .{ending} file: change the name or --format"
            f" (known: {known})"
        )
