"""`dump_dossiers`: from the store's live dossiers to a stream, a file or a folder, in one of the formats.

store → (document, or raw) → without people? → json, ndjson: as it is
                                             → csv, parquet, xlsx: split into tables by a layout
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from ds_bridge.dump import json, ndjson
from ds_bridge.dump.file import replacing
from ds_bridge.dump.folder import MANIFEST, open_private, replacing_folder
from ds_bridge.dump.interface import Writer
from ds_bridge.dump.manifest import describe_dump
from ds_bridge.dump.personal import Hider
from ds_bridge.errors import ConfigurationError, MissingExtraError
from ds_bridge.store import Store, StoredDocument
from ds_bridge.store.encoding import encode_json
from ds_bridge.store.reading import Part
from ds_bridge.tables.described import Described
from ds_bridge.tables.layout import DOSSIERS, Cells, Facts, Layout

FORMATS: Mapping[str, Writer] = {"json": json.write, "ndjson": ndjson.write}
"""One stream of whole objects."""

TABLES: Mapping[str, str | None] = {"csv": None, "parquet": "polars", "xlsx": "xlsxwriter"}
"""Tables, and the module of the extra `dump` that each needs."""


def _say_nothing(line: str) -> None:
    del line


@dataclass(frozen=True)
class Options:
    """How dossiers are written. `described` is needed by tables, `hider` hides the people."""

    described: Described | None = None
    hider: Hider | None = None
    tell: Callable[[str], None] = _say_nothing


def dump_dossiers(
    store: Store,
    demarche: int,
    *,
    format: str = "json",  # noqa: A002 - the command's own word
    out: BinaryIO | Path,
    raw: bool = False,
    states: Collection[str] | None = None,
    since: datetime | None = None,
    options: Options | None = None,
) -> int:
    """Write a démarche's live dossiers by number: as mapped, or as pulled with `raw`.

    `since` is the earliest modification. A path is written whole or not at all: a file, for csv and parquet a
    folder; an OSError of a stream (a closed pipe) is left to the caller. Returns how many dossiers were
    written. Raises ConfigurationError for a format, a path or a combination that cannot be, or a dossier
    mapped by another model; StoreError when the store or disk fails.
    """
    options = options or Options()
    if format not in FORMATS and format not in TABLES:
        known = ", ".join([*FORMATS, *TABLES])
        raise ConfigurationError(f"no dump format {format!r} (known: {known})")
    if raw and options.hider:
        raise ConfigurationError("a raw dump holds everything that was filed: it cannot be pseudonymised")
    if raw:
        if format not in FORMATS:
            raise ConfigurationError(f"a raw dump is json or ndjson: {format} has tables of what was mapped")
        dossiers = store.dossiers(demarche, states=states, since=since)
        return _dump_objects(FORMATS[format], (encode_json(each.raw) for each in dossiers), out)
    also: set[Part] = {"account"} if options.hider else set()
    if format in FORMATS:
        documents = store.documents(demarche, states=states, since=since, also=also)
        return _dump_objects(FORMATS[format], _read_objects(documents, options.hider), out)
    documents = store.documents(demarche, states=states, since=since, also=also | {"row_ids"})
    return _dump_tables(format, documents, out, options)


def need_extra(what: str, module: str | None) -> None:
    """Raise ConfigurationError unless the module, of the extra `dump`, is there."""
    if module is not None and find_spec(module) is None:
        raise MissingExtraError(what, "dump")


def _read_objects(stored: Iterator[StoredDocument], hider: Hider | None) -> Iterator[bytes]:
    for each in stored:
        # As it stands is as it is to be written: nothing is read or made of it that is not changed.
        yield encode_json(hider.hide(each.document, each.account)) if hider else each.text.encode()


def _dump_objects(writer: Writer, objects: Iterator[bytes], out: BinaryIO | Path) -> int:
    if not isinstance(out, Path):
        return writer(objects, out)
    with replacing(out) as stream:
        return writer(objects, stream)


def _dump_tables(
    format_name: str, stored: Iterator[StoredDocument], out: BinaryIO | Path, options: Options
) -> int:
    need_extra(f"--format {format_name}", TABLES[format_name])
    if options.described is None:
        raise ConfigurationError(
            f"format {format_name} needs the démarche described: see ds_bridge.tables.describe"
        )
    if not isinstance(out, Path):
        what = "a workbook: name it" if format_name == "xlsx" else "a folder: name it"
        raise ConfigurationError(f"format {format_name} writes {what} with --output")
    layout = options.described.layout(pseudonymised=options.hider is not None)
    rows = _split(stored, layout, options.hider)
    if format_name == "xlsx":
        return _write_workbook(layout, rows, out, options)
    return _write_folder(format_name, layout, rows, out, options)


def _split(
    stored: Iterator[StoredDocument], layout: Layout, hider: Hider | None
) -> Iterator[tuple[str, Cells]]:
    for each in stored:
        document = hider.hide(each.document, each.account) if hider else each.document
        yield from layout.split(document, Facts(each.number, each.valid, each.row_ids))


def _write_workbook(layout: Layout, rows: Iterator[tuple[str, Cells]], out: Path, options: Options) -> int:
    from ds_bridge.dump import xlsx

    # Beside the file, not in /tmp, which may be small and is not the place for people's data.
    beside = out.resolve()
    with (
        replacing(out) as stream,
        tempfile.TemporaryDirectory(dir=beside.parent, prefix=f".{beside.name}.parts.") as scratch,
    ):
        counts = xlsx.write(layout.tables, rows, stream, scratch=Path(scratch), tell=options.tell)
    return counts[DOSSIERS]


def _write_folder(
    format_name: str, layout: Layout, rows: Iterator[tuple[str, Cells]], out: Path, options: Options
) -> int:
    assert options.described is not None  # noqa: S101 - checked by the caller, for the types
    with replacing_folder(out) as folder:
        if format_name == "csv":
            from ds_bridge.dump import csv

            counts, ending = csv.write(layout.tables, rows, folder), csv.ENDING
        else:
            from ds_bridge.dump import parquet

            counts, ending = parquet.write(layout.tables, rows, folder), parquet.ENDING
        manifest = describe_dump(
            options.described, layout, ending, counts, pseudonymised=options.hider is not None
        )
        with open_private(folder / MANIFEST) as stream:
            stream.write(_indent(manifest))
    return counts[DOSSIERS]


def _indent(value: dict[str, Any]) -> str:
    import orjson

    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n"
