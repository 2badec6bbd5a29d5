"""Entries: a raw node in, what the store keeps of it out. Bad content never costs the dossier."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from ds_bridge.api.base import Raw, Record
from ds_bridge.api.client import parse_record
from ds_bridge.api.records import DeletedDossier, Dossier
from ds_bridge.errors import BadDataError, DsBridgeError
from ds_bridge.log import get_logger
from ds_bridge.mapping import Anomaly, Plan, map_dossier
from ds_bridge.store import DeletionEntry, DossierEntry
from ds_bridge.sync.faults import reported_faults

_log = get_logger("ds_bridge.sync")


class _Header(Record):
    number: int
    state: str
    archived: bool = False
    date_depot: dt.datetime
    date_derniere_modification: dt.datetime


def pull_entry(node: Raw, plan: Plan | None, demarche: int) -> DossierEntry:
    """As `read_entry`, but a fault of the model's own code costs this dossier its document, not the night.

    The dossier is kept raw, invalid, and an anomaly says where the fault is: `remap` mends it afterwards.
    """
    try:
        with reported_faults():
            return read_entry(node, plan, demarche)
    except BadDataError:
        raise
    except DsBridgeError as error:
        header = _Header.model_validate(node)
        _log.error("dossier not mapped", dossier=header.number, detail=str(error))
        return _unmapped(node, header, demarche, "fault", str(error))


def read_entry(node: Raw, plan: Plan | None, demarche: int) -> DossierEntry:
    """Map one raw dossier. One that breaks the schema is kept raw, invalid, with an anomaly that says so.

    Raises BadDataError when not even its number, state and dates can be read.
    """
    try:
        header = _Header.model_validate(node)
    except ValidationError:
        raise BadDataError("a dossier came without a readable number, state or dates") from None
    try:
        mapped = map_dossier(plan, parse_record(Dossier, node), demarche)
    except BadDataError as error:
        return _unmapped(node, header, demarche, "unreadable", str(error))
    return replace(
        _bare_entry(node, header, mapped.document()),
        valid=mapped.valid,
        rows=mapped.rows(),
        anomalies=list(mapped.anomalies),
    )


def read_deletion(node: Raw) -> DeletionEntry:
    """One deletion as the store keeps it. Raises BadDataError."""
    record = parse_record(DeletedDossier, node)
    return DeletionEntry(
        number=record.number, state=record.state, reason=record.reason, deleted_at=record.date_supression
    )


def _unmapped(node: Raw, header: _Header, demarche: int, code: str, reason: str) -> DossierEntry:
    anomaly = Anomaly(path="", code=code, severity="error", message=reason)
    document: dict[str, Any] = {
        "dossier": {
            "demarche": demarche,
            "number": header.number,
            "state": header.state,
            "archived": header.archived,
        },
        "anomalies": [anomaly.model_dump(mode="json")],
    }
    return replace(_bare_entry(node, header, document), anomalies=[anomaly])


def _bare_entry(node: Raw, header: _Header, document: dict[str, Any]) -> DossierEntry:
    """What every entry takes from the node's header; invalid until a mapping says otherwise."""
    return DossierEntry(
        number=header.number,
        state=header.state,
        archived=header.archived,
        deposited_at=header.date_depot,
        modified_at=header.date_derniere_modification,
        revision=_revision_of(node),
        raw=node,
        document=document,
        valid=False,
        rows=[],
        anomalies=[],
    )


def _revision_of(node: Raw) -> str | None:
    demarche = node.get("demarche")
    revision = demarche.get("revision") if isinstance(demarche, dict) else None
    return revision.get("id") if isinstance(revision, dict) else None
