"""Content: what the store keeps of a dossier beside its raw JSON. Takes a node and a plan, gives plain data.

Bad content never loses a dossier. A value that breaks the schema is lost alone. When the model's own code
fails on a dossier, the store keeps the dossier without a document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ds_bridge.api.base import Raw
from ds_bridge.api.head import Head
from ds_bridge.api.records import Dossier, read_dossier
from ds_bridge.errors import BadDataError, DsBridgeError
from ds_bridge.mapping.anomalies import Anomaly
from ds_bridge.mapping.faults import reported_faults
from ds_bridge.mapping.mapped import BlockRow
from ds_bridge.mapping.mapper import map_dossier
from ds_bridge.mapping.plan import Plan
from ds_bridge.store.encoding import decode_json, encode_json


@dataclass(frozen=True, slots=True)
class Content:
    """`document`, `rows` and `anomalies` as mapped; `fault` says where the model's own code failed."""

    document: dict[str, Any] = field(repr=False)
    valid: bool = False
    rows: Sequence[BlockRow] = field(default=(), repr=False)
    anomalies: Sequence[Anomaly] = field(default=(), repr=False)
    fault: str | None = None


def read_content(plan: Plan | None, node: Raw, demarche: int) -> Content:
    """Map one raw dossier. When the model calls it bad data, it is invalid, and an anomaly says so.

    Raises BadDataError when not even its number, state and dates can be read.
    """
    try:
        mapped = map_dossier(plan, _read_dossier(node), demarche)
    except BadDataError as error:
        return _leave_unmapped(node, demarche, "unreadable", str(error))
    return Content(mapped.document(), mapped.valid, mapped.rows(), mapped.anomalies)


def pull_content(plan: Plan | None, node: Raw, demarche: int) -> Content:
    """Like `read_content`. When the model's own code fails, this dossier gets no document and the run goes
    on.

    An anomaly says where the code failed. Once the model is mended, `remap` makes the document.
    """
    try:
        with reported_faults():
            return read_content(plan, node, demarche)
    except BadDataError:
        raise
    except DsBridgeError as error:
        return _leave_unmapped(node, demarche, "fault", str(error), fault=str(error))


def _read_dossier(node: Raw) -> Dossier:
    # Map from JSON as the store keeps it: so a pull and a later remap give the same content.
    raw = encode_json(node)
    try:
        return Dossier.model_validate_json(raw)
    except ValidationError:
        return read_dossier(decode_json(raw))


def _leave_unmapped(node: Raw, demarche: int, code: str, reason: str, fault: str | None = None) -> Content:
    head = Head.of(node)
    anomaly = Anomaly(path="", code=code, severity="error", message=reason)
    document: dict[str, Any] = {
        "dossier": {
            "demarche": demarche,
            "number": head.number,
            "state": head.state,
            "archived": head.archived,
        },
        "anomalies": [anomaly.model_dump(mode="json")],
    }
    return Content(document, anomalies=[anomaly], fault=fault)
