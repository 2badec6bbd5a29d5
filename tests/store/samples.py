"""Small dossiers, pages and dates for the store's tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from ds_bridge.store import DRAFT_LIFE, Checkpoint, DeletionEntry, DossierEntry, StoredDraft, StoredFile
from ds_bridge.store.view_columns import View, ViewColumn

DEMARCHE = 82349
PARIS = timezone(timedelta(hours=2))
NOON = datetime(2024, 5, 30, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class SampleRow:
    """A block's row, shaped as the mapping's."""

    block: str
    position: int
    row_id: str | None
    data: dict[str, Any]


@dataclass(frozen=True)
class SampleAnomaly:
    """An anomaly, shaped as the mapping's."""

    path: str
    code: str
    severity: str
    message: str


def at(hours: float) -> datetime:
    """So many hours after noon."""
    return NOON + timedelta(hours=hours)


def make_entry(
    number: int,
    *,
    modified_at: datetime = NOON,
    state: str = "en_construction",
    value: Any = "Forum",
    url: str = "https://files.example.org/1?expires=1",
    valid: bool = True,
    rows: Sequence[SampleRow] | None = None,
    anomalies: Sequence[SampleAnomaly] = (),
    document: dict[str, Any] | None = None,
) -> DossierEntry:
    """A dossier with one text, one file and one row."""
    raw = {
        "number": number,
        "state": state,
        "dateDerniereModification": modified_at.astimezone(PARIS).isoformat(),
        "champs": [
            {"__typename": "TextChamp", "id": "Q2hhbXAtMQ==", "value": value},
            {
                "__typename": "PieceJustificativeChamp",
                "files": [{"filename": "a.pdf", "checksum": "1B2M2Y8AsgTpgAmY7PhCfg==", "url": url}],
            },
        ],
    }
    if rows is None:
        rows = [SampleRow("evenements", 0, "row-1", {"nom": value, "organisateurs": ["Une commune", "Nous"]})]
    return DossierEntry(
        number=number,
        state=state,
        archived=False,
        deposited_at=NOON - timedelta(days=1),
        modified_at=modified_at,
        revision="UHJvY2VkdXJlLTE=",
        raw=raw,
        document=document or {"dossier": {"number": number}, "identite": {"nom": value}, "anomalies": []},
        valid=valid,
        rows=rows,
        anomalies=anomalies,
    )


def make_deletion(number: int, deleted_at: datetime, reason: str = "user_request") -> DeletionEntry:
    """A deletion of a dossier that was en construction."""
    return DeletionEntry(number, "en_construction", reason, deleted_at)


def make_checkpoint(cursor: str | None = "c1", stream: str = "dossiers") -> Checkpoint:
    """A checkpoint in the middle of a walk."""
    return Checkpoint(stream, since=at(-1), cursor=cursor, high_water=NOON, query_hash="q1")


def make_draft(number: int, *, created_at: datetime = NOON, **more: Any) -> StoredDraft:
    """A draft that nobody has claimed."""
    return StoredDraft(
        number=number,
        token=f"secret-{number}",
        created_at=created_at,
        expires_at=created_at + DRAFT_LIFE,
        **more,
    )


def make_views(blocks: Mapping[str, Sequence[str]]) -> list[View]:
    """A view a block, of its dossier's number and state, the row's place, and these fields as text."""
    own = (
        ViewColumn("dossier", "integer", "dossiers", ("number",)),
        ViewColumn("state", "text", "dossiers", ("state",)),
        ViewColumn("position", "integer", "block_rows", ("position",)),
    )
    return [
        View(block, (*own, *(ViewColumn(each, "text", "data", (each,)) for each in fields)), block)
        for block, fields in blocks.items()
    ]


def make_file(dossier: int, *, position: int = 0, **more: Any) -> StoredFile:
    """A file that was downloaded."""
    values: dict[str, Any] = {
        "source": "champ",
        "champ": "Q2hhbXAtMQ==",
        "row_id": "",
        "filename": "statuts.pdf",
        "content_type": "application/pdf",
        "size": 3,
        "checksum": "kAFQmDzST7DWlj99KOF/cg==",
        "path": "/var/files/1/statuts.pdf",
        "fetched_at": NOON,
    }
    return StoredFile(dossier=dossier, position=position, **(values | more))
