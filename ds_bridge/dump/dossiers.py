"""`dump_dossiers`: writes the store's live dossiers to a stream, a file or a folder, in one of the formats.

store → (document, or raw) → without people? → json, ndjson: as it is
                                             → csv, parquet, xlsx: split into tables by a layout
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, Unpack

from ds_bridge.dump import csv, json, ndjson
from ds_bridge.dump.file import replacing
from ds_bridge.dump.folder import MANIFEST, open_private, replacing_folder
from ds_bridge.dump.interface import Writer
from ds_bridge.dump.manifest import describe_dump
from ds_bridge.dump.personal import Hider
from ds_bridge.dump.where import Where
from ds_bridge.errors import ConfigurationError, MissingExtraError
from ds_bridge.store import Store, StoredDocument, StoredDossier
from ds_bridge.store.encoding import encode_json
from ds_bridge.store.reading import Conditions, Part
from ds_bridge.tables.columns import Table
from ds_bridge.tables.described import Described
from ds_bridge.tables.layout import Cells, Facts, Layout, OneTable

FORMATS: Mapping[str, Writer] = {"json": json.write, "ndjson": ndjson.write}
"""One stream of whole objects."""

TABLES: Mapping[str, str | None] = {"csv": None, "parquet": "polars", "xlsx": "xlsxwriter"}
"""Formats in tables, each with the module of the extra `dump` that it needs."""

_FILE_ENDINGS = frozenset({".csv", ".parquet", ".xlsx", ".json", ".ndjson"})
_Stored = TypeVar("_Stored", StoredDocument, StoredDossier)


def _say_nothing(line: str) -> None:
    del line


@dataclass(frozen=True)
class Options:
    """How dossiers are written. Tables need `described`; `hider` hides the people.

    `where` keeps the dossiers that meet its conditions; `table` names the only table that is wanted.
    """

    described: Described | None = None
    hider: Hider | None = None
    tell: Callable[[str], None] = _say_nothing
    where: Where | None = None
    table: str | None = None


def dump_dossiers(
    store: Store,
    demarche: int,
    *,
    format: str = "json",  # noqa: A002 - the command's own word
    out: BinaryIO | Path,
    raw: bool = False,
    options: Options | None = None,
    **conditions: Unpack[Conditions],
) -> int:
    """Write a démarche's live dossiers, ordered by number: as mapped, or with `raw` as pulled.

    `conditions` are those of `Store.dossiers`. A path is written whole or not at all. It is a file; for csv
    and parquet it is a folder, or a file with one `table`. An OSError of a stream (a closed pipe) is left to
    the caller. Returns how many dossiers were read. Raises ConfigurationError for a format, a table, a path
    or a combination that is not possible, and for a dossier that another model mapped; StoreError when the
    store or the disk fails.
    """
    options = options or Options()
    _check(format, raw, options)
    if raw:
        dossiers = _keep(store.dossiers(demarche, **conditions), options.where)
        return _dump_objects(FORMATS[format], (encode_json(each.raw) for each in dossiers), out)
    also: set[Part] = {"account"} if options.hider else set()
    if format in TABLES:
        also.add("row_ids")
    documents = _keep(store.documents(demarche, also=also, **conditions), options.where)
    if format in FORMATS:
        return _dump_objects(FORMATS[format], _read_objects(documents, options.hider), out)
    return _dump_tables(format, documents, out, options)


def _check(format_name: str, raw: bool, options: Options) -> None:
    if format_name not in FORMATS and format_name not in TABLES:
        known = ", ".join([*FORMATS, *TABLES])
        raise ConfigurationError(f"no dump format {format_name!r} (known: {known})")
    if raw and options.hider:
        raise ConfigurationError("a raw dump holds everything that was filed: it cannot be pseudonymised")
    if raw and format_name not in FORMATS:
        raise ConfigurationError(
            f"a raw dump is json or ndjson: {format_name} holds tables of mapped dossiers"
        )
    if options.table is not None and format_name not in TABLES:
        raise ConfigurationError(f"--table goes with {', '.join(TABLES)}: {format_name} has whole dossiers")


def _keep(stored: Iterator[_Stored], where: Where | None) -> Iterator[_Stored]:
    """The dossiers that meet the conditions on fields."""
    for each in stored:
        if where is None or where.keeps(each.document, Facts(each.number, each.valid, {})):
            yield each


def need_extra(what: str, module: str | None) -> None:
    """Raise ConfigurationError unless `module`, which the extra `dump` brings, is installed."""
    if module is not None and find_spec(module) is None:
        raise MissingExtraError(what, "dump")


def _read_objects(stored: Iterator[StoredDocument], hider: Hider | None) -> Iterator[bytes]:
    for each in stored:
        # Without a hider the text is written as the store holds it: nothing is parsed.
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
    layout = options.described.layout(pseudonymised=options.hider is not None)
    if options.table is not None:
        layout = OneTable(layout, options.table)
    counted = _Counted(stored)
    rows = _split(counted, layout, options.hider)
    one = options.table is not None
    if one and format_name == "csv" and not isinstance(out, Path):
        csv.write_one(layout.tables[0], rows, out)
        return counted.count
    path = _check_output(format_name, out, layout, one=one)
    if format_name == "xlsx":
        _write_workbook(layout, rows, path, options)
    elif one and names_file(path):
        _write_one(format_name, layout.tables[0], rows, path)
    else:
        _write_folder(format_name, layout, rows, path, options)
    return counted.count


def _check_output(format_name: str, out: BinaryIO | Path, layout: Layout, *, one: bool) -> Path:
    if not isinstance(out, Path):
        what = "a workbook" if format_name == "xlsx" else "a file" if one else "a folder"
        raise ConfigurationError(f"format {format_name} writes {what}: name it with --output")
    if format_name != "xlsx" and not one and names_file(out):
        known = ", ".join(table.name for table in layout.tables)
        raise ConfigurationError(
            f"output {str(out)!r}: it is the name of a file, and {format_name} writes one file a table: "
            f"give a folder's name, or ask for one table with --table (known: {known})"
        )
    return out


def names_file(out: Path) -> bool:
    """Whether the path has the ending of a file of tables, and no folder stands there."""
    return out.suffix.lower() in _FILE_ENDINGS and not out.is_dir()


class _Counted:
    """Gives the documents as they are read, and counts them."""

    def __init__(self, stored: Iterator[StoredDocument]) -> None:
        self.count = 0
        self._stored = stored

    def __iter__(self) -> Iterator[StoredDocument]:
        for each in self._stored:
            self.count += 1
            yield each


def _split(
    stored: Iterable[StoredDocument], layout: Layout, hider: Hider | None
) -> Iterator[tuple[str, Cells]]:
    for each in stored:
        document = hider.hide(each.document, each.account) if hider else each.document
        yield from layout.split(document, Facts(each.number, each.valid, each.row_ids))


def _write_one(format_name: str, table: Table, rows: Iterator[tuple[str, Cells]], out: Path) -> None:
    with replacing(out) as stream:
        if format_name == "csv":
            csv.write_one(table, rows, stream)
        else:
            from ds_bridge.dump import parquet

            parquet.write_one(table, rows, stream, beside=out.resolve())


def _write_workbook(layout: Layout, rows: Iterator[tuple[str, Cells]], out: Path, options: Options) -> None:
    from ds_bridge.dump import xlsx

    # Beside the file: /tmp may be small, and is not the place for people's data.
    beside = out.resolve()
    with (
        replacing(out) as stream,
        tempfile.TemporaryDirectory(dir=beside.parent, prefix=f".{beside.name}.parts.") as scratch,
    ):
        xlsx.write(layout.tables, rows, stream, scratch=Path(scratch), tell=options.tell)


def _write_folder(
    format_name: str, layout: Layout, rows: Iterator[tuple[str, Cells]], out: Path, options: Options
) -> None:
    assert options.described is not None  # noqa: S101 - checked by the caller, for the types
    with replacing_folder(out) as folder:
        if format_name == "csv":
            counts, ending = csv.write(layout.tables, rows, folder), csv.ENDING
        else:
            from ds_bridge.dump import parquet

            counts, ending = parquet.write(layout.tables, rows, folder), parquet.ENDING
        manifest = describe_dump(
            options.described, layout, ending, counts, pseudonymised=options.hider is not None
        )
        with open_private(folder / MANIFEST) as stream:
            stream.write(_indent(manifest))


def _indent(value: dict[str, Any]) -> str:
    import orjson

    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n"
