"""Content: what the store keeps of a dossier beside what was pulled. Raw nodes and a plan in, plain data out.

Nothing in it is the model's own class, so that it can come from another process. Bad content never costs the
dossier: one that breaks the schema, or that the model's own code fails on, is kept without a document.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ds_bridge.api.base import Raw, Record, parse_record
from ds_bridge.api.records import Dossier
from ds_bridge.errors import BadDataError, DsBridgeError
from ds_bridge.faults import reported_faults
from ds_bridge.mapping.anomalies import Anomaly
from ds_bridge.mapping.mapped import BlockRow
from ds_bridge.mapping.mapper import map_dossier
from ds_bridge.mapping.plan import Plan


class Head(Record):
    """The least that a node must say of itself to be a dossier."""

    number: int
    state: str
    archived: bool = False
    date_depot: dt.datetime
    date_derniere_modification: dt.datetime


@dataclass(frozen=True, slots=True)
class Content:
    """`document`, `rows` and `anomalies` as mapped; `fault` says where the model's own code failed."""

    head: Head
    document: dict[str, Any] = field(repr=False)
    valid: bool = False
    rows: list[BlockRow] = field(default_factory=list, repr=False)
    anomalies: list[Anomaly] = field(default_factory=list, repr=False)
    fault: str | None = None


def read_content(plan: Plan | None, node: Raw, demarche: int) -> Content:
    """Map one raw dossier. One that breaks the schema is invalid, with an anomaly that says so.

    Raises BadDataError when not even its number, state and dates can be read.
    """
    head = _read_head(node)
    try:
        mapped = map_dossier(plan, parse_record(Dossier, node), demarche)
    except BadDataError as error:
        return _leave_unmapped(head, demarche, "unreadable", str(error))
    return Content(head, mapped.document(), mapped.valid, mapped.rows(), list(mapped.anomalies))


def pull_content(plan: Plan | None, node: Raw, demarche: int) -> Content:
    """As `read_content`, but a fault of the model's own code costs this dossier its document, not the night.

    An anomaly says where the fault is: `remap` mends it afterwards.
    """
    try:
        with reported_faults():
            return read_content(plan, node, demarche)
    except BadDataError:
        raise
    except DsBridgeError as error:
        return _leave_unmapped(_read_head(node), demarche, "fault", str(error), fault=str(error))


def pull_contents(plan: Plan | None, nodes: Iterable[Raw], demarche: int) -> list[Content | BadDataError]:
    """One for each node, in order: its content, or why there is none."""
    contents: list[Content | BadDataError] = []
    for node in nodes:
        try:
            contents.append(pull_content(plan, node, demarche))
        except BadDataError as error:
            contents.append(error)
    return contents


def _read_head(node: Raw) -> Head:
    try:
        return Head.model_validate(node)
    except ValidationError:
        raise BadDataError("a dossier came without a readable number, state or dates") from None


def _leave_unmapped(head: Head, demarche: int, code: str, reason: str, fault: str | None = None) -> Content:
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
    return Content(head, document, anomalies=[anomaly], fault=fault)
