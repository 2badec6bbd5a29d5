"""`read_roster` and `write_roster`: from a file of any known format to a `Roster`, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from ds_bridge.errors import ConfigurationError
from ds_bridge.people.roster import csv, json, spreadsheet
from ds_bridge.people.roster.interface import Added, Roster, RosterFormat, RosterWriter, Row

LARGEST_FILE = 128 * 1024 * 1024
LARGEST_TEXT = 16 * 1024 * 1024
"""The limit for CSV and JSON: in memory they take ten to thirty times their size."""

FORMATS: Mapping[str, RosterFormat] = {
    ".csv": RosterFormat.CSV,
    ".tsv": RosterFormat.CSV,
    ".txt": RosterFormat.CSV,
    ".json": RosterFormat.JSON,
    ".ndjson": RosterFormat.NDJSON,
    ".jsonl": RosterFormat.NDJSON,
    ".xlsx": RosterFormat.SPREADSHEET,
    ".xlsm": RosterFormat.SPREADSHEET,
    ".xlsb": RosterFormat.SPREADSHEET,
    ".xls": RosterFormat.SPREADSHEET,
    ".ods": RosterFormat.SPREADSHEET,
}
_READERS = {
    RosterFormat.CSV: csv.read,
    RosterFormat.JSON: json.read,
    RosterFormat.NDJSON: json.read_lines,
    RosterFormat.SPREADSHEET: spreadsheet.read,
}
_WRITERS: Mapping[RosterFormat, RosterWriter] = {
    RosterFormat.CSV: csv.write,
    RosterFormat.JSON: json.write,
    RosterFormat.NDJSON: json.write_lines,
    RosterFormat.SPREADSHEET: spreadsheet.write,
}
# First bytes of a ZIP (.xlsx, .xlsb, .ods), and of the container of the older .xls.
_SPREADSHEET_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def read_roster(source: Path | BinaryIO) -> Roster:
    """Read a CSV, JSON, NDJSON or spreadsheet file, or a stream of one.

    Raises ConfigurationError for a file that cannot be read, has another format, or has no row.
    """
    if isinstance(source, Path):
        name, suffix = repr(source.name), source.suffix.lower()
    else:
        name, suffix = "the file", ""
    content = _read_bytes(source, name)
    kind = _find_format(content, suffix)
    if kind is not RosterFormat.SPREADSHEET and len(content) > LARGEST_TEXT:
        raise ConfigurationError(f"{name} passes {LARGEST_TEXT // 1024**2} MiB: cut it in parts")
    roster = _READERS[kind](content, name)
    if not roster.rows:
        raise ConfigurationError(f"{name}: it has headings and no row")
    return roster


def write_roster(
    roster: Roster,
    rows: Iterable[tuple[Row, Added]],
    added: Sequence[str],
    out: BinaryIO,
    output_format: RosterFormat | None = None,
) -> None:
    """Write rows of the roster with their added columns, in its own format unless another is given."""
    _WRITERS[output_format or roster.format](roster, rows, added, out)


def _find_format(content: bytes, suffix: str) -> RosterFormat:
    if content.startswith(_SPREADSHEET_STARTS):  # whatever its name
        return RosterFormat.SPREADSHEET
    known = FORMATS.get(suffix)
    if known is not None:
        return known
    start = content[:200].removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return {b"[": RosterFormat.JSON, b"{": RosterFormat.NDJSON}.get(start, RosterFormat.CSV)


def _read_bytes(source: Path | BinaryIO, name: str) -> bytes:
    try:
        if isinstance(source, Path):
            with source.open("rb") as stream:
                content = stream.read(LARGEST_FILE + 1)
        else:
            content = source.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ConfigurationError(f"{name} cannot be read: {error.strerror}") from None
    if len(content) > LARGEST_FILE:
        raise ConfigurationError(f"{name} passes {LARGEST_FILE // 1024**2} MiB: cut it in parts")
    if not content.strip():
        raise ConfigurationError(f"{name}: it is empty")
    return content
