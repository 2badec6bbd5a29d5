"""Content: what the store keeps of a dossier beside what was pulled. JSON and a plan in, plain data out.

What is in it is encoded already, and nothing is the model's own class, so that it can come from another
process. Bad content never costs the dossier: what breaks the schema costs the value that holds it, and a
dossier that the model's own code fails on is kept without a document.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from pydantic import ValidationError

from ds_bridge.api.head import Head
from ds_bridge.api.records import Dossier, read_dossier
from ds_bridge.errors import BadDataError, DsBridgeError
from ds_bridge.mapping.anomalies import Anomaly
from ds_bridge.mapping.faults import reported_faults
from ds_bridge.mapping.mapped import BlockRow
from ds_bridge.mapping.mapper import map_dossier
from ds_bridge.mapping.plan import Plan
from ds_bridge.store.encoding import EncodedJson, decode_json, encode_json, fingerprint_mapped


@dataclass(frozen=True, slots=True)
class Content:
    """`document`, `rows` and `anomalies` as mapped; `fault` says where the model's own code failed."""

    document: EncodedJson
    fingerprint: str
    valid: bool = False
    rows: Sequence[BlockRow] = field(default=(), repr=False)
    anomalies: Sequence[Anomaly] = field(default=(), repr=False)
    fault: str | None = None

    @classmethod
    def of(
        cls,
        document: Any,
        *,
        valid: bool = False,
        rows: Sequence[BlockRow] = (),
        anomalies: Sequence[Anomaly] = (),
        fault: str | None = None,
    ) -> Self:
        """Encoded, its fingerprint taken before."""
        fingerprint = fingerprint_mapped(document, valid, rows, anomalies)
        encoded = [BlockRow(row.block, row.position, row.row_id, encode_json(row.data)) for row in rows]
        return cls(encode_json(document), fingerprint, valid, encoded, tuple(anomalies), fault)

    def __reduce__(self) -> tuple[Any, ...]:
        # Rows go to another process as plain tuples of bytes: as they are, they take five times as long.
        rows = [(row.block, row.position, row.row_id, bytes(encode_json(row.data))) for row in self.rows]
        return _put_together, (self.document, self.fingerprint, self.valid, rows, self.anomalies, self.fault)


def _put_together(
    document: EncodedJson,
    fingerprint: str,
    valid: bool,
    rows: list[tuple[str, int, str | None, bytes]],
    anomalies: Sequence[Anomaly],
    fault: str | None,
) -> Content:
    encoded = [BlockRow(block, position, row_id, EncodedJson(data)) for block, position, row_id, data in rows]
    return Content(document, fingerprint, valid, encoded, anomalies, fault)


def read_content(plan: Plan | None, raw: EncodedJson, demarche: int) -> Content:
    """Map one raw dossier. One that the model calls bad data is invalid, with an anomaly that says so.

    Raises BadDataError when not even its number, state and dates can be read.
    """
    try:
        mapped = map_dossier(plan, _read_dossier(raw), demarche)
    except BadDataError as error:
        return _leave_unmapped(raw, demarche, "unreadable", str(error))
    return Content.of(
        mapped.document(),
        valid=mapped.valid,
        rows=mapped.rows(),
        anomalies=mapped.anomalies,
    )


def pull_content(plan: Plan | None, raw: EncodedJson, demarche: int) -> Content:
    """As `read_content`, but a fault of the model's own code costs this dossier its document, not the night.

    An anomaly says where the fault is: `remap` mends it afterwards.
    """
    try:
        with reported_faults():
            return read_content(plan, raw, demarche)
    except BadDataError:
        raise
    except DsBridgeError as error:
        return _leave_unmapped(raw, demarche, "fault", str(error), fault=str(error))


def pull_contents(plan: Plan | None, raws: Iterable[EncodedJson], demarche: int) -> list[Content]:
    """One for each raw dossier, in order; see `pull_content`."""
    return [pull_content(plan, raw, demarche) for raw in raws]


def _read_dossier(raw: EncodedJson) -> Dossier:
    # From JSON and not from the node: the dictionaries in between cost as much as the records.
    try:
        return Dossier.model_validate_json(raw)
    except ValidationError:
        return read_dossier(decode_json(raw))


def _leave_unmapped(
    raw: EncodedJson, demarche: int, code: str, reason: str, fault: str | None = None
) -> Content:
    head = Head.of(decode_json(raw))
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
    return Content.of(document, anomalies=[anomaly], fault=fault)
