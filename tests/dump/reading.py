"""What the tests of tables share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ds_bridge.config import DumpSettings
from ds_bridge.dump import Options, dump_dossiers, make_hider
from ds_bridge.store import Store
from ds_bridge.tables import describe
from tests.dump.conftest import DEMARCHES

KEY = DumpSettings(pseudonym_key="0123456789abcdef0123456789abcdef")


def dump(
    store: Store,
    name: str,
    format_name: str,
    out: Any,
    *,
    settings: DumpSettings | None = None,
    free_text: bool = True,
    demarche: Any = None,
    **arguments: Any,
) -> list[str]:
    """Dump a démarche; with `settings`, pseudonymised. Returns what was told."""
    demarche = demarche or DEMARCHES[name]
    described = describe(store, name, demarche)
    hider = make_hider(described, settings, free_text=free_text) if settings else None
    told: list[str] = []
    options = Options(described, hider, tell=told.append)
    dump_dossiers(store, demarche.number, format=format_name, out=out, options=options, **arguments)
    return told


def documents(store: Store, name: str) -> dict[int, dict[str, Any]]:
    """The stored documents by number."""
    return {each.number: each.document for each in store.dossiers(DEMARCHES[name].number)}


def read_all(folder: Path) -> bytes:
    """Every byte of a dump, whatever it is; a workbook unzipped."""
    import zipfile

    if folder.is_dir():
        return b"\n".join(file.read_bytes() for file in sorted(folder.iterdir()))
    if zipfile.is_zipfile(folder):
        with zipfile.ZipFile(folder) as book:
            return b"\n".join(book.read(name) for name in book.namelist())
    return folder.read_bytes()
