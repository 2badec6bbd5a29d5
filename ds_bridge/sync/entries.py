"""Entries: takes a pulled dossier and what mapping made of it, gives what the store keeps."""

from __future__ import annotations

from ds_bridge.api.base import Raw, parse_record
from ds_bridge.api.records import DeletedDossier
from ds_bridge.log import get_logger
from ds_bridge.mapping.person import PersonChamp
from ds_bridge.store import DeletionEntry, DossierEntry
from ds_bridge.sync.content import Content
from ds_bridge.sync.pulled import Pulled

_log = get_logger("ds_bridge.sync")


def make_entry(pulled: Pulled, content: Content, person: PersonChamp) -> DossierEntry:
    """One dossier as the store keeps it. A fault of the model goes to the log."""
    head = pulled.head
    if content.fault is not None:
        _log.error("dossier not mapped", dossier=head.number, detail=content.fault)
    return DossierEntry(
        number=head.number,
        state=head.state,
        archived=head.archived,
        deposited_at=head.date_depot,
        modified_at=head.date_derniere_modification,
        revision=pulled.revision,
        raw=pulled.node,
        document=content.document,
        valid=content.valid,
        rows=content.rows,
        anomalies=content.anomalies,
        person=person.read(content.document, pulled.node),
    )


def read_deletion(node: Raw) -> DeletionEntry:
    """One deletion as the store keeps it. Raises BadDataError."""
    record = parse_record(DeletedDossier, node)
    return DeletionEntry(
        number=record.number, state=record.state, reason=record.reason, deleted_at=record.date_supression
    )
