"""The manifest of files: what was downloaded of each dossier, where it lies, and what could not be
downloaded.

`ds_bridge.files` writes it. When a dossier is purged, its lines in the manifest go too. The files themselves
stay: they are the user's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, select

from ds_bridge.store.tables import dossiers, files
from ds_bridge.store.upsert import insert_into

FileKey: TypeAlias = tuple[str, str, str, int]
"""Where a file stands in its dossier: source, champ, row and place among the files there."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a dossier. `source` is `champ`, `annotation`, `message`, `avis`, `attestation`…

    `champ` is the champ's id (for a message or an avis: its own id), `row_id` is empty outside blocks,
    `checksum` is the platform's (base64 MD5), `size` is in bytes. When `path` is None the file was never
    downloaded, and `problem` says why. When both are set, an earlier content is at `path` and the present one
    could not be downloaded.
    """

    dossier: int
    source: str
    champ: str
    row_id: str
    position: int
    filename: str = field(repr=False)
    content_type: str
    size: int
    checksum: str
    path: str | None = field(default=None, repr=False)
    fetched_at: datetime | None = None
    problem: str | None = None

    @property
    def key(self) -> FileKey:
        return (self.source, self.champ, self.row_id, self.position)


_KEY = ("dossier", "source", "champ", "row_id", "position")
_NAMES = tuple(column.name for column in files.c)


def save_files(connection: Connection, entries: Sequence[StoredFile]) -> None:
    """Write each file; it replaces what its key held. Files of dossiers purged meanwhile are left out."""
    known = select(dossiers.c.number).where(dossiers.c.number.in_({each.dossier for each in entries}))
    present = set(connection.scalars(known))
    entries = [each for each in entries if each.dossier in present]
    if not entries:
        return
    statement = insert_into(files, connection.dialect.name)
    statement = statement.on_conflict_do_update(
        index_elements=list(_KEY),
        set_={name: statement.excluded[name] for name in _NAMES if name not in _KEY},
    )
    connection.execute(statement, [{name: getattr(each, name) for name in _NAMES} for each in entries])


def list_files(connection: Connection, demarche: int, dossier: int | None = None) -> list[StoredFile]:
    """The lines of a démarche, or of one dossier, in the order of their keys."""
    query = select(*files.c).join(dossiers, dossiers.c.number == files.c.dossier)
    query = query.where(dossiers.c.demarche == demarche)
    if dossier is not None:
        query = query.where(files.c.dossier == dossier)
    return [StoredFile(*row) for row in connection.execute(query.order_by(*(files.c[name] for name in _KEY)))]
