"""Entries: a raw node and its content in, what the store keeps of it out."""

from __future__ import annotations

from ds_bridge.api.base import Raw, parse_record
from ds_bridge.api.records import DeletedDossier
from ds_bridge.encoding import EncodedJson
from ds_bridge.log import get_logger
from ds_bridge.mapping.content import Content
from ds_bridge.store import DeletionEntry, DossierEntry, PreparedEntry

_log = get_logger("ds_bridge.sync")


def make_entry(node: Raw, raw: EncodedJson, content: Content) -> PreparedEntry:
    """One dossier as the store keeps it; `raw` is the node, encoded. A fault of the model goes to the log."""
    head = content.head
    if content.fault is not None:
        _log.error("dossier not mapped", dossier=head.number, detail=content.fault)
    entry = DossierEntry(
        number=head.number,
        state=head.state,
        archived=head.archived,
        deposited_at=head.deposited_at,
        modified_at=head.modified_at,
        revision=_revision_of(node),
        raw=raw,
        document=content.document,
        valid=content.valid,
        rows=content.rows,
        anomalies=content.anomalies,
    )
    return PreparedEntry(entry, entry.fingerprint(node), content.fingerprint)


def read_deletion(node: Raw) -> DeletionEntry:
    """One deletion as the store keeps it. Raises BadDataError."""
    record = parse_record(DeletedDossier, node)
    return DeletionEntry(
        number=record.number, state=record.state, reason=record.reason, deleted_at=record.date_supression
    )


def _revision_of(node: Raw) -> str | None:
    demarche = node.get("demarche")
    revision = demarche.get("revision") if isinstance(demarche, dict) else None
    return revision.get("id") if isinstance(revision, dict) else None
