"""`dump_dossiers`: from the store's live dossiers to a stream or a file, in one of the formats."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from ds_bridge.dump import json, ndjson
from ds_bridge.dump.file import replacing
from ds_bridge.dump.interface import Writer
from ds_bridge.errors import ConfigurationError
from ds_bridge.store import Store

FORMATS: Mapping[str, Writer] = {"json": json.write, "ndjson": ndjson.write}


def dump_dossiers(
    store: Store,
    demarche: int,
    *,
    format: str = "json",  # noqa: A002 - the command's own word
    out: BinaryIO | Path,
    raw: bool = False,
    states: Collection[str] | None = None,
    since: datetime | None = None,
) -> int:
    """Write a démarche's live dossiers by number: as mapped, or as pulled with `raw`.

    `since` is the earliest modification. A path is written whole or not at all; an OSError of a stream (a
    closed pipe) is left to the caller. Returns how many dossiers were written.
    Raises ConfigurationError for a format or a path that cannot be, StoreError when the store or disk fails.
    """
    writer = FORMATS.get(format)
    if writer is None:
        raise ConfigurationError(f"no dump format {format!r} (known: {', '.join(FORMATS)})")
    stored = store.dossiers(demarche, states=states, since=since)
    objects = (dossier.raw if raw else dossier.document for dossier in stored)
    if not isinstance(out, Path):
        return writer(objects, out)
    with replacing(out) as stream:
        return writer(objects, stream)
